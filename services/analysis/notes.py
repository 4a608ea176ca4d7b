"""What is absent of an analysis, and what that costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from creatorlens.reading.analysis import FileReading, Note
from creatorlens.reading.text import TextReading
from features.media_features import AUDIO, IMAGE, VIDEO, MediaNumber

NUMBERS: dict[str, tuple[MediaNumber, ...]] = {"image": IMAGE, "video": VIDEO, "audio": AUDIO}
MOST_NAMED = 3


def notes_on(
    files: Sequence[FileReading], words: TextReading | None, more: Sequence[Note]
) -> tuple[Note, ...]:
    """One for each absent part and reason; `more` come first."""
    where: dict[tuple[str, str], list[str]] = {}
    for reading in files:
        for what, why in _absent(reading):
            names = where.setdefault((what, why), [])
            if reading.file.name not in names:
                names.append(reading.file.name)
    of_files = [
        Note(what=what, files=tuple(names), why=why, costs=costs(what))
        for (what, why), names in where.items()
    ]
    of_words = (
        [] if words is None else [Note(what=f"text.{name}", why=why) for name, why in words.absent.items()]
    )
    return (*more, *of_files, *of_words)


def costs(what: str) -> str | None:
    """Which numbers the models then do without; None where they read none of it."""
    modality, _, part = what.partition(".")
    missed = [one.words for one in NUMBERS.get(modality, ()) if part in ("", one.part)]
    if not missed:
        return None
    shown = ", ".join(missed[:MOST_NAMED])
    rest = f" and {len(missed) - MOST_NAMED} more" if len(missed) > MOST_NAMED else ""
    return f"forecasts do without: {shown}{rest}"


def _absent(reading: FileReading) -> Iterator[tuple[str, str]]:
    yield from reading.absent.items()
    for modality in ("image", "audio", "video"):
        found = getattr(reading, modality)
        if found is not None:
            yield from ((f"{modality}.{name}", why) for name, why in found.absent.items())
    if reading.video is not None and reading.video.frames is not None:
        for frame in reading.video.frames.frames:
            yield from ((f"image.{name}", why) for name, why in frame.reading.absent.items())
    if reading.safety is not None:
        yield from ((f"safety.{name}", why) for name, why in reading.safety.absent.items())
