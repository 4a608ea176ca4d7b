"""Receipts of applied suggestions: what was changed, what was expected, what came of it. No Streamlit in here."""

from __future__ import annotations

from datetime import datetime

from creatorlens.advice.content import Receipt, ReceiptRecord
from dashboard import words

FIELDS = {
    "title": "Title", "text": "Text", "hashtags": "Hashtags", "planned_at": "Time", "thumbnail": "Picture",
    "analysis_id": "What was read",
}  # fmt: skip
KINDS = {
    "titles": "Title", "hashtags": "Hashtags", "thumbnails": "Thumbnail", "timing": "Time", "strategy": "Strategy",
}  # fmt: skip
PICTURES = ("thumbnail", "analysis_id")


def heading(one: Receipt) -> str:
    """'Title, Mon 30 Nov, 02:10'."""
    return f"{KINDS[one.kind]}, {words.moment(one.applied_at)}"


def change_rows(one: Receipt) -> list[tuple[str, ...]]:
    """Field, before, after."""
    after = one.change.model_dump(exclude_none=True)
    return [
        (FIELDS[name], _told(name, one.before.get(name)), _told(name, value))
        for name, value in after.items()
        if name != "analysis_id"
    ]


def _told(name: str, value: object) -> str:
    if value is None or value == "" or value == [] or value == ():
        return "none"
    if isinstance(value, list | tuple):
        return " ".join(f"#{tag}" for tag in value)
    if name in PICTURES:
        return f"picture {str(value)[:12]}"
    if name == "planned_at":
        at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        return words.moment(at)
    return words.short(str(value), 200)


def chance(one: Receipt) -> str:
    """'The chance moves by +6 points (+1 to +11).'; empty where it does not, or there was none to tell."""
    if not one.prob_change:
        return ""
    span = ""
    if one.prob_change_low is not None and one.prob_change_high is not None:
        span = f" ({_points(one.prob_change_low)} to {_points(one.prob_change_high)})"
    return f"The chance moves by {_points(one.prob_change)} points{span}."


def _points(change: float) -> str:
    return f"{round(100 * change):+d}".replace("-", "−")


def grade_rows(one: Receipt, metric: str) -> list[tuple[str, ...]]:
    """Age, what happened, inside the band or not, against the floor, which forecast came nearer."""
    return [
        (
            words.horizon(grade.horizon_h),
            f"{words.count(grade.outcome)} {metric}".strip(),
            "inside" if grade.covered80 else "outside",
            "no floor" if grade.beat_floor is None else "beaten" if grade.beat_floor else "not beaten",
            _nearer(grade.ae_ln_before, grade.ae_ln_after),
        )
        for grade in one.grades
    ]


def _nearer(before: float, after: float) -> str:
    if abs(before - after) < 0.005:
        return "both the same"
    return "the one with the change" if after < before else "the one without it"


def record_lines(record: ReceiptRecord | None) -> list[str]:
    """How applied suggestions came out in all."""
    if record is None or not record.receipts:
        return []
    if not record.graded:
        return [f"{record.receipts} applied, none graded yet: publish, import the outcomes, then grade them."]
    lines = [f"**{record.graded} of {record.receipts}** applied suggestions are graded."]
    if record.with_floor and record.share_beat_floor is not None and record.mean_prob_after is not None:
        lines.append(
            f"Expected to beat the floor **{words.share(record.mean_prob_after)}** of the time with the change"
            + (
                ""
                if record.mean_prob_before is None
                else f" ({words.share(record.mean_prob_before)} without it)"
            )
            + f"; **{words.share(record.share_beat_floor)}** did."
        )
    if record.coverage80 is not None:
        lines.append(f"{words.share(record.coverage80)} ended inside the band that promises 80 %.")
    if record.mae_ln_after is not None and record.mae_ln_before is not None:
        lines.append(
            f"The forecast with the change was off by {record.mae_ln_after:.2f} (ln), the one without it by "
            f"{record.mae_ln_before:.2f}."
        )
    return lines
