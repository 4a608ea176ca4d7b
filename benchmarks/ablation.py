"""What each modality is worth to the forecasts: `python -m benchmarks ablation`.

Real posts (../shared/data) with one group of features after another taken from every model, over the same rolling
backtest as `benchmarks forecast`. No real table here comes with its media, so pictures, video and sound are tried
on a synthetic corpus whose outcomes are known to depend on how well a picture is made: that shows that the
way works, and nothing about any platform.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from creatorlens.platforms import Platform
    from creatorlens.settings import Settings

DATA = Path(__file__).parents[1] / ".." / "shared" / "data"
PLATFORMS = ("instagram", "youtube", "tiktok")
KEPT = ("mae_ln", "pinball", "spearman", "within_creator_spearman", "coverage80")
SAMPLE_CHANNELS = 6
SAMPLE_CLIPS = 40
Say = Callable[[str], None]


def run(json: bool = False) -> dict[str, Any]:
    """By platform and what was left out: the measures of the served forecast. Takes the better part of an hour."""
    # GNU OpenMP spins where cores are shared.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

    def say(message: str) -> None:
        if not json:
            print(message, file=sys.stderr, flush=True)

    out: dict[str, Any] = {"synthetic": _synthetic(say)}
    if not DATA.is_dir():
        return out | {"skipped": "the real tables (../shared/data) are not on this machine"}
    return out | {name: _real(name, say) for name in PLATFORMS}


def _real(name: str, say: Say) -> dict[str, Any]:
    from creatorlens.platforms import Platform
    from features.catalogue import names
    from training.text_directions import EMBEDDING

    platform = Platform(name)
    files = [DATA / f"{name}.{kind}.parquet" for kind in ("posts", "observations", "creators")]
    with _home() as settings:
        rows = _featurized(settings, [file for file in files if file.exists()], platform)
        cued, cues = _with_cues(settings, rows, platform)
    out: dict[str, Any] = {"everything": _measured(rows, platform)}
    for group in ("text", "calendar", "audience"):
        say(f"{name}: without {group}")
        out[f"without {group}"] = _measured(rows, platform, without=names(group))
    out["without the title's embedding"] = _measured(rows.drop(columns=EMBEDDING), platform)
    say(f"{name}: with cues and readability")
    out["with cues and readability"] = _measured(cued, platform, also=cues)
    return out


def _with_cues(
    settings: Settings, rows: pd.DataFrame, platform: Platform
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Rows with the columns of the view that models do not read."""
    import pandas as pd

    from features.feature_views import CUES_VIEW, offline_path
    from features.nlp.columns import NLP_NAMES
    from features.nlp.novelty import NOVELTY_NAMES

    names = (*NLP_NAMES, *NOVELTY_NAMES)
    cues = pd.read_parquet(offline_path(settings.features_home, CUES_VIEW, platform.value))
    cues = cues.set_index(cues["post_key"].str.partition(":")[2])
    beside = cues.loc[rows["post_id"], list(names)].reset_index(drop=True)
    return pd.concat([rows.reset_index(drop=True), beside], axis=1), names


def _measured(
    rows: pd.DataFrame, platform: Platform, *, without: Sequence[str] = (), also: tuple[str, ...] = ()
) -> dict[str, Any]:
    from training.backtest import backtest, two_thirds
    from training.columns import model_features, with_values

    names = tuple(name for name in with_values(rows, model_features()) if name not in without) + also
    summary = backtest(rows, two_thirds(rows), platform, features=names).summary
    return {key: summary[key] for key in KEPT}


def _synthetic(say: Say) -> dict[str, Any]:
    """The sample corpus with a thumbnail for every post before the cut and clips for the newest of each channel."""
    import pandas as pd

    from creatorlens.database import open_database
    from creatorlens.platforms import Platform
    from features.analysis import Options
    from features.catalogue import MEDIA_NAMES
    from services.analysis.bulk import read_assets, waiting
    from services.analysis.desk import Desk
    from services.content.importing import import_files
    from services.content.sample import make_sample
    from services.content.sample_channels import SampleOptions

    platform = Platform.YOUTUBE
    options = SampleOptions(channels=SAMPLE_CHANNELS, thumbnails=10_000, clips=SAMPLE_CLIPS)
    with _home() as settings:
        corpus = settings.home / "corpus"
        say("drawing the corpus")
        make_sample(corpus, options, say)
        tables = [
            corpus / f"{platform.value}.{kind}.parquet" for kind in ("posts", "observations", "creators")
        ]
        engine = open_database(settings)
        media = pd.read_parquet(corpus / "media.parquet")
        media[media["platform"] == platform.value].to_parquet(corpus / "own.media.parquet")
        import_files(engine, settings, [*tables, corpus / "own.media.parquet"], lambda _: None)
        with Desk(settings) as desk:
            options_of_reading = Options(transcribe=False)
            files = waiting(engine, settings, desk, options_of_reading)
            say(f"reading {len(files)} files")
            read_assets(engine, settings, desk, files, source="benchmark", options=options_of_reading)
        engine.dispose()
        rows = _featurized(settings, [], platform)
    by_modality = {
        modality: [name for name in MEDIA_NAMES if name.startswith(f"{modality}_")]
        for modality in ("image", "video", "audio")
    }
    read = {
        name: round(float(rows[names].notna().any(axis=1).mean()), 3) for name, names in by_modality.items()
    }
    out: dict[str, Any] = {"rows": len(rows), "share with": read, "everything": _measured(rows, platform)}
    for modality, names in by_modality.items():
        say(f"without {modality}")
        out[f"without {modality}"] = _measured(rows, platform, without=names)
    out["without media"] = _measured(rows, platform, without=MEDIA_NAMES)
    return out


@contextmanager
def _home() -> Iterator[Settings]:
    from creatorlens.settings import Settings

    with tempfile.TemporaryDirectory() as home:
        yield Settings(home=Path(home))


def _featurized(settings: Settings, files: list[Path], platform: Platform) -> pd.DataFrame:
    """Labelled rows through the product's own path."""
    from creatorlens.database import open_database
    from features.featurize import featurize
    from services.content.importing import import_files
    from training.train import known_rows

    engine = open_database(settings)
    if files:
        import_files(engine, settings, files, lambda _: None)
    featurize(engine, settings, platform)
    engine.dispose()
    return known_rows(settings, platform, None)
