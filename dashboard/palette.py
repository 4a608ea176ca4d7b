"""Colours of the charts, on light and on dark. Blue and orange stay apart for colour-blind eyes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Palette:
    ink: str
    muted: str
    faint: str
    paper: str
    forecast: str
    history: str
    up: str
    down: str
    neutral: str


LIGHT = Palette(
    ink="#1b2130",
    muted="#5b6475",
    faint="#dde1ea",
    paper="#fcfcfd",
    forecast="#2f5bd7",
    history="#8a93a6",
    up="#2f6fd0",
    down="#d4732a",
    neutral="#eef0f5",
)

DARK = Palette(
    ink="#e7eaf2",
    muted="#a3acbd",
    faint="#323a4a",
    paper="#12151c",
    forecast="#7da2ff",
    history="#7d879b",
    up="#6ea0ff",
    down="#f0985a",
    neutral="#262c39",
)


def palette(theme: str | None) -> Palette:
    """`theme` as the browser tells it: 'dark', 'light', or None while unknown."""
    return DARK if theme == "dark" else LIGHT
