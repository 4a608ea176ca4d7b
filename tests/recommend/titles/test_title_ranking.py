"""Candidates in order of what they are expected to do, and what is said of how sure that is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creatorlens.platforms import Platform
from creatorlens.records import Draft
from recommend.scoring import LiftLn, Part, Scored
from recommend.titles.brief import Candidate
from recommend.titles.choosing import choose
from recommend.titles.ranking import TRANSFER_LN, UNLIKE, WORSE, combined, diverse, rank, widened
from recommend.titles.voice import learn_voice

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
DRAFT = Draft("youtube:ann", Platform.YOUTUBE, datetime(2026, 11, 1, tzinfo=UTC), title="Growing garlic")


class Forecast:
    """ln of views moves by a number of each title's own; remembers what it was asked."""

    def __init__(self, effects: dict[str, float], half: float = 0.02, abstained: bool = False) -> None:
        self.effects, self.half, self.abstained = effects, half, abstained
        self.asked: list[list[Draft]] = []

    def __call__(self, drafts: Sequence[Draft]) -> list[Scored]:
        self.asked.append(list(drafts))
        return [self._one(draft) for draft in drafts]

    def _one(self, draft: Draft) -> Scored:
        ln = self.effects.get(draft.title, 0.0)
        p50 = math.expm1(7 + ln)
        parts = {"content": Part(ln, ln - self.half, ln + self.half), "timing": Part(0.0, -0.5, 0.5)}
        return Scored(
            p50 / 2,
            p50,
            p50 * 2,
            0.5,
            1000.0,
            self.abstained,
            "too few posts" if self.abstained else "",
            parts,
        )


def titled(*titles: str) -> list[Candidate]:
    return [Candidate("title", title, "by hand", "a test") for title in titles]


def test_the_best_expected_comes_first_and_all_are_asked_at_once() -> None:
    score = Forecast({"Garlic in a frost": 0.3, "Garlic": 0.1, "Frost and garlic": -0.01})
    found = rank(DRAFT, titled("Garlic", "Frost and garlic", "Garlic in a frost"), score)
    assert [one.candidate.words for one in found.shown] == ["Garlic in a frost", "Garlic", "Frost and garlic"]
    assert [[draft.title for draft in drafts] for drafts in score.asked] == [
        ["Growing garlic", "Garlic", "Frost and garlic", "Garlic in a frost"]
    ]
    best = found.shown[0].lift
    assert best is not None
    assert best.ln == pytest.approx(0.3, abs=1e-3)
    assert not best.noise


def test_what_is_expected_to_do_worse_is_left_out() -> None:
    found = rank(DRAFT, titled("Garlic", "Frost"), Forecast({"Frost": -0.4}))
    assert [one.candidate.words for one in found.shown] == ["Garlic"]
    assert found.left_out == {WORSE: 1}


def test_the_interval_widens_with_how_many_were_looked_at() -> None:
    effects = {"Garlic": 0.3}
    one = rank(DRAFT, titled("Garlic"), Forecast(effects)).shown[0].lift
    many = rank(DRAFT, titled("Garlic", *(f"Frost {i}" for i in range(15))), Forecast(effects)).shown[0].lift
    assert one is not None
    assert many is not None
    assert one.ln == pytest.approx(many.ln)
    assert many.ln == pytest.approx(0.3, abs=1e-3)
    assert many.high_ln - many.low_ln > one.high_ln - one.low_ln > 0  # type: ignore[operator]


def test_where_the_forecast_abstains_it_has_no_say_and_headline_tests_order() -> None:
    def clicks(current: str, others: Sequence[str]) -> list[LiftLn]:
        assert current == "Growing garlic"
        return [LiftLn(0.2 if other == "Frost" else -0.001, -0.1, 0.3) for other in others]

    found = rank(DRAFT, titled("Garlic", "Frost"), Forecast({}, abstained=True), headlines=clicks)
    assert [one.candidate.words for one in found.shown] == ["Frost", "Garlic"]
    assert all(one.forecast is None and one.lift is None for one in found.shown)
    assert found.before.reason == "too few posts"


