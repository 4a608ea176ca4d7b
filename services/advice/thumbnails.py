"""Advice on a draft's picture: what is measured to be wrong with it, and pictures made of its own material."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from creatorlens.advice.content import Content
from creatorlens.advice.thumbnails import Made, Picture, ThumbnailAdvice, ThumbnailSuggestion
from creatorlens.errors import CreatorLensError, InputError
from creatorlens.metric_definitions import primary_metric
from creatorlens.reading.files import Refusal
from recommend.thumbnails.choosing import chosen
from recommend.thumbnails.jobs import MakePictures
from recommend.thumbnails.shapes import Shape, shapes_of
from recommend.thumbnails.wording import words_for_picture
from services.advice.desk import Desk
from services.advice.thumbnail_lifts import Lifts, lifts
from services.advice.thumbnail_material import Files, earlier, files_of, keep_picture, material, reading_desk
from services.advice.thumbnail_set import pack
from services.advice.thumbnail_words import nothing_to_show, suggestion, words_of_all

MOST = 6


@dataclass(frozen=True)
class _Rendered:
    """What was made of one version's files. `shown`: the picture that changes are measured against, as it is stored."""

    shapes: tuple[Shape, ...]
    current: Picture | None
    candidates: tuple[Picture, ...]
    made: tuple[tuple[str, Made], ...]
    left_out: dict[str, int]
    shown: str | None
    absent: dict[str, str]


def thumbnails(desk: Desk, content: Content, *, now: datetime | None = None) -> ThumbnailAdvice:
    """Pictures are rendered once for a version and kept; forecasts are asked anew. Raises NotFoundError for a file that is
    not held here."""
    started, moment = time.monotonic(), now or datetime.now(UTC)
    files = files_of(desk, content)
    key = ("thumbnails", _key(content))
    found = desk.kept.get(key, lambda: _render(desk, files))
    expected = lifts(desk, files, found.shown, [sha256 for sha256, _ in found.made])
    suggestions = _ranked(
        suggestion(content, sha256, made, found.current, expected.of(sha256), files.current is not None)
        for sha256, made in found.made
    )
    return ThumbnailAdvice(
        content_id=content.content_id,
        version=content.now.version,
        channel_id=content.channel_id,
        platform=content.platform,
        metric=primary_metric(content.platform),
        as_of=moment,
        model_version=expected.model_version,
        words=_words(found, suggestions, expected),
        left_out=found.left_out,
        placement=", ".join(shape.name for shape in found.shapes),
        current=found.current,
        candidates=found.candidates,
        suggestions=suggestions,
        absent={**found.absent, **expected.absent},
        seconds=time.monotonic() - started,
    )


def export_set(desk: Desk, content: Content) -> bytes:
    """The suggested pictures and the one that is shown, as a zip with a manifest and a table for the results."""
    return pack(desk, content, thumbnails(desk, content))


def _render(desk: Desk, files: Files) -> _Rendered:
    content = files.content
    shapes = shapes_of(content.platform, content.now.media_type, files.duration_s, files.aspect)
    words = words_for_picture(content.now.title or content.now.text.partition("\n")[0])
    with material(desk, files) as materials:
        if not materials:
            return _Rendered(shapes, None, (), (), {}, None, dict(files.refused))
        job = MakePictures(materials, files.current, shapes, words, earlier(desk, files))
        answer = reading_desk(desk).ask_more(job)
    if isinstance(answer, Refusal):
        raise _refused(answer)
    current, candidates, made, dropped, still = answer
    left_out = Counter(dropped)
    picked = chosen([one for _, one in made], current, shapes, MOST, left_out)
    data = {id(one): jpeg for jpeg, one in made}
    return _Rendered(
        shapes,
        current,
        candidates,
        tuple((keep_picture(desk, data[id(one)]), one) for one in picked),
        dict(left_out),
        keep_picture(desk, still) if still else files.current,
        dict(files.refused),
    )


def _refused(why: Refusal) -> CreatorLensError:
    words = f"pictures could not be made of the draft's files: {why.words}"
    return (
        CreatorLensError(words)
        if why.reason == "failed"
        else InputError(words, field="assets", hint=why.hint)
    )


def _key(content: Content) -> str:
    """Of everything that pictures are made of."""
    now = content.now
    told = (
        content.channel_id, now.title, now.text.partition("\n")[0], *now.assets, now.thumbnail,
        now.media_type, now.duration_s,
    )  # fmt: skip
    return hashlib.sha256("\x1f".join(map(str, told)).encode("utf-8", "surrogatepass")).hexdigest()


def _ranked(found: Iterable[ThumbnailSuggestion]) -> tuple[ThumbnailSuggestion, ...]:
    """By expected clicks where a model of tested pictures speaks, else by what is measured in the picture: the forecast
    of a post's result is too coarse to tell pictures apart."""

    def worth(one: ThumbnailSuggestion) -> tuple[float, float]:
        return (one.click_through.effect if one.click_through else 0.0, one.made.marks.score)

    return tuple(sorted(found, key=worth, reverse=True))


def _words(found: _Rendered, suggestions: tuple[ThumbnailSuggestion, ...], expected: Lifts) -> str:
    if not found.candidates:
        return nothing_to_show(found.absent)
    return words_of_all(found.current, found.candidates, suggestions, expected.among)
