"""The first seconds of a video in words: what a viewer meets within 3 and 15 seconds. No Streamlit in here."""

from __future__ import annotations

from dataclasses import dataclass

from creatorlens.reading.video import HookWindow, VideoReading
from dashboard import words
from dashboard.findings import counted, exact, listed, seconds, sentence
from dashboard.video_shapes import STILL, duration, motion_words


@dataclass(frozen=True)
class Row:
    """A line of the table of the first seconds: what, in the first 3 s, in the first 15 s; `yes` where it is there."""

    what: str
    cells: tuple[tuple[str, bool], ...]


def hook_rows(video: VideoReading) -> tuple[Row, ...]:
    """The first seconds as a table of words; rows of which nothing is known are left out."""
    if video.hook is None:
        return ()
    windows = (video.hook.first_3s, video.hook.first_15s)
    rows = [
        Row("A face", tuple(_face(window) for window in windows)),
        Row("Text on screen", tuple(_text(window) for window in windows)),
        Row("Speech", tuple(_share(window.speech_share) for window in windows)),
        Row("Music", tuple(_share(window.music_share) for window in windows)),
        Row("Cuts", tuple((counted(window.cuts, "cut"), window.cuts > 0) for window in windows)),
        Row(
            "Loudness",
            tuple(
                _against(window.loudness_against_rest_lu, 1.0, "LU", "louder", "quieter")
                for window in windows
            ),
        ),
        Row("Motion", tuple(_motion(window) for window in windows)),
    ]
    return tuple(row for row in rows if any(text for text, _ in row.cells))


def hook_columns(video: VideoReading) -> tuple[str, ...]:
    """'First 3 s', or 'All 11 s' where the video is not longer."""
    assert video.hook is not None
    whole = duration(video, None)
    return tuple(
        f"{'All' if whole and window.end_s >= whole - 0.05 else 'First'} {seconds(window.end_s)}"
        for window in (video.hook.first_3s, video.hook.first_15s)
    )


def _face(window: HookWindow) -> tuple[str, bool]:
    if window.face_share is None:
        return "", False
    if not window.face_share:
        return "none", False
    size = f", {words.share(window.largest_face)} of the picture" if window.largest_face else ""
    return f"in {_portion(window.face_share)} of the frames{size}", True


def _text(window: HookWindow) -> tuple[str, bool]:
    if window.text_share is None:
        return "", False
    if not window.text_share:
        return "none", False
    quoted = f": “{words.short(window.text, 60)}”" if window.text else ""
    return f"in {_portion(window.text_share)} of the frames{quoted}", True


def _portion(share: float) -> str:
    return "all" if share > 0.99 else words.share(share)


def _share(share: float | None) -> tuple[str, bool]:
    if share is None:
        return "", False
    if share < 0.01:
        return "none", False
    return ("throughout", True) if share > 0.97 else (f"{words.share(share)} of the time", True)


def _against(value: float | None, least: float, unit: str, more: str, less: str) -> tuple[str, bool]:
    if value is None:
        return "", False
    if abs(value) < least:
        return "like the rest", False
    return f"{abs(value):.0f}{words.NBSP}{unit} {more if value > 0 else less} than the rest", value > 0


def _motion(window: HookWindow) -> tuple[str, bool]:
    if window.motion is None:
        return "", False
    beside = ""
    if window.motion_against_rest is not None and abs(window.motion_against_rest) >= 0.05:
        beside = f", {'more' if window.motion_against_rest > 0 else 'less'} than the rest"
    return motion_words(window.motion) + beside, window.motion >= STILL


def hook_sentence(video: VideoReading) -> str:
    """When a face, text and speech first come."""
    if video.hook is None:
        return ""
    hook = video.hook
    known = (
        ("a face", hook.first_face_s, hook.first_3s.face_share),
        ("text", hook.first_text_s, hook.first_3s.text_share),
        ("speech", hook.first_speech_s, hook.first_3s.speech_share),
    )
    come = [
        f"{what} from {exact(at)}" if at >= 0.1 else f"{what} from the start"
        for what, at, _ in known
        if at is not None
    ]
    never = [f"no {what.removeprefix('a ')}" for what, at, share in known if at is None and share is not None]
    return sentence("There is " + listed([*come, *never])) if come or never else ""
