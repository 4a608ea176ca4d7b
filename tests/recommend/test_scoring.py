"""What a change is expected to do, in words."""

from __future__ import annotations

import pytest

from recommend.scoring import LiftLn, Part, Scored, lift, widening, words_of


def scored(p50: float, content: tuple[float, float, float]) -> Scored:
    parts = {"audience": Part(4.0, 3.0, 5.0), "timing": Part(0.0, 0.0, 0.0), "content": Part(*content)}
    return Scored(p50 / 3, p50, 3 * p50, 0.5, p50, False, "", parts)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (LiftLn(0.0, 0.0, 0.0), "no difference"),
        (LiftLn(0.01, -0.03, 0.05), "no detectable difference (−3 % to +5 %)"),
        (LiftLn(0.10, 0.05, 0.15), "+11 % (+5 % to +16 %)"),
        (LiftLn(0.10, None, None), "+11 %, how sure is not known"),
    ],
)
def test_a_lift_in_words(found: LiftLn, words: str) -> None:
    assert words_of(found) == words


def test_what_both_drafts_share_does_not_widen_the_range_and_the_best_of_many_is_less_sure() -> None:
    before, after = scored(99, (0.0, -0.1, 0.1)), scored(120, (0.19, 0.09, 0.29))
    one = lift(before, after)
    assert one.high_ln is not None
    # two half-widths of .1, as squares; the audience's ±1 cancels
    assert one.high_ln - one.ln == pytest.approx(0.1 * 2**0.5)
    many = lift(before, after, among=16)
    assert many.high_ln is not None
    assert many.high_ln - many.ln == pytest.approx(0.1 * 2**0.5 * widening(16))
    assert widening(16) > widening(1) == pytest.approx(1.0)
