"""An extractor of pictures whose learned model sees many pictures at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from creatorlens.reading.base import Part
from features.absent import Absent
from features.extractor import Extractor
from features.vision.picture import Picture
from features.weights.models import Models

ReadMany = Callable[[Sequence[Picture], Models], Sequence[Part | Absent]]


@dataclass(frozen=True)
class PictureExtractor(Extractor[Picture]):
    """`many` reads several pictures, answers in their order. `also` names weights that add to the part but are not
    needed for it; `setting` is the field of the settings that names the model."""

    many: ReadMany | None = None
    also: tuple[str, ...] = ()
    setting: str | None = None

    def key(self, models: Models) -> str:
        named = [str(getattr(models.settings, self.setting))] if self.setting else []
        optional = [models.fingerprint(name) for name in (*self.also, *named)]
        return ":".join([super().key(models), *named, *optional])


def learned(
    name: str,
    version: int,
    part: type[Part],
    many: ReadMany,
    *,
    weights: tuple[str, ...] = (),
    also: tuple[str, ...] = (),
    setting: str | None = None,
) -> PictureExtractor:
    """An extractor by a function of several pictures; one picture is a batch of one."""

    def read(picture: Picture, models: Models) -> Part | Absent:
        return many([picture], models)[0]

    return PictureExtractor(name, version, part, read, weights, many=many, also=also, setting=setting)
