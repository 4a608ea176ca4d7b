"""From the reading of a video to frames, shots and sentences. No Streamlit in here."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from creatorlens.platforms import Platform
from creatorlens.reading.audio import AudioReading
from creatorlens.reading.video import Motion, PlatformFit, VideoFrame, VideoReading
from dashboard import picture_shapes, previews, words
from dashboard.findings import Finding, clock, counted, exact, listed, seconds, sentence
from dashboard.picture_html import Shot

PLACEMENT_WORDS = {"long": "video", "shorts": "Shorts", "reel": "Reels"}
STILL, HECTIC = 0.05, 1.0
ALL_MARKS: tuple[picture_shapes.MarkKind, ...] = ("face", "thing", "lettering")
WHY_WORDS = {"hook": "the beginning", "cut": "a cut", "uniform": "in between"}
SHAPES = ((1.45, "landscape"), (1.05, "wide"), (0.95, "square"), (0.0, "upright"))


def duration(video: VideoReading, audio: AudioReading | None) -> float:
    """Seconds that charts span: of the picture, else of the sound."""
    if video.container is not None and video.container.duration_s > 0:
        return video.container.duration_s
    return audio.facts.duration_s if audio is not None and audio.facts is not None else 0.0


def motion_frame(video: VideoReading) -> pd.DataFrame:
    """How fast what is in the picture moves: time, motion, words."""
    if video.motion is None:
        return pd.DataFrame(columns=["time", "motion", "words"])
    curve = video.motion.curve
    times = [i * curve.step_s for i in range(len(curve.values))]
    values = list(curve.values)
    end = duration(video, None)
    if times and end > times[-1]:
        # the last value holds until the end
        times, values = [*times, end], [*values, values[-1]]
    return pd.DataFrame({"time": times, "motion": values, "words": [motion_words(value) for value in values]})


def motion_words(value: float) -> str:
    """Picture heights a second, in words: 0.05-0.2 is a slow pan, above 1 hectic."""
    if value < 0.01:
        return "still"
    if value < STILL:
        return "almost still"
    return "calm" if value < 0.2 else "lively" if value < HECTIC else "hectic"


def cuts_frame(video: VideoReading) -> pd.DataFrame:
    times = video.cuts.times_s if video.cuts is not None else ()
    return pd.DataFrame({"time": list(times), "words": [f"Cut at {exact(at)}" for at in times]})


def pace_sentence(video: VideoReading) -> str:
    """Cuts and motion in a sentence or two."""
    parts = []
    if video.cuts is not None:
        cuts = video.cuts
        n = len(cuts.times_s)
        if n == 0:
            parts.append("One shot without a hard cut.")
        else:
            parts.append(
                f"**{sentence(counted(n, 'hard cut'))[:-1]}**, {cuts.per_minute:.0f} a minute; a shot lasts "
                f"{seconds(cuts.mean_shot_s)} on average, the longest {seconds(cuts.longest_shot_s)}."
            )
        if cuts.examined_share < 0.995:
            parts.append(f"Judged from {words.share(cuts.examined_share)} of the video.")
    if video.motion is not None:
        parts.append(_moves(video.motion))
    return " ".join(parts)


def _moves(motion: Motion) -> str:
    if motion.still_share > 0.95:
        return "Between cuts the picture stands still."
    still = (
        f", and still for {words.share(motion.still_share)} of the time" if motion.still_share >= 0.05 else ""
    )
    return f"The picture is {motion_words(motion.mean)} over all{still}."


def shots(video: VideoReading) -> tuple[Shot, ...]:
    """The frames that were looked at, with their boxes."""
    if video.frames is None:
        return ()
    return tuple(_shot(frame) for frame in video.frames.frames)


def _shot(frame: VideoFrame) -> Shot:
    shown = picture_shapes.what_it_shows(frame.reading)
    return Shot(
        src=previews.of_frame(frame.preview),
        time_s=frame.time_s,
        alt=f"Frame at {clock(frame.time_s)}, {WHY_WORDS[frame.why]}. {shown}".strip(),
        marks=_marks(frame),
    )


def _marks(frame: VideoFrame) -> tuple[picture_shapes.Mark, ...]:
    """On a small picture a person with a face needs no second name."""
    marks = picture_shapes.marks(frame.reading, ALL_MARKS)
    named = any(mark.kind == "face" for mark in marks)
    return tuple(replace(mark, label="") if named and mark.label == "person" else mark for mark in marks)


def lanes_frame(video: VideoReading, audio: AudioReading | None) -> pd.DataFrame:
    """When there is a face, text, speech and music: lane, start, end, kind, words. A sampled frame stands until the
    next one, but never over a cut."""
    rows: list[tuple[str, float, float, str, str]] = []
    end = duration(video, audio)
    rows += _seen(video, end, "Face", "face")
    rows += _seen(video, end, "Text", "lettering")
    if audio is not None:
        rows += _voice(audio)
        if audio.content is not None:
            rows += [
                (
                    "Music",
                    span.start_s,
                    min(span.end_s, end),
                    "music",
                    f"Music, {clock(span.start_s)} to {clock(span.end_s)}",
                )
                for span in audio.content.spans
                if span.label == "music" and span.start_s < end
            ]
    return pd.DataFrame(rows, columns=["lane", "start", "end", "kind", "words"])


def _voice(audio: AudioReading) -> list[tuple[str, float, float, str, str]]:
    if audio.voice is not None:
        spans = audio.voice.spans
    elif audio.content is not None:
        spans = tuple(span for span in audio.content.spans if span.label == "speech")
    else:
        return []
    return [
        (
            "Speech",
            span.start_s,
            span.end_s,
            "speech",
            f"Speech, {clock(span.start_s)} to {clock(span.end_s)}",
        )
        for span in spans
    ]


def _joined(rows: list[tuple[str, float, float, str, str]]) -> list[tuple[str, float, float, str, str]]:
    """Stretches that follow one another without a gap as one."""
    joined: list[tuple[str, float, float, str, str]] = []
    for row in rows:
        if joined and row[1] - joined[-1][2] < 0.05:
            lane, start, _, kind, told = joined[-1]
            joined[-1] = (lane, start, row[2], kind, told)
        else:
            joined.append(row)
    return joined


def _seen(
    video: VideoReading, end: float, lane: str, kind: picture_shapes.MarkKind
) -> list[tuple[str, float, float, str, str]]:
    if video.frames is None:
        return []
    cuts = video.cuts.times_s if video.cuts is not None else ()
    frames = video.frames.frames
    rows: list[tuple[str, float, float, str, str]] = []
    for i, frame in enumerate(frames):
        there = picture_shapes.marks(frame.reading, (kind,))
        if not there:
            continue
        nexts = [
            *(cut for cut in cuts if cut > frame.time_s + 0.05),
            *(f.time_s for f in frames[i + 1 : i + 2]),
            end,
        ]
        rows.append((lane, frame.time_s, max(min(nexts), frame.time_s + 0.05), kind, there[0].title))
    return _joined(rows)


def findings(video: VideoReading, platform: Platform) -> tuple[Finding, ...]:
    """What to look at in the video: fit, beginning, sound track."""
    found: list[Finding] = []
    best = best_fit(video, platform)
    if best is not None:
        found.append(_fit(best))
    if video.container is not None and not video.container.audio:
        found.append(Finding("look", "There is no sound", "The file has no sound track."))
    if video.hook is not None:
        found += _beginning(video)
    return tuple(found)


def _fit(best: PlatformFit) -> Finding:
    where = placement(best)
    weaker = best.aspect_rule if best.aspect <= best.duration else best.duration_rule
    if best.score >= 0.8:
        return Finding("good", f"Shape and length suit {where}", "")
    return Finding("look", f"Shape or length does not suit {where}", sentence(weaker))


def _beginning(video: VideoReading) -> list[Finding]:
    assert video.hook is not None
    first = video.hook.first_3s
    there = [
        name
        for name, share in (
            ("a face", first.face_share),
            ("text", first.text_share),
            ("speech", first.speech_share),
        )
        if share
    ]
    known = [share for share in (first.face_share, first.text_share, first.speech_share) if share is not None]
    if there:
        return [Finding("good", f"The first {seconds(first.end_s)} have {listed(there)}")]
    if len(known) == 3 and first.cuts == 0:
        return [
            Finding(
                "look",
                f"Little happens in the first {seconds(first.end_s)}",
                "No face, no text, no speech, no cut.",
            )
        ]
    return []


def placement(fit: PlatformFit) -> str:
    """'YouTube Shorts', or 'TikTok' where the placement is the platform's only one."""
    label = words.platform(Platform(fit.platform)) if fit.platform in set(Platform) else fit.platform
    name = PLACEMENT_WORDS.get(fit.placement, fit.placement.replace("_", " "))
    return name if name.lower().startswith(label.lower()) else f"{label} {name}"


