"""The sample corpus: synthetic and says so, the same for the same seed, with something to learn in it."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from creatorlens.errors import InputError
from services.content import sample_outcomes as outcomes
from services.content.sample import make_sample, read_manifest
from services.content.sample_channels import SampleOptions

TINY = SampleOptions(channels=2, weeks=30, later_weeks=4, media=False)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample") / "corpus"
    make_sample(folder, SampleOptions(media=False))
    return folder


def read(folder: Path, kind: str) -> pd.DataFrame:
    return pd.concat([pd.read_parquet(path) for path in sorted(folder.glob(f"*.{kind}.parquet"))])


def fingerprints(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_corpus(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        make_sample(
            tmp_path / name, SampleOptions(channels=1, weeks=30, later_weeks=4, media=False, seed=seed)
        )
    assert fingerprints(tmp_path / "a") == fingerprints(tmp_path / "b")
    assert fingerprints(tmp_path / "a") != fingerprints(tmp_path / "c")


def test_every_table_says_that_it_is_synthetic(corpus: Path) -> None:
    tables = list(corpus.rglob("*.parquet"))
    assert len(tables) == 19
    assert all(pq.read_schema(path).metadata[b"synthetic"] == b"true" for path in tables)
    assert read(corpus, "posts")["creator_id"].str.startswith("sample-").all()
    assert "synthetic" in (corpus / "README.md").read_text("utf-8").lower()


def test_it_is_large_enough_and_made_in_seconds(tmp_path: Path) -> None:
    started = time.monotonic()
    report = make_sample(tmp_path / "corpus", SampleOptions(media=False))
    assert time.monotonic() - started < 15
    assert report.channels == 24
    assert 4_000 < report.posts + report.later_posts < 7_000


def test_what_came_later_is_kept_apart(corpus: Path) -> None:
    manifest = read_manifest(corpus)
    assert manifest is not None
    cut = pd.Timestamp(manifest["cut"])
    believable = read(corpus, "posts").query("~post_id.str.startswith('sample-faulty')")
    assert (believable["published_at"] < cut).all()
    assert (read(corpus, "observations")["observed_at"] < cut).all()
    assert (read(corpus / "later", "posts")["published_at"] >= cut).all()
    later_seen = read(corpus / "later", "observations")
    assert (later_seen["observed_at"] >= cut).all()
    assert (later_seen["observed_at"] < pd.Timestamp(manifest["options"]["end"])).all()
    # posts from just before the cut go on being observed after it
    assert later_seen["post_id"].isin(believable["post_id"]).any()


def test_posts_are_observed_several_times_and_counts_never_fall(corpus: Path) -> None:
    seen = pd.concat([read(corpus, "observations"), read(corpus / "later", "observations")])
    times = seen.groupby("post_id").size()
    assert (times >= 3).mean() > 0.4
    ordered = seen.sort_values("observed_at").groupby("post_id")["likes"]
    assert (ordered.diff().dropna() >= 0).all()


def test_values_are_missing_as_in_real_tables(corpus: Path) -> None:
    posts, seen = read(corpus, "posts"), read(corpus, "observations")
    videos = posts[posts["media_type"] == "video"]
    assert 0.01 < videos["duration_s"].isna().mean() < 0.06
    assert 0.05 < posts["category"].isna().mean() < 0.15
    assert 0.01 < seen["comments"].isna().mean() < 0.04
    assert seen.loc[seen["platform"] == "youtube", "shares"].isna().all()


def test_a_few_rows_are_faulty_on_purpose(corpus: Path) -> None:
    faulty = read(corpus, "posts").query("post_id.str.startswith('sample-faulty')")
    assert len(faulty) == 6
    assert faulty["published_at"].isna().sum() == 3


def test_titles_carry_what_the_outcomes_depend_on(corpus: Path) -> None:
    """A number in the title and the channel's weekday are worth about what the formula says."""
    posts = pd.concat([read(corpus, "posts"), read(corpus / "later", "posts")])
    seen = pd.concat([read(corpus, "observations"), read(corpus / "later", "observations")])
    last = seen.sort_values("observed_at").drop_duplicates("post_id", keep="last")
    tube = posts[posts["platform"] == "youtube"].merge(last, on="post_id")
    tube["ln"] = np.log1p(tube["views"]) - np.log1p(tube["views"]).groupby(tube["creator_id"]).transform(
        "median"
    )
    numbered = tube["title"].str.contains(r"\d")
    gain = tube.loc[numbered, "ln"].mean() - tube.loc[~numbered, "ln"].mean()
    assert 0.05 < gain < 0.3
    weekend = tube["published_at"].dt.weekday >= 5
    assert tube.loc[weekend, "ln"].mean() > tube.loc[~weekend, "ln"].mean()


def test_shares_of_the_final_count_grow_with_age_to_one_at_thirty_days() -> None:
    ages = np.array([1, 24, 168, 720, 5000.0])
    share = outcomes.share_at(ages, np.full(5, 150.0), 0.15)
    assert (np.diff(share) > 0).all()
    assert share[3] == pytest.approx(1)


def test_a_folder_with_the_same_corpus_is_left_alone_and_another_one_is_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    assert make_sample(folder, TINY).made
    stamp = (folder / "sample.json").stat().st_mtime_ns
    assert not make_sample(folder, TINY).made
    assert (folder / "sample.json").stat().st_mtime_ns == stamp
    assert make_sample(folder, SampleOptions(channels=1, weeks=30, later_weeks=4, media=False)).made
    assert [path.name for path in tmp_path.iterdir()] == ["corpus"]


def test_somebody_elses_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(InputError, match="not a sample corpus"):
        make_sample(tmp_path, TINY)
    assert (tmp_path / "mine.txt").read_text() == "keep"


@pytest.mark.parametrize("wrong", [{"weeks": 2}, {"channels": 0}, {"later_weeks": 60}])
def test_impossible_sizes_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(InputError, match="must be between"):
        SampleOptions(**wrong)


def test_media_are_real_pictures_and_clips_with_sound_and_the_same_each_time(tmp_path: Path) -> None:
    import av
    from PIL import Image

    options = SampleOptions(channels=1, weeks=10, later_weeks=2)
    for name in "ab":
        make_sample(tmp_path / name, options)
    assert fingerprints(tmp_path / "a") == fingerprints(tmp_path / "b")
    media = tmp_path / "a" / "media"
    index = {entry["post_id"]: entry for entry in json.loads((media / "index.json").read_text())}
    posts = pd.concat([read(tmp_path / "a", "posts"), read(tmp_path / "a" / "later", "posts")])
    assert set(index) <= set(posts["post_id"])
    for picture in media.glob("thumbnails/*.jpg"):
        assert Image.open(picture).size == (
            index[picture.stem]["look"]["width"],
            index[picture.stem]["look"]["height"],
        )
    clips = list(media.glob("clips/*.mp4"))
    assert len(clips) >= 2
    for clip in clips:
        with av.open(str(clip)) as container:
            assert {stream.type for stream in container.streams} == {"video", "audio"}
            assert 1.9 < container.duration / 1e6 < 4.2
            loud = max(np.abs(frame.to_ndarray()).max() for frame in container.decode(audio=0))
            assert 0.05 < loud <= 1
