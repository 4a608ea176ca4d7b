"""Tables as markup: every cell escaped, the first column heads its row, wide ones scroll by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from html import escape

from dashboard.palette import Palette

LONG = 60
_RULES = """
.cl-scroll{overflow-x:auto;border-radius:8px}
.cl-scroll:focus-visible{outline:2px solid var(--t-forecast);outline-offset:2px}
.cl-table{border-collapse:collapse;width:100%;font-size:14px;line-height:1.45;color:var(--t-ink)}
.cl-table caption{text-align:left;color:var(--t-muted);padding:0 0 .3rem}
.cl-table th,.cl-table td{text-align:left;vertical-align:top;padding:.4rem .7rem .4rem 0;border:0;border-bottom:1px solid var(--t-faint);font-variant-numeric:tabular-nums;overflow-wrap:anywhere;min-width:5.2rem}
.cl-table tbody tr:last-child>*{border-bottom:0}
.cl-table td.cl-long{min-width:15rem}
.cl-table thead th{color:var(--t-muted);font-weight:500}
.cl-table tbody th{font-weight:600;min-width:6.4rem}
"""


def style(colours: Palette) -> str:
    """Set once on a page, before its tables."""
    names = {"ink", "muted", "faint", "forecast"}
    values = ";".join(f"--t-{name}:{value}" for name, value in asdict(colours).items() if name in names)
    return f"<style>:root{{{values}}}{_RULES}</style>"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], label: str) -> str:
    """`label` names the table for people who hear it, and lets the keyboard scroll it."""
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>' + "".join(_cell(cell) for cell in row[1:]) + "</tr>"
        for row in rows
    )
    return (
        f'<div class="cl-scroll" tabindex="0" role="region" aria-label="{escape(label)}"><table class="cl-table">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cell(text: str) -> str:
    # a sentence needs room, or it becomes a column of single words
    return f"<td{' class=cl-long' if len(text) > LONG else ''}>{escape(text)}</td>"