def best_fit(video: VideoReading, platform: Platform) -> PlatformFit | None:
    fits = video.fit.of(platform.value) if video.fit is not None else ()
    return fits[0] if fits else None


def fit_frame(video: VideoReading, platform: Platform) -> pd.DataFrame:
    """One row a placement, the chosen platform's first: placement, score, chosen, words, aspect_rule, duration_rule."""
    columns = ["placement", "score", "chosen", "words", "aspect_rule", "duration_rule"]
    if video.fit is None:
        return pd.DataFrame(columns=columns)
    fits = sorted(video.fit.fits, key=lambda fit: (fit.platform != platform.value, -fit.score))
    return pd.DataFrame(
        [
            (
                placement(fit),
                fit.score,
                fit.platform == platform.value,
                fit_words(fit),
                fit.aspect_rule,
                fit.duration_rule,
            )
            for fit in fits
        ],
        columns=columns,
    )


def fit_words(fit: PlatformFit) -> str:
    """What limits it, or that nothing does."""
    if fit.score >= 0.95:
        return "suits"
    weaker = "shape" if fit.aspect <= fit.duration else "length"
    both = "shape and length" if fit.aspect < 0.8 and fit.duration < 0.8 else weaker
    return f"{both} {'refused' if fit.score <= 0 else 'off'}"


def fit_source(video: VideoReading, platform: Platform) -> str:
    best = best_fit(video, platform)
    return f"{best.source}, as of {best.as_of}" if best is not None else ""


def thumbnails(video: VideoReading) -> tuple[Shot, ...]:
    """Candidates, best first, with what speaks for and against each."""
    if video.thumbnails is None:
        return ()
    return tuple(
        Shot(
            src=previews.of_frame(one.preview),
            time_s=one.time_s,
            alt=f"Candidate {i} at {clock(one.time_s)}",
            notes=tuple(one.why),
            badge=str(i),
        )
        for i, one in enumerate(video.thumbnails.candidates, 1)
    )


def facts(video: VideoReading) -> str:
    """'1280 × 720, landscape, 11 s, 25 frames a second'."""
    if video.container is None:
        return ""
    container = video.container
    shape = next(name for least, name in SHAPES if container.aspect >= least)
    rate = f"{container.fps:.4g} frames a second" if container.fps else ""
    return " · ".join(
        part
        for part in (f"{container.width} × {container.height}, {shape}", seconds(container.duration_s), rate)
        if part
    )
