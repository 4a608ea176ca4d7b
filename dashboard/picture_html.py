"""A picture with boxes, heat and thirds over it, strips of frames, swatches: markup for the page, everything escaped.

Positions are percentages of the picture, so that one markup fits every width. Buttons carry the moment they
lead to in `data-seek`; the page's script moves the player there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from creatorlens.reading.base import Box
from creatorlens.reading.image import Colour
from dashboard.findings import Finding, exact
from dashboard.picture_shapes import Mark

LABELS_ON_A_PREVIEW = 3


@dataclass(frozen=True)
class Overlay:
    """What lies over a picture. `heat` is the address of a picture of the same shape; `aspect` is width over height."""

    marks: tuple[Mark, ...] = ()
    heat: str | None = None
    thirds: bool = False
    focus: Box | None = None
    aspect: float = 16 / 9


@dataclass(frozen=True)
class Shot:
    """A small picture with its moment; `notes` stand below it, the first in bold."""

    src: str
    time_s: float
    alt: str
    marks: tuple[Mark, ...] = ()
    notes: tuple[str, ...] = ()
    badge: str = ""


def picture(src: str, alt: str, overlay: Overlay) -> str:
    """The picture as large as it fits, with what lies over it."""
    parts = [f'<img src="{escape(src)}" alt="{escape(alt)}">']
    if overlay.heat:
        parts.append(f'<img class="cl-heat" src="{escape(overlay.heat)}" alt="">')
    if overlay.thirds:
        parts.append('<span class="cl-thirds" aria-hidden="true"></span>')
    if overlay.focus is not None:
        parts.append(
            f'<span class="cl-focus" style="{_place(overlay.focus)}" title="Four fifths of what draws the eye"></span>'
        )
    parts += [_mark(mark) for mark in overlay.marks]
    # as wide as the column, but never taller than two thirds of the window
    widest = f"width:min(100%,calc(66vh * {overlay.aspect:.4f}))"
    return f'<figure class="cl-pic cl-whole" style="{widest}">{"".join(parts)}</figure>'


def _mark(mark: Mark, *, labelled: bool = True) -> str:
    label = f"<b>{escape(mark.label)}</b>" if mark.label and labelled else ""
    edges = (" cl-low" if mark.box.y < 0.07 else "") + (" cl-right" if mark.box.x > 0.75 else "")
    return (
        f'<span class="cl-box cl-{mark.kind}{edges}" style="{_place(mark.box)}" '
        f'title="{escape(mark.title)}">{label}</span>'
    )


def _place(box: Box) -> str:
    values = zip(("left", "top", "width", "height"), (box.x, box.y, box.width, box.height), strict=True)
    return ";".join(f"{name}:{100 * value:.2f}%" for name, value in values)


def strip(shots: Sequence[Shot], label: str) -> str:
    """Frames in a row that scrolls sideways."""
    items = "".join(f"<li>{_shot(shot)}</li>" for shot in shots)
    return f'<ol class="cl-strip" aria-label="{escape(label)}" tabindex="0">{items}</ol>'


def cards(shots: Sequence[Shot], label: str) -> str:
    """The same in a grid, for choices."""
    items = "".join(f"<li>{_shot(shot)}{_notes(shot)}</li>" for shot in shots)
    return f'<ol class="cl-cards" aria-label="{escape(label)}">{items}</ol>'


def _shot(shot: Shot) -> str:
    labelled = len(shot.marks) <= LABELS_ON_A_PREVIEW
    boxes = "".join(_mark(mark, labelled=labelled) for mark in shot.marks)
    badge = f'<i class="cl-badge">{escape(shot.badge)}</i>' if shot.badge else ""
    at = exact(shot.time_s)
    return (
        f'<button type="button" class="cl-shot" data-seek="{shot.time_s:.3f}" title="Play from {at}">'
        f'<span class="cl-pic"><img src="{escape(shot.src)}" alt="{escape(shot.alt)}">{boxes}{badge}</span>'
        f'<span class="cl-at">{at}</span></button>'
    )


def _notes(shot: Shot) -> str:
    return "".join(
        f'<p class="{"" if i else "cl-first"}">{escape(note)}</p>' for i, note in enumerate(shot.notes)
    )


def swatches(palette: Iterable[Colour]) -> str:
    """The palette as one bar, each colour as wide as its share, its code beneath for copying."""
    colours = tuple(palette)
    bar = "".join(
        f'<span style="background:{colour.hex};flex:{max(colour.share, 0.02):.4f}" title="{colour.hex}, {colour.share:.0%}"></span>'
        for colour in colours
    )
    codes = "".join(f'<code><i style="background:{colour.hex}"></i>{colour.hex}</code>' for colour in colours)
    alt = ", ".join(f"{colour.hex} {colour.share:.0%}" for colour in colours)
    return (
        f'<div class="cl-palette" role="img" aria-label="Colours: {alt}"><div>{bar}</div><p>{codes}</p></div>'
    )


def in_a_list(src: str, title: str, beneath: str, *, vertical: bool) -> str:
    """As a phone lists it: the picture 168 pixels wide, the title beside it cut after three lines."""
    shape = " cl-vertical" if vertical else ""
    return (
        f'<div class="cl-phone{shape}"><span><img src="{escape(src)}" alt="The picture at phone size"></span>'
        f"<div><b>{escape(title)}</b><small>{escape(beneath)}</small></div></div>"
    )


def findings(found: Iterable[Finding]) -> str:
    """A list with a sign for each tone; the sign is spoken too."""
    spoken = {"look": "Worth a look", "good": "In order", "plain": "Noted"}
    signs = {"look": "!", "good": "✓", "plain": "·"}
    items = "".join(
        f'<li class="cl-{one.tone}"><i role="img" aria-label="{spoken[one.tone]}">{signs[one.tone]}</i>'
        f"<div><b>{escape(one.says)}</b>{f'<p>{escape(one.because)}</p>' if one.because else ''}</div></li>"
        for one in found
    )
    return f'<ul class="cl-findings">{items}</ul>' if items else ""


def chips(words: Iterable[tuple[str, str]], label: str) -> str:
    """Short words in a row, each with what a pointer over it tells."""
    items = "".join(f'<li title="{escape(title)}">{escape(word)}</li>' for word, title in words)
    return f'<ul class="cl-chips" aria-label="{escape(label)}">{items}</ul>' if items else ""
