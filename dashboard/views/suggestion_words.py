"""Suggested titles and hashtags. Each view gives the suggestion whose button was pressed."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from creatorlens.advice.common import Suggestion
from creatorlens.advice.content import Content
from creatorlens.advice.hashtags import Hashtags
from creatorlens.advice.titles import TitleAdvice
from creatorlens.api import ChannelDetail
from dashboard import advice_shapes as shapes
from dashboard import advising, interval_charts, session, words


def titles(channel: ChannelDetail, content: Content) -> Suggestion | None:
    with st.spinner("Looking for other words…"):
        found = advising.titles(content)
    st.markdown(found.words)
    lifts(found.suggestions, [one.after for one in found.suggestions], "titles")
    wanted: Suggestion | None = None
    for i, one in enumerate(found.suggestions, 1):
        with st.container(border=True):
            st.markdown(f"**{i} · {_plain(one.after)}**")
            st.markdown(shapes.expected(one))
            bullets([*one.because, *shapes.title_sources(one)])
            evidence(one, channel)
            if use(f"Use this {one.field}", one):
                wanted = one
    _small_print(found)
    return wanted


def _small_print(found: TitleAdvice) -> None:
    said = [found.headlines_words, found.voice_words, shapes.left_out(found.left_out)]
    said += [f"{one.name}: {one.words}" for one in found.generators if not one.used and one.words]
    st.caption("  \n".join(line for line in said if line))


def hashtags(channel: ChannelDetail, content: Content) -> Suggestion | None:
    with st.spinner("Looking for hashtags…"):
        found = advising.hashtags(content)
    st.markdown(found.words)
    st.markdown(found.number.words)
    wanted: Suggestion | None = None
    if found.best is not None:
        with st.container(border=True):
            st.markdown(f"**{' '.join(f'#{tag}' for tag in found.best.change.hashtags or ())}**")
            st.markdown(shapes.expected(found.best))
            bullets(found.best.because)
            evidence(found.best, channel)
            if use("Use these hashtags", found.best):
                wanted = found.best
    return _steps(found) or wanted


def _steps(found: Hashtags) -> Suggestion | None:
    wanted: Suggestion | None = None
    if found.tags:
        st.subheader("Each by itself")
        session.table(
            ("", "Expected", "On whose posts", "Used in 28 days", "Why"),
            shapes.tag_rows(found.tags),
            "Hashtags",
        )
        st.caption("✓: in the draft already.")
    steps = (*found.add, *found.drop)
    lifts(steps, [one.words for one in steps], "hashtag-steps")
    for one in steps:
        words_box, button_box = st.columns([5, 1], vertical_alignment="center")
        words_box.markdown(f"{_plain(one.words)}  \n{shapes.expected(one)}")
        with button_box:
            if use("Do it", one):
                wanted = one
    st.caption(shapes.left_out(found.left_out))
    return wanted


def lifts(suggestions: Sequence[Suggestion], labels: Sequence[str], key: str) -> None:
    """All side by side, so that one sees at once how little most of them differ."""
    frame = shapes.lifts_frame(suggestions, labels)
    if len(frame) < 2:
        return
    session.chart(interval_charts.changes(frame, session.colours()), shapes.spoken(frame), key=f"lifts-{key}")
    st.caption(
        "Expected change after a week. Wide lines hold it four times out of five; grey: no detectable difference."
    )


def use(label: str, one: Suggestion) -> bool:
    return bool(st.button(label, key=f"use-{one.suggestion_id}"))


def bullets(lines: Sequence[str]) -> None:
    if lines:
        st.markdown("\n".join(f"- {_plain(line)}" for line in lines))


def evidence(one: Suggestion, channel: ChannelDetail) -> None:
    if not one.evidence:
        return
    with st.expander(f"Posts that speak for it ({len(one.evidence)})"):
        session.table(
            ("", "Published", "Outcome", "Over the usual", "Likeness"),
            shapes.evidence_rows(one.evidence, words.metric(channel.platform, channel.metric)),
            "Evidence",
        )


def _plain(text: str) -> str:
    """Words of a creator are no markup."""
    return "".join(f"\\{letter}" if letter in r"\`*_{}[]<>#$~|:" else letter for letter in text)
