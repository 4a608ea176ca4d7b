"""The track record: what became of the forecasts, kept apart by how much each kind proves."""

from __future__ import annotations

import streamlit as st

from creatorlens.api import TrackRecord
from creatorlens.client import ApiError
from creatorlens.platforms import MATURE_AGE_H, Platform
from dashboard import calibration_charts, calibration_shapes, session, track_charts, words
from dashboard import track_shapes as shapes
from dashboard.views import choosing


def page() -> None:
    st.title("Track record")
    st.markdown("Every saved forecast is kept as it was and graded when its outcome arrives.")
    scope = st.segmented_control(
        "Show", ["all", "platform", "channel"], default="all", key="scope", required=True,
        format_func={"all": "Everything", "platform": "One platform", "channel": "One channel"}.get,
        label_visibility="collapsed", bind="query-params",
    )  # fmt: skip
    try:
        record = _record(scope or "all")
    except ApiError as error:
        session.show_trouble(error)
        return
    if record is None:
        return
    kinds = shapes.groups(record)
    if not kinds:
        _nothing_graded(record)
        return
    group = _kind(kinds)
    st.markdown(shapes.summary(shapes.headline(record, group)))
    _calibration(record, group)
    _over_time(record, group)
    _by_horizon(record, group)
    _by_size(record, group)
    _revised(record, group)
    if record.channel_id is not None:
        _one_channel(record, group)
    else:
        st.caption("Choose one channel to see its forecasts beside what happened.")


def _record(scope: str) -> TrackRecord | None:
    if scope == "all":
        return session.track_record(None)
    if scope == "platform":
        platform = choosing.platform()
        return None if platform is None else session.track_record(platform)
    chosen = choosing.channel()
    return None if chosen is None else session.track_record(chosen.platform, chosen.channel_id)


def _kind(kinds: list[shapes.Group]) -> shapes.Group:
    label = st.segmented_control(
        "Kind of evidence", [kind.label for kind in kinds], default=kinds[0].label, required=True, key="kind"
    )
    group = next((kind for kind in kinds if kind.label == label), kinds[0])
    st.caption(group.meaning)
    return group


def _nothing_graded(record: TrackRecord) -> None:
    if record.predictions:
        st.info(
            f"{words.count(record.predictions)} saved forecasts wait for their outcome. Import newer "
            "observations of the posts, then grade them:"
        )
    else:
        st.info(
            "No forecast has been saved yet. Save one on the Forecast page, publish the post, and import "
            "its observations when they are in:"
        )
    st.code("creatorlens import observations.csv\ncreatorlens grade", language="bash")


def _calibration(record: TrackRecord, group: shapes.Group) -> None:
    """What was stated beside what came true."""
    odds, bands = calibration_shapes.odds_frame(record, group), calibration_shapes.bands_frame(record, group)
    if bands.empty:
        return
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Stated chance, and what came true")
        if odds.empty:
            st.caption("None of these posts had a chance to beat the floor stated.")
        else:
            st.markdown(calibration_shapes.odds_sentence(odds))
            session.chart(
                calibration_charts.reliability(odds, session.colours()),
                calibration_shapes.spoken(odds),
                key="calibration-odds",
            )
            st.caption(
                "Chance to beat the median of the last five posts, in bins of ten per cent; numbers are posts. On the "
                "dashed line the odds are right. Lines hold the true share 19 times out of 20, orange where they miss "
                "the dashed line."
            )
    with right:
        st.subheader("Inside the band")
        st.markdown(calibration_shapes.bands_sentence(bands))
        session.chart(
            calibration_charts.inside(bands, session.colours()),
            calibration_shapes.spoken(bands),
            key="calibration-bands",
        )
        st.caption(
            "Dashed: the promised 80 %. Each post counts once, at its age nearest seven days. Sizes are thirds of what "
            "is usual on the channel, within its platform."
        )


