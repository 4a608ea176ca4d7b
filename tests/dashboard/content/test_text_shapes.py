"""What the reading of words becomes on the page: cues in their place, scales, agreement."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from creatorlens.reading.text import Match, TextReading
from dashboard import text_shapes as shapes

TITLE = "Why does my bread never rise? 5 honest answers"


def test_cues_are_marked_where_they_stand_and_overlaps_are_named_together(make):
    reading = make.the_words()
    found = shapes.pieces(TITLE, shapes.matches(reading, "title"))
    assert "".join(piece.text for piece in found) == TITLE
    assert [(piece.text, piece.cues) for piece in found if piece.cues] == [
        ("Why", "Question"),
        ("?", "Question"),
        ("5", "Number, List"),
        (" honest answers", "List"),
    ]


@given(
    text=st.text(max_size=40),
    spans=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=6),
)
def test_no_letter_is_lost_or_doubled_whatever_the_matches_say(text, spans):
    matches = [("Cue", Match(field="title", text="", start=min(s), end=max(s))) for s in spans]
    assert "".join(piece.text for piece in shapes.pieces(text, matches)) == text


def test_markup_in_a_title_is_text(make):
    title = "<script>alert(1)</script> & more"
    assert "<script>" not in shapes.highlighted(title, TextReading(), "title")


def test_cues_are_listed_with_their_words(make):
    chips = shapes.cue_chips(make.the_words())
    assert chips[0] == ("Question · Why +1", "“Why” and “?”")
    assert shapes.no_cues(make.the_words()) == ""
    none = make.the_words(cues=make.the_words().cues.model_copy(update={"cues": ()}))
    assert shapes.no_cues(none).startswith("No question")
    assert shapes.no_cues(TextReading()) == "", "nobody looked"


def test_mood_ease_and_novelty_lie_on_scales(make):
    told = {scale.name: scale.words for scale in shapes.scales(make.the_words())}
    assert told == {
        "Mood": "positive",
        "Reading": "easy",
        "Beside earlier titles": "much like an earlier one",
    }


def test_agreement_prefers_meaning_and_is_never_below_nothing(make):
    frame = shapes.agreement_frame(make.the_words().agreement)
    assert list(frame["pair"]) == ["Title and text on screen", "Title and what is said"]
    assert list(frame["share"]) == [0.5, 0.0]
    assert frame["words"].iloc[1] == "0\u00a0% alike in meaning"
    assert shapes.agreement_frame(None).empty


def test_a_title_that_is_too_long_or_used_before_is_worth_a_look(make):
    again = make.the_words().channel.model_copy(update={"novelty": 0.02})
    found = shapes.findings(make.the_words(channel=again), TITLE, limit=20)
    assert [one.says for one in found if one.tone == "look"] == [
        "The title is too long",
        "Nearly a title you have used before",
    ]
