"""Every picture that can be made of one: in each shape, by each recipe, checked again; what failed is counted."""

from __future__ import annotations

import io
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from creatorlens.advice.thumbnails import Made, Recipe
from creatorlens.reading.image import Embedding, ImageReading, Words
from features.absent import Absent
from features.media.limits import USUAL
from features.vision.consistency import visual_consistency
from features.vision.legibility import ACUITY, PHONE_WIDTH
from features.vision.picture import Picture, Pixels, open_picture, picture_of
from features.vision.reading import read_pictures
from features.vision.subject import subject_mask
from features.weights.models import Models
from recommend.thumbnails.auditing import Beside, fixes, marked
from recommend.thumbnails.checking import Rendered, checked, failed
from recommend.thumbnails.emphasis import emphasised, refined, subject_by_saliency
from recommend.thumbnails.lettering import lettered
from recommend.thumbnails.reframing import Framed, closer, reframed
from recommend.thumbnails.seen import SEGMENTATION, Seen
from recommend.thumbnails.shapes import Shape
from recommend.thumbnails.toning import needs, toned

PARTS = (
    "facts",
    "look",
    "saliency",
    "composition",
    "faces",
    "words",
    "technical_quality",
    "aesthetic",
    "embedding",
)
QUALITY = 90


@dataclass(frozen=True)
class Origin:
    """The creator's own file, and the moment of a video."""

    source: str
    at_s: float | None = None


@dataclass(frozen=True, eq=False)
class Variants:
    """JPEG bytes with what they are; `dropped`: reason → how many."""

    made: tuple[tuple[bytes, Made], ...] = field(repr=False)
    dropped: dict[str, int]


@dataclass(frozen=True, eq=False)
class _Plan:
    recipe: Recipe
    framed: Framed
    rgb: Pixels
    steps: tuple[str, ...]
    own: str | None = None


class Maker:
    """Stateless but for the models, which are loaded when first asked for."""

    def __init__(self, models: Models, earlier: Sequence[Embedding] = ()) -> None:
        self._models = models
        self._earlier = tuple(earlier)

    def see(self, picture: Picture) -> Seen:
        """What is in it, the subject not yet told from its ground."""
        return Seen(picture, read_pictures([picture], self._models, PARTS)[0])

    def outlined(self, plain: Seen) -> Seen:
        """With the subject, as the segmentation finds it, else as saliency does."""
        picture = plain.picture
        found = subject_mask(picture, self._models)
        if not isinstance(found, Absent) and (mask := refined(picture.rgb, found)) is not None:
            return Seen(picture, plain.reading, mask, SEGMENTATION)
        mask = subject_by_saliency(plain)
        return Seen(picture, plain.reading, mask, "saliency" if mask is not None else "")

    def beside(self, reading: ImageReading, shape: Shape | None) -> Beside:
        if reading.embedding is None:
            return Beside(shape)
        alike = [one for one in self._earlier if one.model == reading.embedding.model]
        return Beside(shape, visual_consistency(reading.embedding, alike))

    def variants(self, seen: Seen, origin: Origin, shapes: Sequence[Shape], words: Sequence[str]) -> Variants:
        made: list[tuple[bytes, Made]] = []
        dropped: Counter[str] = Counter()
        for shape in shapes:
            started = time.process_time()
            for plan in _plans(seen, shape, words):
                if isinstance(plan, str):
                    dropped[plan] += 1
                    continue
                found = self._finished(seen, origin, shape, plan, started)
                started = time.process_time()
                if isinstance(found, str):
                    dropped[found] += 1
                else:
                    made.append(found)
        return Variants(tuple(made), dict(dropped))

    def _finished(
        self, seen: Seen, origin: Origin, shape: Shape, plan: _Plan, started: float
    ) -> tuple[bytes, Made] | str:
        """Encoded, decoded again as a stranger's file would be, and checked; or what is wrong with it."""
        data = encoded(plan.rgb)
        rendered_s = time.process_time() - started
        picture = open_picture(data, USUAL)
        reading = read_pictures([picture], self._models, self._parts(seen, plan))[0]
        rendered = Rendered(picture, reading, plan.framed, plan.own)
        checks = checked(seen, rendered, shape, self.words_at_phone_size)
        wrong = failed(checks)
        if wrong is not None:
            return wrong
        beside = self.beside(reading, shape)
        marks = marked(reading, beside)
        if marks is None:
            return "light could not be measured"
        made = Made(
            source=origin.source, at_s=origin.at_s, recipe=plan.recipe, steps=plan.steps, text=plan.own,
            width=picture.width, height=picture.height, aspect=shape.name, checks=checks, marks=marks,
            fixes=fixes(reading, beside), seconds=rendered_s,
            checking_seconds=time.process_time() - started - rendered_s,
        )  # fmt: skip
        return data, made

    def _parts(self, seen: Seen, plan: _Plan) -> tuple[str, ...]:
        """Words are looked for where there can be any, a likeness where there is something to be like."""
        wordless = plan.own is None and seen.reading.words is not None and not seen.lines
        needless = {"words": wordless, "embedding": not self._earlier}
        return tuple(part for part in PARTS if not needless.get(part, False))

    def words_at_phone_size(self, picture: Picture) -> Words | None:
        return read_pictures([at_phone_size(picture)], self._models, ("words",))[0].words


