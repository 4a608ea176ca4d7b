"""Scores become a verdict by thresholds that are written down; what nobody judged is never called safe."""

from __future__ import annotations

import pytest

from creatorlens.reading import image as images
from creatorlens.reading import text as texts
from creatorlens.reading.base import Labelled
from creatorlens.reading.files import Malware, Safety
from creatorlens.reading.image import ImageReading
from creatorlens.reading.text import TextReading
from creatorlens.reading.video import Frames, VideoFrame, VideoReading
from features.media.safety import judge, together

CLEAN = Malware(status="clean", engine="clamd")


def picture(explicit: float, suggestive: float = 0.0) -> ImageReading:
    rest = max(0.0, 1 - explicit - suggestive)
    classes = (Labelled(label="Neutral", score=rest),)
    return ImageReading(
        safety=images.Safety(classes=classes, explicit=explicit, suggestive=suggestive, model="m")
    )


def words(**scores: float) -> TextReading:
    labels = tuple(Labelled(label=label, score=score) for label, score in scores.items())
    return TextReading(hate=texts.Hate(labels=labels, model="m"))


def video(*explicit: float) -> VideoReading:
    frames = tuple(
        VideoFrame(time_s=float(at), why="uniform", preview="", reading=picture(score))
        for at, score in enumerate(explicit)
    )
    return VideoReading(frames=Frames(frames=frames, learned=len(frames)))


@pytest.mark.parametrize(
    ("explicit", "verdict"), [(0.0, "pass"), (0.49, "pass"), (0.5, "review"), (0.79, "review"), (0.8, "block"), (1.0, "block")]
)  # fmt: skip
def test_explicit_pictures(explicit: float, verdict: str) -> None:
    found = judge(image=picture(explicit), malware=CLEAN)
    assert found.verdict == verdict
    assert [flag.what for flag in found.flags] == (["nsfw"] if explicit >= 0.5 else [])
    assert found.nsfw is not None
    assert found.nsfw.highest == explicit


def test_the_frame_at_fault_is_named() -> None:
    found = judge(video=video(0.1, 0.2, 0.7, 0.1), malware=CLEAN)
    assert found.verdict == "review"
    assert found.nsfw is not None
    assert (found.nsfw.pictures, found.nsfw.highest_at_s, found.nsfw.share_above) == (4, 2.0, 0.25)
    assert found.flags[0].at_s == 2.0


@pytest.mark.parametrize(
    ("scores", "verdict", "flags"),
    [
        ({"toxicity": 0.1, "identity_attack": 0.1}, "pass", []),
        ({"toxicity": 0.85, "identity_attack": 0.1}, "review", ["offensive"]),
        ({"toxicity": 0.7, "identity_attack": 0.65}, "review", ["hate"]),
        ({"hate": 0.95, "not_hate": 0.05}, "block", ["hate"]),
        ({"not hate": 0.99, "hate": 0.01}, "pass", []),
        ({"threat": 0.92}, "block", ["hate"]),
    ],
)
def test_words(scores: dict[str, float], verdict: str, flags: list[str]) -> None:
    found = judge(words=words(**scores))
    assert (found.verdict, [flag.what for flag in found.flags]) == (verdict, flags)


def test_malware_blocks() -> None:
    found = judge(malware=Malware(status="infected", engine="clamd", finding="x"))
    assert (found.verdict, [flag.what for flag in found.flags]) == ("block", ["malware"])


def test_what_nobody_judged_is_unknown_with_reasons() -> None:
    found = judge(
        image=ImageReading(absent={"safety": "no weights"}), words=TextReading(absent={"hate": "no model"})
    )
    assert found.verdict == "unknown"
    assert found.nsfw is None
    assert found.hate is None
    assert {"nsfw": "no weights", "hate": "no model"}.items() <= found.absent.items()
    assert "violence" in found.absent
    assert "malware" in found.absent


def test_several_files_together_are_as_grave_as_the_gravest() -> None:
    fine, bad = judge(image=picture(0.1), malware=CLEAN), judge(video=video(0.9, 0.1), malware=CLEAN)
    found = together([fine, bad])
    assert isinstance(found, Safety)
    assert found.verdict == "block"
    assert found.nsfw is not None
    assert found.nsfw.pictures == 3
    assert found.nsfw.share_above == pytest.approx(1 / 3)
    assert together([]) is None
