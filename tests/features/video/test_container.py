"""What the file is, also where its header lies or lacks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from creatorlens.errors import InputError
from creatorlens.reading.video import Container
from features.media.limits import USUAL, Limits
from features.video.container import probe
from features.video.scan import scan


def facts(path: Path, limits: Limits = USUAL) -> Container:
    return probe(path, limits).container


def test_facts_of_a_known_file(shared_media: Path) -> None:
    found = facts(shared_media / "composed" / "known_answers.mp4")
    assert (found.width, found.height, found.fps, found.frames) == (640, 360, 25.0, 275)
    assert (found.video_codec, found.audio_codec, found.audio_tracks, found.audio) == ("h264", "aac", 1, True)
    assert found.duration_s == pytest.approx(11.0)
    assert (found.duration_measured, found.alpha, found.variable_frame_rate, found.subtitles) == (
        False,
        False,
        False,
        (),
    )
    assert found.bit_rate == pytest.approx(8 * 240238 / 11)


def test_a_duration_the_header_lacks_is_measured(shared_media: Path) -> None:
    found = facts(shared_media / "video" / "no_duration.webm")
    assert found.duration_measured
    assert found.duration_s == pytest.approx(74 / found.fps if found.fps else 0, abs=0.01)


def test_transparency_and_silence_are_told(shared_media: Path) -> None:
    assert facts(shared_media / "video" / "transparent.webm").alpha
    mute = facts(shared_media / "video" / "moviepy_long_example.mp4")
    assert (mute.audio_tracks, mute.audio_codec, mute.alpha) == (0, None, False)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_rotation_makes_the_picture_upright(
    clip: Callable[..., Path], photo: Callable[..., Any], turn: int
) -> None:
    import numpy as np

    upright = photo("astronaut.png", 200, 320)
    coded = np.ascontiguousarray(np.rot90(upright, turn // 90))  # as a camera held askew would store it
    # the container tells degrees against the clock, the record those that the player turns with it
    path = clip([coded] * 10, prepare=lambda stream: turn and stream.set_display_rotation(-turn % 360))
    found = probe(path, USUAL)
    assert found.container.rotation == turn
    assert (found.container.width, found.container.height) == (200, 320)
    taken = scan(path, found, USUAL).taken[0].rgb
    assert taken.shape == (320, 200, 3)
    assert np.abs(taken.astype(int) - upright).mean() < 8


def test_pixels_that_are_not_square_are_made_so(clip: Callable[..., Path], photo: Callable[..., Any]) -> None:
    def wide(stream: Any) -> None:
        stream.codec_context.sample_aspect_ratio = Fraction(2, 1)

    path = clip([photo("coffee.png", 160, 180)] * 5, prepare=wide)
    found = probe(path, USUAL)
    assert (found.container.width, found.container.height) == (320, 180)
    assert scan(path, found, USUAL).taken[0].rgb.shape == (180, 320, 3)


def test_a_varying_frame_rate_is_seen(clip: Callable[..., Path], photo: Callable[..., Any]) -> None:
    frames = [photo("coffee.png")] * 20
    assert not facts(clip(frames)).variable_frame_rate
    stamps = [index + (5 if index > 10 else 0) for index in range(20)]
    assert facts(clip(frames, stamps=stamps)).variable_frame_rate


@pytest.mark.parametrize(
    ("limits", "about"),
    [
        (replace(USUAL, duration_s=5.0), "11 s long"),
        (replace(USUAL, pixels=100_000), "640 x 360 pixels"),
        (replace(USUAL, file_bytes=1000), "240238 bytes"),
    ],
)
def test_limits_are_kept_before_anything_is_decoded(shared_media: Path, limits: Limits, about: str) -> None:
    with pytest.raises(InputError, match=about):
        facts(shared_media / "composed" / "known_answers.mp4", limits)


def test_a_song_with_a_cover_is_no_video(shared_media: Path) -> None:
    with pytest.raises(InputError, match="no picture"):
        facts(shared_media / "audio" / "with-attached-pic.mp3")


def test_words_are_no_video(tmp_path: Path) -> None:
    path = tmp_path / "words.mp4"
    path.write_text("not a video at all")
    with pytest.raises(InputError, match="cannot be read"):
        facts(path)