def at_phone_size(picture: Picture, width: int = PHONE_WIDTH) -> Picture:
    """As a phone shows it beside a video."""
    import cv2

    height = max(1, round(picture.height * width / picture.width))
    return picture_of(cv2.resize(picture.rgb, (width, height), interpolation=cv2.INTER_AREA))


def encoded(rgb: Pixels) -> bytes:
    """JPEG; the same pixels give the same bytes."""
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(rgb).save(out, "JPEG", quality=QUALITY, subsampling=0)
    return out.getvalue()


def _plans(seen: Seen, shape: Shape, words: Sequence[str]) -> Iterator[_Plan | str]:
    """Each recipe that has something to do here, or why it cannot."""
    framed = reframed(seen, shape)
    if isinstance(framed, str):
        yield framed
        return
    yield _Plan("crop", framed, framed.rgb, (framed.words,))
    near = closer(seen, shape)
    if not isinstance(near, str):
        yield _Plan("closer", near, near.rgb, (f"{near.words}, closer to the face",))
    light = needs(seen.reading.look) if seen.reading.look is not None else ()
    base, steps = toned(framed.rgb, light), (framed.words, *light)
    if light:
        yield _Plan("tone", framed, base, steps)
    lifted = emphasised(seen, framed, base)
    lifting = (*steps, f"ground darkened and softened behind the subject (found by {seen.mask_by})")
    yield lifted if isinstance(lifted, str) else _Plan("emphasis", framed, lifted, lifting)
    if not words:
        return
    if any(region.phone_px > ACUITY for region, _ in seen.lines):
        yield "the picture has words of its own that can be read"
        return
    for recipe, rgb, so_far in _grounds(base, steps, lifted, lifting):
        yield _written(seen, framed, rgb, shape, words, recipe, so_far)


def _written(
    seen: Seen,
    framed: Framed,
    rgb: Pixels,
    shape: Shape,
    words: Sequence[str],
    recipe: Recipe,
    steps: tuple[str, ...],
) -> _Plan | str:
    """With the first of the words for which there is room, or why not even the last has any."""
    why = ""
    for own in words:
        written = lettered(seen, framed, rgb, own, shape)
        if not isinstance(written, str):
            said = f"words set, {written.phone_px:.0f} px high on a phone: {own}"
            return _Plan(recipe, framed, written.rgb, (*steps, said), own)
        why = written
    return why


def _grounds(
    base: Pixels, steps: tuple[str, ...], lifted: Pixels | str, lifting: tuple[str, ...]
) -> Iterator[tuple[Recipe, Pixels, tuple[str, ...]]]:
    yield "text", base, steps
    if not isinstance(lifted, str):
        yield "text and emphasis", lifted, lifting
