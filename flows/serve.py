"""`python -m flows.serve`: the schedules. Runs are started as they fall due, until the process is stopped.

Files put into CREATORLENS_HOME/inbox are imported within the hour.
"""

from __future__ import annotations

from creatorlens.settings import load_settings
from flows.environment import prepare_environment


def main() -> None:
    settings = load_settings()
    prepare_environment(settings)
    (settings.home / "inbox").mkdir(parents=True, exist_ok=True)

    from prefect import serve

    from flows.analyze import analyze
    from flows.featurize import featurize
    from flows.grade import grade
    from flows.headlines import headlines
    from flows.ingest import ingest
    from flows.renew import renew
    from flows.retrain import retrain
    from flows.revise import revise

    serve(
        ingest.to_deployment("hourly", cron="5 * * * *", description="Import what lies in the inbox."),
        analyze.to_deployment("hourly", cron="10 * * * *", description="Read files that were not read yet."),
        revise.to_deployment(
            "hourly", cron="15 * * * *", description="Revise forecasts of posts seen since."
        ),
        featurize.to_deployment("hourly", cron="20 * * * *", description="Features of what is new."),
        grade.to_deployment(
            "daily", cron="30 3 * * *", description="Grade forecasts whose outcome has come."
        ),
        renew.to_deployment(
            "weekly",
            cron="0 4 * * 1",
            description="Train, and promote what beats the floor and is not worse than the champion.",
        ),
        retrain.to_deployment(
            "daily",
            cron="0 5 * * *",
            description="Look for drift and worse errors; train again where a trigger fired.",
        ),
        headlines.to_deployment(
            "weekly", cron="0 6 * * 1", description="Learn from the tests of titles and pictures known."
        ),
        limit=2,
        pause_on_shutdown=False,
    )


if __name__ == "__main__":
    main()
