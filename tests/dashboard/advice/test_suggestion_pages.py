"""Pages of kept drafts and advice, run by Streamlit against an API over a socket."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.dashboard.advice.conftest import CHANNEL, AdviceScene

OTHER = "Bread that never rises: why? [5 answers]"


@pytest.fixture(scope="module", autouse=True)
def _imported() -> None:
    """Once, before a page is waited for: charts take seconds to import."""
    from dashboard.views import receipts, schedule, strategy, suggestions  # noqa: F401


def _suggestions() -> None:
    from dashboard.views import suggestions

    suggestions.page()


def _strategy() -> None:
    from dashboard.views import strategy

    strategy.page()


def _receipts() -> None:
    from dashboard.views import receipts

    receipts.page()


def _schedule() -> None:
    from dashboard.views import schedule

    schedule.page()


def opened(view: Any, **query: str) -> AppTest:
    app = AppTest.from_function(view, default_timeout=120)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    kinds = (
        app.title,
        app.subheader,
        app.markdown,
        app.caption,
        app.info,
        app.error,
        app.success,
        app.warning,
    )
    return "\n".join(part.value for kind in kinds for part in kind)


def tables(app: AppTest) -> str:
    return "\n".join(html.proto.body for html in app.get("html"))


def pressed(app: AppTest, label: str) -> AppTest:
    next(one for one in app.button if one.label == label).click().run()
    assert not app.exception
    return app


def kinds_asked(desk: AdviceScene) -> list[str]:
    return [str(told["path"]).partition("/")[0] for what, told in desk.asked if what == "advice"]


def test_a_draft_is_written_kept_and_advised_on(desk: AdviceScene) -> None:
    app = opened(_suggestions)
    app.text_input(key="keep-title").set_value("Why does my bread never rise?")
    pressed(app, "Keep it")
    assert [one.now.title for one in desk.kept.values()] == ["Why does my bread never rise?"]
    words = said(app)
    assert "One title is expected to do more." in words
    assert "+6 % (+1 % to +11 %)" in words
    assert "no detectable difference (−3 % to +5 %)" in words
    assert "Left out: 2 because it is too long." in words
    assert "Bread in three steps" in tables(app)
    assert kinds_asked(desk) == ["titles"], "other kinds are asked when they are looked at"


def test_a_suggestion_is_applied_the_forecast_moves_and_undo_goes_back(desk: AdviceScene) -> None:
    kept = desk.keep()
    app = opened(_suggestions)
    pressed(app, "Use this title")
    now = desk.kept[kept.content_id]
    assert (now.now.title, now.now.version, now.now.receipt_id) == (OTHER, 2, "r1")
    words = said(app)
    assert "Title changed: +6 % (+1 % to +11 %)." in words
    assert "against version 1" in words
    pressed(app, "Undo")
    back = desk.kept[kept.content_id]
    assert [one.title for one in back.versions] == [kept.now.title, OTHER, kept.now.title]
    assert not [one for one in app.button if one.label == "Undo"], (
        "what was taken back is not taken back again"
    )
    pressed(app, "Back")
    assert desk.kept[kept.content_id].now.title == OTHER, "every version can be gone back to"


def test_where_somebody_was_faster_that_is_said_and_nothing_changes(desk: AdviceScene) -> None:
    kept = desk.keep()
    desk.conflict = True
    app = pressed(opened(_suggestions), "Use this title")
    assert "Changed meanwhile" in said(app)
    assert desk.kept[kept.content_id] == kept


def test_nothing_found_is_an_answer(desk: AdviceScene) -> None:
    desk.keep()
    desk.quiet = True
    app = opened(_suggestions)
    assert "Nothing found that would do more." in said(app)
    assert "Use this title" not in [one.label for one in app.button]


def test_hashtags_and_times_that_do_not_matter_are_said_plainly(desk: AdviceScene) -> None:
    desk.keep()
    app = opened(_suggestions)
    app.segmented_control(key="advice").set_value("hashtags").run()
    assert not app.exception
    assert "#bread" in tables(app)
    assert "Use one to three." in said(app)
    app.segmented_control(key="advice").set_value("timing").run()
    assert not app.exception
    assert "No time stands out on this channel." in said(app)
    app.segmented_control(key="advice").set_value("thumbnails").run()
    assert "No picture or video came with this draft" in said(app)


def test_words_of_a_creator_are_no_markup(desk: AdviceScene) -> None:
    desk.keep(title="Why? **bold** <b>x</b>")
    desk.keep(title="$x$ and [a](http://b)")
    app = opened(_suggestions)
    assert not app.exception


def test_a_deleted_draft_is_gone_from_the_page(desk: AdviceScene) -> None:
    desk.keep()
    app = pressed(opened(_suggestions), "Delete this draft")
    assert not desk.kept
    assert "Titles" not in said(app)


def test_an_address_leads_to_its_draft(desk: AdviceScene) -> None:
    first = desk.keep(title="The first one")
    desk.keep(title="The second one")
    app = opened(_suggestions, content=first.content_id, channel=CHANNEL)
    assert "**The first one**" in said(app)


def test_strategy_shows_what_sets_outliers_apart_and_what_is_missing(desk: AdviceScene) -> None:
    app = opened(_strategy)
    words, shown = said(app), tables(app)
    assert "Three posts stood out." in words
    assert "44 traits were compared" in words
    assert "Bread in three steps" in shown
    assert "×2.4" in shown
    assert "Night Trains" in shown
    assert "fits your channel" in shown


def test_strategy_of_a_channel_without_findings_says_nothing_beyond_chance(desk: AdviceScene) -> None:
    desk.quiet = True
    app = opened(_strategy)
    assert (
        "Nothing beyond chance: what sets your outliers apart, used too little, used too much and gaps."
        in said(app)
    )


def test_a_receipt_tells_change_expectation_and_outcome(desk: AdviceScene) -> None:
    app = opened(_receipts)
    assert "Nothing has been applied yet." in said(app)
    desk.keep()
    pressed(opened(_suggestions), "Use this title")
    app = opened(_receipts)
    assert "none graded yet" in said(app)
    assert "The chance moves by +6 points (+1 to +11)." in said(app)
    assert OTHER in tables(app)
    desk.graded_receipts = True
    app = opened(_receipts)
    assert "**1 of 1** applied suggestions are graded." in said(app)
    assert "the one with the change" in tables(app)


def test_a_schedule_is_shown_and_plans_the_drafts(desk: AdviceScene) -> None:
    first, second = desk.keep(title="One"), desk.keep(title="Two")
    app = opened(_schedule)
    assert "Choose the drafts" in said(app)
    app.multiselect(key="schedule-drafts").set_value([first.content_id, second.content_id]).run()
    assert not app.exception
    assert "No time stands out; the posts are spread." in said(app)
    assert app.get("download_button")
    pressed(app, "Plan the drafts so")
    times = [desk.kept[one.content_id].now.planned_at for one in (first, second)]
    assert (times[1] - times[0]).days == 1
    assert "The drafts are planned so." in said(app)


def test_without_kept_drafts_the_schedule_says_where_to_begin(desk: AdviceScene) -> None:
    assert "No draft is kept yet." in said(opened(_schedule))