def test_both_models_speak_only_where_a_click_is_what_is_counted() -> None:
    def clicks(current: str, others: Sequence[str]) -> list[LiftLn]:
        return [LiftLn(0.2, 0.1, 0.3) for _ in others]

    score = Forecast({"Garlic": 0.1})
    on_youtube = rank(DRAFT, titled("Garlic"), score, headlines=clicks).shown[0]
    on_x = rank(replace(DRAFT, platform=Platform.X), titled("Garlic"), score, headlines=clicks).shown[0]
    assert on_youtube.lift is not None
    assert on_youtube.forecast is not None
    assert on_youtube.forecast.ln < on_youtube.lift.ln < 0.2
    assert on_x.lift == on_x.forecast
    assert on_x.headline is not None


def test_headline_tests_of_other_people_count_for_less_than_their_own_interval_says() -> None:
    alone = combined(LiftLn(0.0, 0.0, 0.0), LiftLn(0.2, 0.19, 0.21), same=True)
    assert alone is not None
    assert alone.high_ln - alone.low_ln > 2 * TRANSFER_LN  # type: ignore[operator]


lifts = st.builds(
    lambda ln, down, up: LiftLn(ln, ln - down, ln + up),
    st.floats(-1, 1), st.floats(0.01, 1), st.floats(0.01, 1),
)  # fmt: skip


@unhurried
@given(lifts, lifts)
def test_the_two_together_lie_between_them_and_are_no_less_sure_than_the_forecast(
    one: LiftLn, two: LiftLn
) -> None:
    both = combined(one, two, same=True)
    assert both is not None
    assert min(one.ln, two.ln) - 1e-9 <= both.ln <= max(one.ln, two.ln) + 1e-9
    assert both.low_ln <= both.ln <= both.high_ln  # type: ignore[operator]
    assert combined(one, two, same=False) == one


@unhurried
@given(lifts, st.integers(1, 40))
def test_widening_keeps_the_middle(found: LiftLn, among: int) -> None:
    wider = widened(found, among)
    assert wider is not None
    assert wider.ln == found.ln
    assert wider.low_ln <= found.low_ln + 1e-9  # type: ignore[operator]
    assert wider.high_ln >= found.high_ln - 1e-9  # type: ignore[operator]


def test_of_equals_the_one_that_sounds_like_the_channel_comes_first() -> None:
    voice = learn_voice(
        [
            f"How to grow {plant} in a pot"
            for plant in [
                "garlic",
                "beans",
                "peas",
                "leeks",
                "kale",
                "chard",
                "mint",
                "basil",
                "dill",
                "sage",
                "rye",
                "oats",
            ]
        ]
    )
    assert voice is not None
    found = rank(
        DRAFT, titled("GARLIC!!! 🔥🔥🔥 #1", "How to grow garlic in a box"), Forecast({}), voice=voice
    )
    assert found.shown[0].candidate.words == "How to grow garlic in a box"
    assert found.left_out in ({}, {UNLIKE: 1})


def test_near_copies_of_the_best_make_room_for_something_else() -> None:
    names = (
        "How to grow garlic in a pot",
        "How to grow garlic in a big pot",
        "Frost and garlic",
        "Garlic",
    )
    ranked = rank(DRAFT, titled(*names), Forecast({}), most=10).shown
    two = [one.candidate.words for one in diverse(ranked, 2)]
    assert two == ["How to grow garlic in a pot", "Frost and garlic"]


def test_each_kind_of_edit_gets_its_turn_before_a_second_of_one() -> None:
    many = [Candidate("title", f"A {i}", "a", "edits") for i in range(9)] + [
        Candidate("title", "B", "b", "edits")
    ]
    beside = [Candidate("text", f"T {i}", "t", "edits") for i in range(9)]
    chosen = choose([*many, *beside], 6, field="title")
    assert [one.words for one in chosen] == ["A 0", "B", "A 1", "T 0", "T 1", "T 2"]
