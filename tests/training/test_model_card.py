"""The card's every number is one that the run logged, under the same name; its sentences follow from them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest

from creatorlens.platforms import Platform
from creatorlens.settings import Settings
from features.catalogue import NAMES
from tests.training.conftest import Make
from training import tracking
from training.backtest import BacktestReport, contenders
from training.card_words import limits
from training.forecaster import Forecaster
from training.metrics import measures
from training.model_card import DESCRIPTION_CHARS, card_facts, description, log_card
from training.train import flat_metrics

TAGS = {
    "data_hash": "d" * 64,
    "code_hash": "c" * 64,
    "git_commit": "abc",
    "lineage_id": "l" * 32,
    "other": "x",
}


@dataclass(frozen=True)
class Described:
    """What a card asks of a forecaster (tests of registration make the card of one that was trained)."""

    platform: Platform
    feature_names: tuple[str, ...]
    experts: dict[str, None]
    left_out: dict[str, int] = field(default_factory=dict)
    text_encoder: str | None = None


@dataclass(frozen=True)
class Carded:
    facts: dict[str, Any]
    markdown: str
    metrics: dict[str, float]
    tags: dict[str, str]
    predictions: pd.DataFrame
    rows: pd.DataFrame


@pytest.fixture(scope="module")
def carded(make_rows: Make, tmp_path_factory: pytest.TempPathFactory) -> Carded:
    """A card logged with a real run; its backtest is drawn with known faults."""
    import mlflow

    rows = make_rows(posts=600, channels=12)
    rows["is_image"] = (np.arange(len(rows)) % 3 > 0).astype(np.float32)
    rows["is_video"] = 1 - rows["is_image"]
    for other in ("is_album", "is_text", "is_link", "is_audio"):
        rows[other] = np.float32(0)
    model = cast(Forecaster, Described(Platform.INSTAGRAM, tuple(NAMES), {"instagram-likes-1": None}))
    report = _report(rows)
    folder = tmp_path_factory.mktemp("card")
    settings = Settings(home=folder / "home")
    client = tracking.connect(settings)
    experiment = tracking.experiment(client, settings, Platform.INSTAGRAM)
    metrics = flat_metrics(report.summary)
    with mlflow.start_run(experiment_id=experiment, tags=TAGS) as run:
        mlflow.log_metrics(metrics)
        facts = card_facts(model, rows, report, metrics, TAGS, [f"numpy=={version('numpy')}"])
        log_card(facts, folder)
    found = client.get_run(run.info.run_id)
    text = Path(client.download_artifacts(run.info.run_id, "card/card.md", str(folder))).read_text()
    stored = json.loads(
        Path(client.download_artifacts(run.info.run_id, "card/card.json", str(folder))).read_text()
    )
    return Carded(stored, text, found.data.metrics, found.data.tags, report.predictions, rows)


def test_every_number_of_the_tables_is_the_runs(carded: Carded) -> None:
    tables = _tables(carded.markdown)
    words = {one["words"]: f"segment_{one['name']}_" for one in carded.facts["segments"]} | {
        "all": "backtest_"
    }
    columns = {
        "posts": "n", "mae_ln": "mae_ln", "floor mae_ln": "floor_mae_ln", "plain mae_ln": "plain_xgboost_mae_ln",
        "pinball": "pinball", "floor pinball": "floor_pinball", "plain pinball": "plain_xgboost_pinball",
        "coverage80": "coverage80", "width80": "width80",
    }  # fmt: skip
    compared = 0
    for row in tables["Figures by segment"]:
        for column, key in columns.items():
            compared += _same(row[column], carded.metrics[words[row["kind of post"]] + key])
    for i, row in enumerate(tables["How it was split"], start=1):
        for column, value in row.items():
            if column != "cut-off":
                compared += _same(
                    value, carded.metrics[f"cut_off_{i}_{column.replace(' ln', '_ln').replace(' ', '_')}"]
                )
    data = {row["data"]: row["value"] for row in tables["Data"]}
    for words_, key in (("rows", "data_rows"), ("posts", "data_posts"), ("channels", "data_channels"),
                        ("share back-filled", "data_backfilled_share"), ("rows left out", "data_rows_left_out"),
                        ("features", "data_features")):  # fmt: skip
        compared += _same(data[words_], carded.metrics[key])
    for name in ("data_hash", "code_hash", "lineage_id", "git_commit"):
        assert data[name].strip("`") == carded.tags[name]
    calibration = [row["share"] for row in tables["Calibration"]]
    logged = ["calibration_below_p10", "calibration_below_p50", "calibration_below_p90", "backtest_coverage80",
              "calibration_beats_floor_stated", "calibration_beats_floor_came_true"]  # fmt: skip
    for value, key in zip(calibration, logged, strict=True):
        compared += _same(value, carded.metrics[key])
    assert compared > 100


def test_every_number_in_the_limits_is_the_runs(carded: Carded) -> None:
    logged = {_printed(key, value) for key, value in carded.metrics.items()}
    said = " ".join(carded.facts["limits"]).replace("80 %", "").replace("p10", "").replace("XGBoost", "")
    numbers = re.findall(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?![\w])", said)
    assert len(numbers) >= 5
    assert [number for number in numbers if number not in logged] == []


def test_facts_and_run_hold_the_same_numbers(carded: Carded) -> None:
    assert carded.facts["numbers"] == {key: carded.metrics[key] for key in carded.facts["numbers"]}


def test_segments_are_what_they_say(carded: Carded) -> None:
    video = carded.predictions["post_id"].isin(carded.rows.loc[carded.rows["is_video"] > 0, "post_id"])
    part = carded.predictions.loc[video]
    own = measures(
        part["channel_id"],
        part["truth"].to_numpy(),
        part[["served_p10", "served_p50", "served_p90"]].to_numpy(),
    )
    assert carded.metrics["segment_media_video_n"] == video.sum()
    assert carded.metrics["segment_media_video_mae_ln"] == pytest.approx(own["mae_ln"])
    assert (
        carded.metrics["segment_unseen_channels_n"]
        == (carded.predictions["channel_id"] == "instagram:new").sum()
    )
    assert carded.metrics["segment_without_history_n"] == carded.predictions["floor_ln"].isna().sum()
    thirds = [carded.metrics[f"segment_size_{size}_n"] for size in ("small", "medium", "large")]
    assert sum(thirds) == carded.predictions["floor_ln"].notna().sum()
    assert max(thirds) - min(thirds) <= 2
    assert carded.metrics["segment_backfilled_n"] + carded.metrics["segment_observed_n"] == len(
        carded.predictions
    )


def test_limits_name_what_went_wrong_and_nothing_else(carded: Carded) -> None:
    said = "\n".join(carded.facts["limits"])
    assert re.search(
        r"Media type video: the 80 % interval held 0\.\d+ of \d+ outcomes; too narrow there\.", said
    )
    assert "Media type image: the 80 %" not in said
    assert "Outcomes back-filled: the floor was as good or better in mae_ln" in said
    assert re.search(r"Too few posts to judge: .*channels never seen in training \(10\)", said)
    assert "Trained on 600 rows only." in said
    assert "back-filled: nobody saw" not in said
    well = dict(carded.facts["numbers"])
    for key in well:
        well[key] = (
            0.8 if key.endswith("coverage80") else 0.1 if key.endswith(("_mae_ln", "_pinball")) else well[key]
        )
        well[key] = 0.5 if "floor_" in key else 100.0 if key.endswith("_n") else well[key]
    well |= {"data_rows": 9_000.0, "backtest_share_posts_shown": 1.0}
    clean = carded.facts | {"numbers": well, "text_encoder": "m", "media": True}
    assert limits(clean) == []


def test_a_description_is_what_fits_of_the_card(carded: Carded) -> None:
    assert description(carded.markdown) == carded.markdown or len(carded.markdown) > DESCRIPTION_CHARS
    long = description(carded.markdown + "\n## More\n\n" + "x" * DESCRIPTION_CHARS)
    assert len(long) <= DESCRIPTION_CHARS
    assert long.startswith(carded.markdown[:500])
    assert "card/card.md" in long


def _report(rows: pd.DataFrame) -> BacktestReport:
    """The last third forecast in four steps: videos with intervals too narrow, the middle otherwise right."""
    random = np.random.default_rng(5)
    ahead = rows.tail(240).reset_index(drop=True)
    out = ahead[
        ["post_id", "channel_id", "published_at", "age_h", "backfilled", "metric_definition", "base_ln"]
    ].copy()
    out.loc[:9, "channel_id"] = "instagram:new"
    out["truth"] = np.log1p(ahead["outcome"].to_numpy())
    out["floor_ln"] = np.log1p(ahead["floor"].to_numpy())
    out.loc[:24, "floor_ln"] = np.nan
    middle = out["truth"] + 0.4 * random.normal(size=len(out))
    width = np.where(ahead["is_video"] > 0, 0.15, 0.4 * 1.2816)
    for who, at in (
        ("served", middle),
        ("model", middle),
        ("floor", out["floor_ln"].fillna(7.0)),
        ("plain", middle + 0.5),
    ):
        out[f"{who}_p10"], out[f"{who}_p50"], out[f"{who}_p90"] = at - width, at, at + width
    # back-filled ones are those where the floor is closer
    close = np.add(out.loc[180:, ["truth"] * 3].to_numpy(), [-0.1, 0.0, 0.1])
    out.loc[180:, ["floor_p10", "floor_p50", "floor_p90"]] = close
    out["backfilled"] = np.arange(len(out)) >= 180
    out["prob_beats_floor"], out["abstained"] = 0.5, np.arange(len(out)) % 10 == 0
    cuts = pd.date_range(ahead["published_at"].min(), periods=4, freq="40D")
    out["cut_off"] = cuts[np.arange(len(out)) // 60]
    summary = {
        "platform": "instagram", "from": cuts[0].isoformat(), **contenders(out), "share_shown": 1.0,
        "share_posts_shown": 0.9,
        "cut_offs": [
            {"cut_off": cut.isoformat(), "trained_on": 300 + i, **{k: v for k, v in measures(
                part["channel_id"], part["truth"].to_numpy(), part[["served_p10", "served_p50", "served_p90"]].to_numpy()
            ).items() if k in ("n", "mae_ln", "pinball", "coverage80")}, "floor_mae_ln": 0.5, "floor_pinball": 0.2}
            for i, (cut, part) in enumerate(out.groupby("cut_off"))
        ],
    }  # fmt: skip
    return BacktestReport(summary, out)


def _tables(markdown: str) -> dict[str, list[dict[str, str]]]:
    """By section, the rows of its table."""
    found = {}
    for section in markdown.split("\n## ")[1:]:
        title, _, body = section.partition("\n")
        lines = [
            [cell.strip() for cell in line.strip("|").split("|")]
            for line in body.splitlines()
            if line.startswith("|")
        ]
        if lines:
            found[title] = [dict(zip(lines[0], line, strict=True)) for line in lines[2:]]
    return found


def _same(printed: str, logged: float) -> int:
    """1 where it was a number; what is printed has three digits."""
    assert float(printed.replace(",", "")) == pytest.approx(logged, abs=0.00051)
    return 1


def _printed(key: str, value: float) -> str:
    return f"{int(value):,}" if value == int(value) and value > 1 else f"{value:.3f}"
