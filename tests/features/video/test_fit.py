"""Shape and length against the rules of the platforms."""

from __future__ import annotations

from itertools import pairwise

import pytest

from creatorlens.platforms import Platform
from features.video.fit import aspect_fit, duration_fit, fit_of
from features.video.platform_rules import RULES

TALL, WIDE = 9 / 16, 16 / 9


def of(placement: str, aspect: float, seconds: float) -> tuple[float, float]:
    platform, _, name = placement.partition(" ")
    found = next(
        fit for fit in fit_of(aspect, seconds).fits if (fit.platform, fit.placement) == (platform, name)
    )
    return found.aspect, found.duration


@pytest.mark.parametrize(
    ("placement", "aspect", "seconds", "expected"),
    [
        ("youtube long", WIDE, 600, (1, 1)),
        ("youtube long", 854 / 480, 600, (1, 1)),
        ("youtube long", WIDE, 13 * 3600, (1, 0)),
        ("youtube shorts", TALL, 59, (1, 1)),
        ("youtube shorts", TALL, 181, (1, 0)),
        ("youtube shorts", 1.0, 59, (TALL, 1)),
        ("youtube shorts", WIDE, 59, (0, 1)),
        ("tiktok feed", TALL, 2, (1, 0)),
        ("instagram reel", TALL, 60, (1, 1)),
        ("instagram feed", 4 / 5, 60, (1, 1)),
        ("instagram feed", 2.4, 60, (0, 1)),
        ("x post", WIDE, 140, (1, 1)),
        ("x post", 3.5, 141, (0, 0)),
        ("facebook reel", TALL, 60, (1, 1)),
        ("reddit post", WIDE, 901, (1, 0)),
    ],
)
def test_known_cases(placement: str, aspect: float, seconds: float, expected: tuple[float, float]) -> None:
    assert of(placement, aspect, seconds) == pytest.approx(expected)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.platform} {rule.placement}")
def test_rules_are_whole(rule) -> None:  # type: ignore[no-untyped-def]
    assert rule.platform in {str(platform) for platform in Platform}
    assert rule.source
    assert rule.narrowest <= min(rule.ideal) <= max(rule.ideal) <= rule.widest
    assert rule.shortest < rule.full <= rule.longest
    # the farther from what is ideal, the worse
    wider = [aspect_fit(rule, max(rule.ideal) * factor) for factor in (1, 1.2, 1.5, 2, 3, 5)]
    narrower = [aspect_fit(rule, min(rule.ideal) / factor) for factor in (1, 1.2, 1.5, 2, 3, 5)]
    longer = [
        duration_fit(rule, rule.full + share * (rule.longest - rule.full)) for share in (0, 0.3, 0.7, 1)
    ]
    assert all(
        later <= earlier for scores in (wider, narrower, longer) for earlier, later in pairwise(scores)
    )
    assert duration_fit(rule, rule.longest + 1) == 0


def test_every_platform_has_a_rule_and_the_best_comes_first() -> None:
    assert {rule.platform for rule in RULES} == {str(platform) for platform in Platform}
    placements = [fit.placement for fit in fit_of(TALL, 30).of("youtube")]
    assert placements == ["shorts", "long"]
