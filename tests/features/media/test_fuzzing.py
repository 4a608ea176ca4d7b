"""Real files with bytes changed, cut out, doubled or spliced go the whole way: sniffing, decoding, classical parts.

Whatever a decoder makes of them, it ends in a reading or in a refusal that is the file's fault, never ours.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creatorlens.reading.files import Refusal
from creatorlens.settings import Settings
from features.analysis import Found
from features.analysis_jobs import ReadFile
from features.media.archives import members
from features.media.limits import MIB, Limits
from features.media.refusing import Refused
from features.media.sniffing import examine
from features.media.worker import Workers

PICTURES = (
    "odd-images/pillow_hopper.jpg", "odd-images/pillow_hopper.webp", "odd-images/pillow_avif_hopper.avif",
    "odd-images/pillow_chi.gif", "odd-images/skimage_multipage.tif", "odd-images/pillow_apng_blend_op_over.png",
    "odd-images/pillow_p_trns_single.png", "odd-images/small_bmp.bmp", "odd-images/pillow_hopper_orientation_6.jpg",
    "odd-images/pillow_pil_sample_cmyk.jpg",
)  # fmt: skip
SOUNDS = (
    "audio/robin.ogg", "odd-audio/tinytag_silence-44-s-v1.mp3", "odd-audio/tinytag_8khz_5s.opus",
    "odd-audio/tinytag_riff_extra_zero.wav", "odd-audio/tinytag_test.m4a", "odd-audio/tinytag_variable-block.flac",
    "odd-audio/tinytag_test2.wma", "odd-audio/tinytag_gsm_6_10.wav",
)  # fmt: skip
VIDEOS = ("odd-video/small_AudioVideoInterleave.avi", "odd-video/small_webm.webm", "video/bitmap.mp4", "video/transparent.webm")  # fmt: skip
ARCHIVES = ("odd-other/small_zip.zip", "odd-other/small_tar.tar", "odd-other/small_gzip.gz")
LIMITS = Limits(seconds=20, memory_bytes=1_200 * MIB, duration_s=600, pixels=20_000_000)

Change = tuple[str, float, int]
changes = st.lists(
    st.tuples(
        st.sampled_from(["flip", "zero", "cut", "drop", "double", "huge"]),
        st.floats(0, 1),
        st.integers(0, 255),
    ),
    min_size=1,
    max_size=6,
)


def usual(examples: int) -> settings:
    return settings(
        max_examples=examples, deadline=None, database=None, derandomize=True,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )  # fmt: skip


def changed(data: bytes, how: list[Change]) -> bytes:
    out = bytearray(data)
    for what, where, value in how:
        if not out:
            break
        # squared, so that headers are hit more often than their share of bytes
        at = min(len(out) - 1, int(where * where * len(out)))
        if what == "flip":
            out[at] ^= value or 1
        elif what == "zero":
            out[at : at + 16] = bytes(len(out[at : at + 16]))
        elif what == "huge":
            out[at : at + 4] = b"\xff\xff\xff\x7f"[: len(out[at : at + 4])]
        elif what == "cut":
            del out[max(1, at) :]
        elif what == "drop":
            del out[at : at + value]
        elif what == "double":
            out[at:at] = out[at : at + value * 16]
    return bytes(out)


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_OFFLINE", "1")
        patch.setenv("OMP_NUM_THREADS", "1")
        bare = Settings(home=tmp_path_factory.mktemp("home"), model_threads=1)
        with Workers(1, "features.analysis_jobs:make_reader", bare, LIMITS) as made:
            yield made


def survive(workers: Workers, folder: Path, data: bytes) -> None:
    path = folder / "file"
    path.write_bytes(data)
    found = examine(path, limits=LIMITS)
    if isinstance(found, Refusal):
        assert found.reason != "failed"
        return
    if found.kind == "archive":
        started = time.monotonic()
        assert why_refused(path, found.mime, folder) in (
            None,
            "broken",
            "unsafe_content",
            "archive_expansion",
        )
        assert time.monotonic() - started < LIMITS.seconds
        return
    result = workers.run(ReadFile(path, found))
    if isinstance(result, Refusal):
        assert result.reason not in ("failed", "over_time"), result
    else:
        assert isinstance(result, Found)


def why_refused(path: Path, mime: str, folder: Path) -> str | None:
    try:
        for _ in members(path, mime, LIMITS, folder):
            pass
    except Refused as refused:
        return refused.reason
    return None


@usual(60)
@given(name=st.sampled_from(PICTURES), how=changes)
def test_pictures(workers: Workers, shared_media: Path, tmp_path: Path, name: str, how: list[Change]) -> None:
    survive(workers, tmp_path, changed((shared_media / name).read_bytes(), how))


@usual(30)
@given(name=st.sampled_from(SOUNDS), how=changes)
def test_sounds(workers: Workers, shared_media: Path, tmp_path: Path, name: str, how: list[Change]) -> None:
    survive(workers, tmp_path, changed((shared_media / name).read_bytes(), how))


@usual(15)
@given(name=st.sampled_from(VIDEOS), how=changes)
def test_videos(workers: Workers, shared_media: Path, tmp_path: Path, name: str, how: list[Change]) -> None:
    survive(workers, tmp_path, changed((shared_media / name).read_bytes(), how))


@usual(40)
@given(name=st.sampled_from(ARCHIVES), how=changes)
def test_archives(workers: Workers, shared_media: Path, tmp_path: Path, name: str, how: list[Change]) -> None:
    survive(workers, tmp_path, changed((shared_media / name).read_bytes(), how))


@settings(max_examples=300, deadline=None, database=None, derandomize=True)
@given(head=st.binary(max_size=300))
def test_sniffing_takes_any_bytes(tmp_path_factory: pytest.TempPathFactory, head: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(head)
    found = examine(path)
    assert not isinstance(found, Refusal) or found.reason != "failed"
