"""The other side of the HTTP border with kept drafts and advice on them: answers of the API's own records, over a socket.

What the real service answers is shown in tests/serving and tests/e2e; here are the states of the pages.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from creatorlens import api
from creatorlens.advice.common import Change, EvidencePost, Lift
from creatorlens.advice.content import (
    Applied,
    ApplyRequest,
    Content,
    ContentPage,
    ContentRequest,
    ContentVersion,
    Receipt,
    ReceiptGrade,
    ReceiptRecord,
    Receipts,
)
from creatorlens.advice.hashtags import Hashtag, Hashtags, NumberOfTags
from creatorlens.advice.strategy import AlikeChannel, Finding, Interest, Outlier, Strategy
from creatorlens.advice.timing import (
    Schedule,
    ScheduledPost,
    ScheduleRequest,
    SlotEffect,
    Timing,
    TimingAtAge,
)
from creatorlens.advice.titles import GeneratorUse, TitleAdvice, TitleSuggestion
from creatorlens.platforms import Platform
from tests.dashboard.conftest import NOW, Scene, serve

CHANNEL = "youtube:Slow Kitchen"
MORE = Lift(effect=0.06, low=0.01, high=0.11, noise=False, words="+6 % (+1 % to +11 %)")
NOISE = Lift(effect=0.01, low=-0.03, high=0.05, noise=True, words="no detectable difference (−3 % to +5 %)")
POST = EvidencePost(
    post_id="p1", channel_id=CHANNEL, published_at=NOW - timedelta(days=40), title="Bread in three steps",
    outcome=21_000, over_usual=1.9, similarity=0.71,
)  # fmt: skip


@dataclass
class AdviceScene(Scene):
    """`conflict`: somebody else changes every draft first. `quiet`: nothing is found."""

    kept: dict[str, Content] = field(default_factory=dict)
    receipts: list[Receipt] = field(default_factory=list)
    conflict: bool = False
    quiet: bool = False
    graded_receipts: bool = False

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: bytes) -> object:
        parts = path.removeprefix("/v1/").split("/")
        if parts[0] == "content":
            return self._content(method, parts[1:], query, body)
        if parts[0] == "receipts":
            return self._receipts(None)
        if parts[0] == "recommendations":
            return self._advice(parts[1:], body)
        return super().answer(method, path, query, body)

    def keep(self, **told: object) -> Content:
        usual = {
            "channel": CHANNEL,
            "title": "Why does my bread never rise?",
            "planned_at": NOW + timedelta(days=2),
        }
        made = self._made(ContentRequest.model_validate(usual | told))
        self.kept[made.content_id] = made
        return made

    def _content(self, method: str, rest: list[str], query: dict[str, list[str]], body: bytes) -> object:
        self.asked.append((f"{method} content", {"path": "/".join(rest)}))
        if not rest:
            if method == "GET":
                wanted = query.get("channel", [None])[0]
                shown = [one for one in self.kept.values() if wanted in (None, one.channel_id)]
                return ContentPage(contents=tuple(reversed(shown)), next_cursor=None)
            made = self._made(ContentRequest.model_validate_json(body))
            self.kept[made.content_id] = made
            return made
        content = self.kept.get(rest[0])
        if content is None:
            return api.Problem(title="Not found", status=404, detail="no such content")
        if rest[1:] == ["receipts"]:
            return self._receipts(content.content_id)
        if rest[1:] == ["apply"]:
            return self._apply(content, ApplyRequest.model_validate_json(body))
        if method == "PUT":
            first = self._made(ContentRequest.model_validate_json(body)).now
            return self._moved(content, first)
        if method == "DELETE":
            return self.kept.pop(content.content_id)
        return content

    def _made(self, wanted: ContentRequest) -> Content:
        draft = wanted.to_draft()
        version = ContentVersion(
            version=1, created_at=NOW, planned_at=draft.planned_at, title=draft.title, text=draft.text,
            hashtags=draft.hashtags, media_type=draft.media_type, duration_s=None, category=None, followers=None,
            analysis_id=None, assets=wanted.assets, thumbnail=wanted.thumbnail,
        )  # fmt: skip
        return Content(
            content_id=f"c{len(self.kept) + 1}", channel_id=draft.channel_id, platform=draft.platform, created_at=NOW,
            post_id=None, versions=(version,),
        )  # fmt: skip

    def _moved(self, content: Content, new: ContentVersion, receipt_id: str | None = None) -> Content:
        number = {"version": content.now.version + 1, "receipt_id": receipt_id}
        versions = (*content.versions, new.model_copy(update=number))
        moved = content.model_copy(update={"versions": versions})
        self.kept[content.content_id] = moved
        return moved

    def _apply(self, content: Content, wanted: ApplyRequest) -> object:
        if self.conflict:
            told = api.FieldError(
                field="version", message="the content is at version 3, not 1.", hint="Look at it anew."
            )
            return api.Problem(title="Changed meanwhile", status=409, detail="", errors=(told,))
        receipt = Receipt(
            receipt_id=f"r{len(self.receipts) + 1}", content_id=content.content_id, kind=wanted.kind, applied_at=NOW,
            from_version=content.now.version, to_version=content.now.version + 1, change=wanted.change,
            before={"title": content.now.title}, words="Title changed: +6 % (+1 % to +11 %).", lift=MORE, prob_before=0.41,
            prob_after=0.47, prob_change=0.06, prob_change_low=0.01, prob_change_high=0.11, before_prediction_id="a",
            after_prediction_id="b", similar=(POST,),
        )  # fmt: skip
        self.receipts.insert(0, receipt)
        moved = self._moved(content, content.now.changed(wanted.change), receipt.receipt_id)
        return Applied(content=moved, receipt=receipt)

    def _receipts(self, content_id: str | None) -> Receipts:
        found = [one for one in self.receipts if content_id in (None, one.content_id)]
        grade = ReceiptGrade(
            horizon_h=168, outcome=15_000, beat_floor=True, covered80=True, ae_ln_after=0.2, ae_ln_before=0.3
        )
        if self.graded_receipts:
            found = [one.model_copy(update={"grades": (grade,)}) for one in found]
        n = len(found) if self.graded_receipts else 0
        record = ReceiptRecord(
            receipts=len(found), graded=n, with_floor=n, mean_prob_before=0.41 if n else None,
            mean_prob_after=0.47 if n else None, share_beat_floor=1.0 if n else None, coverage80=1.0 if n else None,
            mae_ln_before=0.3 if n else None, mae_ln_after=0.2 if n else None,
        )  # fmt: skip
        return Receipts(receipts=tuple(found), record=record)

    def _advice(self, rest: list[str], body: bytes) -> object:
        self.asked.append(("advice", {"path": "/".join(rest)}))
        if rest[0] == "schedule":
            return self._schedule(ScheduleRequest.model_validate_json(body))
        if rest[0] == "strategy":
            return strategy(quiet=self.quiet)
        makers = {"titles": titles, "hashtags": hashtags, "timing": timing}
        if rest[0] not in makers:
            return api.Problem(
                title="Not ready", status=409, detail="advice on thumbnails is not part of this installation."
            )
        return makers[rest[0]](self.kept[rest[1]], quiet=self.quiet)

    def _schedule(self, wanted: ScheduleRequest) -> object:
        start = wanted.start or NOW
        posts = tuple(
            ScheduledPost(
                content_id=one, channel_id=CHANNEL, title=self.kept[one].now.title,
                planned_at=start + timedelta(days=1, hours=24 * i + 18), timezone="Europe/Berlin", local="Tue 18:00",
                lift=NOISE,
            )
            for i, one in enumerate(wanted.content_ids)
        )  # fmt: skip
        return Schedule(
            as_of=NOW,
            spacing_h=wanted.spacing_h,
            posts=posts,
            words="No time stands out; the posts are spread.",
        )


def told(content: Content, **more: object) -> dict[str, object]:
    usual = {
        "content_id": content.content_id, "version": content.now.version, "channel_id": content.channel_id,
        "platform": content.platform, "metric": "views", "as_of": NOW, "model_version": "3",
    }  # fmt: skip
    return usual | more


def titles(content: Content, *, quiet: bool) -> TitleAdvice:
    found = () if quiet else tuple(
        TitleSuggestion(
            suggestion_id=f"t{i}", kind="titles", change=Change(title=after), words="Another title.",
            because=("The keyword comes first.",), lift=lift, prob_beats_floor=0.47, evidence=(POST,), field="title",
            before=content.now.title, after=after, operator="front-load", made_by="offline", forecast_lift=lift,
        )
        for i, (after, lift) in enumerate((("Bread that never rises: why? [5 answers]", MORE), ("Why bread never rises", NOISE)))
    )  # fmt: skip
    return TitleAdvice.model_validate(
        told(
            content, words="Nothing found that would do more." if quiet else "One title is expected to do more.",
            current=content.now.title, language="en", current_voice=None, voice_words="", headlines=None,
            headlines_words="No headline model is trained.", supported_by=("title",), suggestions=found,
            generators=(GeneratorUse(name="offline", used=True, proposed=9),), left_out={"it is too long": 2},
        )
    )  # fmt: skip


def hashtags(content: Content, *, quiet: bool) -> Hashtags:
    tag = Hashtag(
        tag="bread", relevance=0.8, lift=NOISE, level="channel", in_draft=False, own_posts=9, posts=12, posts_28d=40,
        channels_28d=6, rise=0.5, because=("you used it on 9 posts alike",),
    )  # fmt: skip
    number = NumberOfTags(low=1, high=3, usual=2, lift=None, limit=15, words="Use one to three.")
    return Hashtags.model_validate(
        told(content, words="None stands out.", tags=(tag,), number=number, best=None)
    )


def timing(content: Content, *, quiet: bool) -> Timing:
    slots = tuple(SlotEffect(value=hour, lift=NOISE, posts=4) for hour in (9, 18))
    week = TimingAtAge(
        age="week", age_words="Counts at seven days.", verdict="no-effect", words="No hour stands out.", posts=120,
        others=900, hours=slots, hour_sd=0.02,
    )  # fmt: skip
    return Timing.model_validate(
        told(
            content, words="No time stands out on this channel.", timezone="Europe/Berlin", verdict="no-effect",
            planned_at=content.now.planned_at, ages=(week,), confounding=None, causal=None, suggestions=(),
        )
    )  # fmt: skip


def strategy(*, quiet: bool) -> Strategy:
    finding = Finding(
        trait="words", name="sourdough", words="titles with “sourdough”", lift=MORE, posts=12, channels=1, share=0.1,
        share_of_outliers=0.5, also=("longer videos",), evidence=(POST,),
    )  # fmt: skip
    outlier = Outlier(post=POST, times_usual=2.4, spreads=2.1)
    interest = Interest(
        kind="hashtag", name="sourdough", words="rising", posts=40, channels=6, own_posts=1, rise=2.2, lift=None, fit=0.6,
        fits=True,
    )  # fmt: skip
    some = () if quiet else (finding,)
    return Strategy(
        channel_id=CHANNEL, platform=Platform.YOUTUBE, metric="views", as_of=NOW, words="Three posts stood out.", results=120,
        spread=1.5, looked_at=44, outliers=() if quiet else (outlier,), sets_apart=some, underused=some, overused=(),
        alike=() if quiet else (AlikeChannel(channel_id="youtube:Night Trains", similarity=0.8, size=2.0, posts=90),),
        gaps=some, competitors=() if quiet else (outlier,), keywords=() if quiet else (interest,), trends=(),
        notes=("These are comparisons.",),
    )  # fmt: skip


@pytest.fixture(autouse=True)
def _fresh_caches() -> None:
    import streamlit as st

    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[AdviceScene]:
    scene = AdviceScene()
    server = serve(scene)
    monkeypatch.setenv("CREATORLENS_API_URL", f"http://127.0.0.1:{server.server_address[1]}")
    yield scene
    server.shutdown()
    server.server_close()