def _by_size(record: TrackRecord, group: shapes.Group) -> None:
    frame = calibration_shapes.size_frame(record, group)
    if len(frame) < 2:
        return
    st.subheader("By size of the channel")
    session.chart(track_charts.skill(frame, session.colours()), _spoken(frame, "skill"), key="skill-size")
    st.caption("After seven days, better (up) or worse (down) than the floor.")


def _revised(record: TrackRecord, group: shapes.Group) -> None:
    rows = calibration_shapes.revised_rows(record, group)
    if not rows:
        return
    st.subheader("Revised after publishing")
    session.table(
        ("Platform and age", "Graded", "Inside the band", "Error against the floor"),
        rows,
        "Revised forecasts",
    )
    st.caption("Made anew once the post had been seen: they knew more, so nothing above counts them.")


def _over_time(record: TrackRecord, group: shapes.Group) -> None:
    frame = shapes.slices_frame(shapes.of_group(record.by_month, group), "month")
    if frame.empty:
        return
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Inside the band, by month")
        session.chart(
            track_charts.coverage(frame, session.colours()), _spoken(frame, "coverage"), key="coverage-month"
        )
        st.caption("Dashed: the promised 80 %. Thick lines: how far chance alone would move each dot.")
    with right:
        st.subheader("Better than the plain guess")
        if frame["skill"].notna().any():
            session.chart(
                track_charts.skill(frame, session.colours()), _spoken(frame, "skill"), key="skill-month"
            )
            st.caption(
                "How much smaller the error was than the floor's: the median of the last five posts. All ages "
                "together: posts younger than seven days have not reached the floor's age yet."
            )
        else:
            st.caption("None of these posts had a floor to compare with.")


def _by_horizon(record: TrackRecord, group: shapes.Group) -> None:
    frame = shapes.slices_frame(shapes.of_group(record.by_horizon, group), "horizon_h")
    platforms = shapes.slices_frame(shapes.of_group(record.by_platform, group), "platform")
    if len(frame) < 2 and len(platforms) < 2:
        return
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("By age of the post")
        session.chart(
            track_charts.coverage(frame, session.colours()), _spoken(frame, "coverage"), key="coverage-age"
        )
    if len(platforms) > 1:
        platforms["label"] = [words.platform(Platform(key)) for key in platforms["key"]]
        with right:
            st.subheader("By platform")
            session.chart(
                track_charts.skill(platforms, session.colours()),
                _spoken(platforms, "skill"),
                key="skill-platform",
            )
            st.caption("Better (up) or worse (down) than the floor.")


def _one_channel(record: TrackRecord, group: shapes.Group) -> None:
    ages = shapes.horizons(record, group)
    if not ages:
        return
    st.subheader("What we said, and what happened")
    nearest = min(ages, key=lambda age: abs(age - MATURE_AGE_H))
    age = st.segmented_control(
        "Age of the post", ages, format_func=lambda h: f"after {words.horizon(h)}", default=nearest,
        required=True, key="age", label_visibility="collapsed",
    )  # fmt: skip
    series = shapes.points(record, group, float(age or nearest))
    frame = shapes.points_frame(series)
    inside = int(frame["inside"].sum())
    said = f"{inside} of the last {len(frame)} posts ended inside their band."
    session.chart(track_charts.outcomes(frame, "outcome", session.colours()), said, key="outcomes")
    st.caption(f"Bars: the forecast. Dots: what happened, in orange where it fell outside. {said}")
    st.subheader("Are the odds right?")
    parts = shapes.calibration_frame(series)
    spoken = "; ".join(f"{row['part']}: {row['share_words']}" for row in parts.to_dict("records"))
    left, _ = st.columns([8, 5])
    with left:
        session.chart(track_charts.calibration(parts, session.colours()), spoken, key="calibration")
    st.caption(
        f"Bars: where {len(series)} outcomes fell. Marks: where they should fall if the odds were right."
    )


def _spoken(frame: object, column: str) -> str:
    rows = frame.to_dict("records")  # type: ignore[attr-defined]
    return "; ".join(f"{row['label']}: {row[f'{column}_words']} of {row['n']} forecasts" for row in rows)
