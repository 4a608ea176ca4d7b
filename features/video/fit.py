"""How well the shape and the length of a video suit each platform."""

from __future__ import annotations

from creatorlens.reading.video import Fit, PlatformFit
from features.video.platform_rules import RULES, Rule
from features.video.source import Video
from features.weights.models import Models

TOLERANCE = 0.01
"""Shapes that differ by less are the same: 854 x 480 is 16:9."""
AT_LONGEST = 0.5
"""Score of a length that is taken but shown to fewer, at its limit."""


def read_fit(video: Video, models: Models) -> Fit:  # noqa: ARG001 - an extractor's signature
    container = video.probed.container
    return fit_of(container.aspect, container.duration_s)


def fit_of(aspect: float, duration_s: float) -> Fit:
    """`aspect`: width over height."""
    return Fit(
        fits=tuple(
            PlatformFit(
                platform=rule.platform,
                placement=rule.placement,
                aspect=aspect_fit(rule, aspect),
                aspect_rule=rule.shape,
                duration=duration_fit(rule, duration_s),
                duration_rule=rule.length,
                source=rule.source,
                as_of=rule.as_of,
            )
            for rule in RULES
        )
    )


def aspect_fit(rule: Rule, aspect: float) -> float:
    """Share of the nearest ideal shape that the picture fills, shown whole; 0 where the shape is not taken."""
    if not rule.narrowest * (1 - TOLERANCE) <= aspect <= rule.widest * (1 + TOLERANCE):
        return 0.0
    filled = max(min(aspect / ideal, ideal / aspect) for ideal in rule.ideal)
    return 1.0 if filled > 1 - TOLERANCE else filled


def duration_fit(rule: Rule, duration_s: float) -> float:
    """1 up to `full`, falling evenly to a half at `longest`, 0 outside what is taken."""
    if not rule.shortest <= duration_s <= rule.longest:
        return 0.0
    if duration_s <= rule.full:
        return 1.0
    return 1.0 - (1.0 - AT_LONGEST) * (duration_s - rule.full) / (rule.longest - rule.full)
