"""Colours of the charts, on light and on dark. Blue and orange stay apart for colour-blind eyes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Palette:
    """`speech`, `music`, `other` and `quiet` colour sound; `face`, `thing` and `lettering` what a picture shows."""

    ink: str
    muted: str
    faint: str
    paper: str
    forecast: str
    history: str
    up: str
    down: str
    neutral: str
    speech: str
    music: str
    other: str
    quiet: str
    face: str
    thing: str
    lettering: str
    good: str
    raised: str


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
    speech="#2f5bd7",
    music="#d4732a",
    other="#7c8798",
    quiet="#c9cfda",
    face="#e07b1f",
    thing="#2f6fd0",
    lettering="#0f8a76",
    good="#0f8a76",
    raised="#f3f5f9",
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
    speech="#7da2ff",
    music="#f0985a",
    other="#8d97aa",
    quiet="#3d4657",
    face="#ff9d45",
    thing="#6ea0ff",
    lettering="#3cc9b1",
    good="#3cc9b1",
    raised="#1a1f2a",
)


def palette(theme: str | None) -> Palette:
    """`theme` as the browser tells it: 'dark', 'light', or None while unknown."""
    return DARK if theme == "dark" else LIGHT
