"""Pictures made in a worker process: files of unknown origin are decoded there, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from creatorlens.advice.thumbnails import Made, Picture
from creatorlens.errors import InputError
from creatorlens.reading.image import Embedding
from creatorlens.settings import Settings
from features.analysis_jobs import Job, Reader
from features.media.limits import USUAL, Limits
from features.vision.picture import open_picture, picture_of
from features.weights.models import Models
from recommend.thumbnails.auditing import fixes, marked
from recommend.thumbnails.making import Maker, Origin, encoded
from recommend.thumbnails.seen import Seen
from recommend.thumbnails.shapes import Shape

MAKER = "recommend.thumbnails.jobs:make_maker"


@dataclass(frozen=True)
class Material:
    """A picture; with `at_s` the frame of a video at that moment."""

    path: Path
    sha256: str
    at_s: float | None = None


@dataclass(frozen=True)
class MakePictures:
    """`current`: sha256 of the picture that is shown now, None where that is not known. `most`: of how many materials
    variants are made, the current one and the best. `words`: that may be set, the first for which there is room."""

    materials: tuple[Material, ...]
    current: str | None
    shapes: tuple[Shape, ...]
    words: tuple[str, ...]
    earlier: tuple[Embedding, ...] = ()
    most: int = 2


Pictures = tuple[Picture | None, tuple[Picture, ...], tuple[tuple[bytes, Made], ...], dict[str, int], bytes]
"""Current; candidates, best first; variants; reason → how many dropped; the best frame of a video as it is (else empty).
Plain values: see `features.media.worker_wire`."""


class PictureMaker:
    """Answers `MakePictures`, and everything that `features.analysis_jobs.Reader` does."""

    def __init__(self, settings: Settings, limits: Limits = USUAL) -> None:
        self._reader = Reader(settings, limits)
        self._models = Models(settings)
        self._limits = limits

    def __call__(self, job: Job | MakePictures) -> Any:
        return self.make(job) if isinstance(job, MakePictures) else self._reader(job)

    def make(self, job: MakePictures) -> Pictures:
        """Material that cannot be decoded is counted; the others are gone on with."""
        maker = Maker(self._models, job.earlier)
        dropped: dict[str, int] = {}
        looked: list[tuple[Material, Seen, Picture]] = []
        for material in job.materials:
            try:
                seen = maker.see(_opened(material, self._limits))
            except InputError as error:
                _count(dropped, f"could not be decoded: {error}")
                continue
            told = _told(maker, material, seen, job.shapes)
            if told is None:
                _count(dropped, "light could not be measured")
            else:
                looked.append((material, seen, told))
        looked.sort(key=lambda one: -one[2].marks.score)
        made: list[tuple[bytes, Made]] = []
        for material, seen, _ in _chosen(looked, job):
            found = maker.variants(
                maker.outlined(seen), Origin(material.sha256, material.at_s), job.shapes, job.words
            )
            made += found.made
            for why, count in found.dropped.items():
                _count(dropped, why, count)
        current = next((told for material, _, told in looked if _is_current(material, job)), None)
        still = b""
        if current is None and looked and looked[0][0].at_s is not None:
            still = encoded(looked[0][1].picture.rgb)
        return current, tuple(told for _, _, told in looked), tuple(made), dropped, still


def _opened(material: Material, limits: Limits) -> Any:
    from features.video.frame_at import frame_at

    if material.at_s is None:
        return open_picture(material.path.read_bytes(), limits)
    return picture_of(frame_at(material.path, material.at_s, limits))


def _told(maker: Maker, material: Material, seen: Seen, shapes: Sequence[Shape]) -> Picture | None:
    beside = maker.beside(seen.reading, shapes[0] if shapes else None)
    marks = marked(seen.reading, beside)
    if marks is None:
        return None
    return Picture(
        source=material.sha256,
        at_s=material.at_s,
        width=seen.picture.width,
        height=seen.picture.height,
        marks=marks,
        fixes=fixes(seen.reading, beside),
        absent=seen.reading.absent,
    )


def _chosen(
    looked: Sequence[tuple[Material, Seen, Picture]], job: MakePictures
) -> list[tuple[Material, Seen, Picture]]:
    """The current picture, then the best of the others."""
    first = [one for one in looked if _is_current(one[0], job)]
    return [*first, *(one for one in looked if not _is_current(one[0], job))][: job.most]


def _is_current(material: Material, job: MakePictures) -> bool:
    return material.at_s is None and material.sha256 == job.current


def _count(dropped: dict[str, int], why: str, count: int = 1) -> None:
    dropped[why] = dropped.get(why, 0) + count


def make_maker(settings: Settings) -> Callable[[Any], Any]:
    """What `Workers` start."""
    return PictureMaker(settings)
