"""What lies in the inbox revises the forecasts of the posts it speaks of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from creatorlens.database import open_database, tables
from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from tests.services.insights.conftest import MEDIAN_MODEL, Book, register_median

pytestmark = pytest.mark.usefixtures("prefect_server")


def test_observations_in_the_inbox_revise_and_doing_it_again_changes_nothing(
    home: Settings, tmp_path: Path
) -> None:
    from flows.ingest import ingest
    from flows.revise import revise

    source = tmp_path / "median_model.py"
    source.write_text(MEDIAN_MODEL)
    engine = open_database(home)
    book = Book(engine, home)
    out = datetime.now(UTC) - timedelta(hours=30)
    book.post("new", out, title="A new film")
    first = book.predict(
        post_id="new", title="A new film", planned_at=out, created_at=out - timedelta(hours=1)
    )
    inbox = home.home / "inbox"
    inbox.mkdir(parents=True)
    seen = inbox / "youtube.observations.csv"
    seen.write_text(
        f"post_id,platform,observed_at,views\nnew,youtube,{(out + timedelta(hours=26)).isoformat()},500\n"
    )
    # without a model the import is done all the same
    assert ingest()[0].rows_taken == 1
    register_median(home, source, Platform.YOUTUBE, times=3)
    assert revise().revised == 1
    assert revise(Platform.YOUTUBE).unchanged == 1
    p = tables.predictions.c
    with engine.connect() as connection:
        made = connection.execute(
            select(p.horizon_h, p.p50).where(p.revises == first).order_by(p.horizon_h)
        ).all()
    assert [(row.horizon_h, row.p50) for row in made] == [(168, 1500), (720, 1500)]
    engine.dispose()
