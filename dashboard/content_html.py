"""The transcript, the table of the first seconds and legends: markup for the content page, everything escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from creatorlens.reading.audio import Segment
from dashboard.findings import clock
from dashboard.hook_shapes import Row
from dashboard.sound_shapes import unsure


def transcript(lines: Sequence[Segment]) -> str:
    """Line by line with its moment; a click plays from there, and what is heard now is marked."""
    items = "".join(
        f'<li><button type="button" data-seek="{line.start_s:.3f}" data-until="{line.end_s:.3f}">'
        f"<time>{clock(line.start_s)}</time><span>{escape(line.text.strip())}"
        f"{' <em>(not sure)</em>' if unsure(line) else ''}</span></button></li>"
        for line in lines
    )
    return f'<ol class="cl-lines" aria-label="Transcript" tabindex="0">{items}</ol>'


def hook_table(columns: Sequence[str], rows: Iterable[Row]) -> str:
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    body = "".join(
        f'<tr><th scope="row">{escape(row.what)}</th>'
        + "".join(
            f'<td class="{"cl-yes" if yes else ""}">{escape(text) or "not known"}</td>'
            for text, yes in row.cells
        )
        + "</tr>"
        for row in rows
    )
    return f'<table class="cl-hook"><thead><tr><th scope="col"></th>{head}</tr></thead><tbody>{body}</tbody></table>'


def legend(entries: Iterable[tuple[str, str]]) -> str:
    """(colour, words) side by side."""
    items = "".join(
        f'<li><i style="background:{escape(colour)}"></i>{escape(words)}</li>' for colour, words in entries
    )
    return f'<ul class="cl-legend">{items}</ul>' if items else ""
