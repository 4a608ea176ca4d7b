"""Readings as the service gives them, small and known: an eleven-second clip of five shots with a voice, a thumbnail
with a face and a line of text, and the words around them."""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO

import pytest
from PIL import Image, ImageDraw

from creatorlens.platforms import Platform
from creatorlens.reading import audio as sound
from creatorlens.reading import image as seen
from creatorlens.reading import text as said
from creatorlens.reading import video as film
from creatorlens.reading.analysis import Analysis, FileReading, Note
from creatorlens.reading.base import Box, Curve, Labelled, Span
from creatorlens.reading.files import FileFacts, Flag, Identity, Malware, Near, Nsfw, Safety

CUTS = (2.2, 4.4, 6.6, 8.8)
TITLE = "Why does my bread never rise? 5 honest answers"


def jpeg(width: int = 192, height: int = 108, colour: str = "#b5763a") -> bytes:
    """A picture with a round thing in it."""
    picture = Image.new("RGB", (width, height), colour)
    ImageDraw.Draw(picture).ellipse((width * 0.35, height * 0.15, width * 0.6, height * 0.6), fill="#f1d2b0")
    out = BytesIO()
    picture.save(out, "JPEG")
    return out.getvalue()


def preview(colour: str) -> str:
    return base64.b64encode(jpeg(colour=colour)).decode()


def face(expression: str = "happy") -> seen.Face:
    return seen.Face(
        box=Box(x=0.35, y=0.15, width=0.25, height=0.45), score=0.95,
        expression=(Labelled(label=expression, score=0.9), Labelled(label="sad", score=0.1)),
    )  # fmt: skip


def region(
    text: str = "NEVER RISES", px: float = 14.0, contrast: float = 9.0, legibility: float = 0.7
) -> seen.TextRegion:
    return seen.TextRegion(
        text=text, box=Box(x=0.1, y=0.7, width=0.7, height=0.15), score=0.97, phone_px=px, contrast=contrast,
        legibility=legibility,
    )  # fmt: skip


def words(*regions: seen.TextRegion) -> seen.Words:
    mean = sum(r.legibility for r in regions) / len(regions) if regions else None
    return seen.Words(regions=regions, area_share=0.1 * len(regions), legibility=mean, model="ocr@1")


def look(**changed: object) -> seen.Look:
    return seen.Look.model_validate(
        {
            "colourfulness": 50.0, "brightness": 0.5, "contrast": 0.2, "dynamic_range": 0.9, "dark_share": 0.05,
            "bright_share": 0.02, "saturation": 0.4, "warmth": 0.1, "sharpness": 800.0, "blur": 0.3, "noise": 1.5,
            "edge_density": 0.1, "entropy": 7.0,
            "palette": [{"hex": "#b5763a", "share": 0.7}, {"hex": "#f1d2b0", "share": 0.3}],
        } | changed
    )  # fmt: skip


def saliency() -> seen.Saliency:
    grid = tuple(
        tuple(round(math.exp(-(((x - 15) / 6) ** 2) - ((y - 7) / 4) ** 2), 3) for x in range(seen.SALIENCY_COLUMNS))
        for y in range(seen.SALIENCY_ROWS)
    )  # fmt: skip
    return seen.Saliency(
        grid=grid, centre_x=0.48, centre_y=0.42, spread=0.2, focus=Box(x=0.3, y=0.2, width=0.4, height=0.5), focus_share=0.2
    )  # fmt: skip


def picture(**changed: object) -> seen.ImageReading:
    reading = seen.ImageReading(
        facts=seen.ImageFacts(
            width=192, height=108, format="JPEG", mode="RGB", transparent_share=0, frames=1, orientation=1,
            colour_profile=None, bytes=2000,
        ),
        look=look(),
        saliency=saliency(),
        composition=seen.Composition(
            rule_of_thirds=0.6, centred=0.9, symmetry=0.5, symmetry_vertical=0.1, balance=0.9, negative_space=0.2
        ),
        faces=seen.Faces(faces=(face(),), area_share=0.1125, model="faces@1"),
        objects=seen.Objects(
            things=(
                seen.Thing(label="person", score=0.9, box=Box(x=0.2, y=0.05, width=0.5, height=0.9)),
                seen.Thing(label="cup", score=0.3, box=Box(x=0.8, y=0.6, width=0.1, height=0.2)),
            ),
            model="things@1",
        ),
        scene=seen.Scene(classes=(Labelled(label="bakery, bakeshop", score=0.8),), model="scenes@1"),
        words=words(region()),
        technical_quality=seen.TechnicalQuality(brisque=18.0, model="brisque@1"),
        absent={"aesthetic": "no model is named for it"},
    )  # fmt: skip
    return reading.model_copy(update=changed)


def frame(at: float, why: film.Why, colour: str, reading: seen.ImageReading | None = None) -> film.VideoFrame:
    plain = seen.ImageReading(
        faces=seen.Faces(faces=(), area_share=0, model="faces@1"), words=words(),
        objects=seen.Objects(things=(), model="things@1"),
    )  # fmt: skip
    return film.VideoFrame(time_s=at, why=why, preview=preview(colour), reading=reading or plain)


def clip(**changed: object) -> film.VideoReading:
    colours = ("#b5763a", "#3a6fb5", "#4f8a5b", "#8a4f84", "#a09a3c")
    starts = (0.0, *CUTS)
    window = {"face_share": 1.0, "largest_face": 0.11, "text_share": 0.0, "text": None, "speech_share": 0.8, "music_share": 0.0,
              "loudness_lufs": -19.0, "motion": 0.12}  # fmt: skip
    reading = film.VideoReading(
        container=film.Container(
            format="mov,mp4", video_codec="h264", audio_codec="aac", width=640, height=360, rotation=0, fps=25.0,
            variable_frame_rate=False, frames=275, duration_s=11.0, duration_measured=False, bit_rate=170_000.0,
            audio_tracks=1, subtitles=(), alpha=False, bytes=240_000,
        ),
        cuts=film.Cuts(
            times_s=CUTS, per_minute=21.8, shots=5, shot_lengths_s=(2.2,) * 5, mean_shot_s=2.2, longest_shot_s=2.2,
            examined_share=1.0,
        ),
        motion=film.Motion(
            mean=0.12, highest=0.4, still_share=0.3,
            curve=Curve(step_s=0.5, values=tuple(0.12 + 0.1 * math.sin(i) for i in range(22))),
        ),
        frames=film.Frames(
            frames=tuple(
                frame(at + 0.1, "hook" if i == 0 else "cut", colours[i],
                      picture(words=words()) if i == 0 else picture(faces=None, objects=None) if i == 2 else None)
                for i, at in enumerate(starts)
            ),
            learned=5,
        ),
        hook=film.Hook(
            first_3s=film.HookWindow(end_s=3.0, cuts=1, loudness_against_rest_lu=2.4, motion_against_rest=-0.1, **window),
            first_15s=film.HookWindow(end_s=11.0, cuts=4, loudness_against_rest_lu=None, motion_against_rest=None,
                                      **(window | {"face_share": 0.2, "text_share": 0.2, "text": "NEVER RISES"})),
            first_face_s=0.0, first_text_s=4.5, first_speech_s=0.3,
        ),
        screen=film.Screen(text_share=0.2, face_share=0.2, talk_share=0.8, music_share=0.0),
        fit=film.Fit(
            fits=tuple(
                film.PlatformFit(platform=platform, placement=placement, aspect=aspect, aspect_rule=rule, duration=length,
                                 duration_rule="any length up to 3 min", source="https://support.example/specs", as_of="2026-10")
                for platform, placement, aspect, length, rule in (
                    ("youtube", "video", 1.0, 1.0, "16:9 fills the player"),
                    ("youtube", "shorts", 0.1, 1.0, "9:16 fills the screen"),
                    ("tiktok", "video", 0.2, 1.0, "9:16 fills the screen"),
                    ("reddit", "post", 0.9, 0.9, "16:9 or square"),
                )
            )
        ),
        thumbnails=film.Thumbnails(
            candidates=tuple(
                film.Thumbnail(time_s=at + 0.1, score=0.8 - 0.1 * i, why=("a large face", "sharp") if i == 0 else ("soft",),
                               preview=preview(colours[i]))
                for i, at in enumerate(starts)
            )
        ),
    )  # fmt: skip
    return reading.model_copy(update=changed)


def recording(**changed: object) -> sound.AudioReading:
    steps = 200
    loud = tuple(0.6 * abs(math.sin(i / 7)) * (0 if 90 <= i < 110 else 1) for i in range(steps))
    spans = (
        Span(start_s=0, end_s=5, label="speech"), Span(start_s=5, end_s=6, label="silence"),
        Span(start_s=6, end_s=9, label="speech"), Span(start_s=9, end_s=11, label="music"),
    )  # fmt: skip
    reading = sound.AudioReading(
        facts=sound.AudioFacts(
            container="mov,mp4", codec="aac", sample_rate=44_100, channels=2, duration_s=11.0, bit_rate=128_000, start_s=0.0,
            listening_s=11.0, complete=True,
        ),
        loudness=sound.Loudness(
            integrated_lufs=-20.4, range_lu=6.0, true_peak_dbtp=-1.5, sample_peak_dbfs=-2.0,
            short_term=Curve(step_s=0.5, values=tuple(-20 + 4 * math.sin(i / 2) for i in range(22))),
            first_3s_lufs=-19.0, first_15s_lufs=-20.4,
        ),
        quality=sound.Quality(clipping_share=0, silence_share=0.09, noise_floor_dbfs=-62, snr_db=32, bandwidth_hz=9000),
        clarity=sound.Clarity(signal=3.6, background=3.9, overall=3.2, windows=1),
        waveform=sound.Waveform(step_s=11 / steps, low=tuple(-v for v in loud), high=loud),
        content=sound.Content(
            spans=spans, speech_share=0.73, music_share=0.18, silence_share=0.09, other_share=0.0,
            music_under_speech_share=0.0,
            labels=(Labelled(label="Speech", score=0.8), Labelled(label="Music", score=0.2), Labelled(label="Guitar", score=0.05)),
            times_s=(0.0,), tracks=(),
        ),
        voice=sound.Voice(
            spans=(Span(start_s=0.3, end_s=5, label="speech"), Span(start_s=6, end_s=9, label="speech")), speech_share=0.7,
            speech_s=7.7, pauses=1, longest_pause_s=1.0, mean_pause_s=1.0, first_speech_s=0.3,
        ),
        prosody=sound.Prosody(
            pitch_median_hz=128, pitch_low_hz=95, pitch_high_hz=170, pitch_range_semitones=10, pitch_sd_semitones=3.5,
            voiced_share=0.5, energy_sd_db=8, pitch=Curve(step_s=0.5, values=(0.0, 120.0)),
        ),
        pace=sound.Pace(words=20, speaking_s=8.0, words_per_minute=150),
        transcript=sound.Transcript(
            model="whisper-tiny", language="en", text="And so my fellow Americans, ask not what your country can do.",
            segments=(
                sound.Segment(start_s=0.3, end_s=5, text=" And so my fellow Americans,", no_speech=0.01, log_probability=-0.3),
                sound.Segment(start_s=6, end_s=9, text=" ask not what <your> country can do.", no_speech=0.01, log_probability=-1.4),
            ),
            no_speech=0.01,
        ),
    )  # fmt: skip
    return reading.model_copy(update=changed)


def the_words(title: str = TITLE, **changed: object) -> said.TextReading:
    def match(text: str) -> said.Match:
        start = title.index(text)
        return said.Match(field="title", text=text, start=start, end=start + len(text))

    reading = said.TextReading(
        language=said.Language(code="en", confidence=0.97, fields=(said.FieldLanguage(field="title", code="en", confidence=0.97),)),
        sentiment=said.Sentiment(
            compound=0.51, fields=(said.FieldSentiment(field="title", compound=0.51, positive=0.4, neutral=0.6, negative=0),)
        ),
        cues=said.Cues(
            cues=(
                said.Cue(kind="question", found=(match("Why"), match("?"))),
                said.Cue(kind="number", found=(match("5"),)),
                said.Cue(kind="list", found=(match("5 honest answers"),)),
            )
        ),
        keywords=said.Keywords(phrases=(said.Keyphrase(phrase="honest answers", score=1, count=1),), method="document"),
        readability=said.Readability(
            flesch_ease=84.0, flesch_grade=3.0, lix=20, words_per_sentence=4.5, letters_per_word=4.2, long_word_share=0.1,
            distinct_word_share=1.0, reading_s=2.4,
        ),
        channel=said.ChannelTitles(
            nearest="Why does my dough never rise?", cosine=0.8, novelty=0.2, mean_cosine=0.3, earlier=24, method="words"
        ),
        agreement=said.Agreement(
            pairs=(said.FieldPair(one="title", other="on_screen", overlap=0.5), said.FieldPair(one="title", other="transcript", cosine=-0.1))
        ),
    )  # fmt: skip
    return reading.model_copy(update=changed)


def safety(**changed: object) -> Safety:
    return Safety(
        verdict="pass", nsfw=Nsfw(pictures=1, highest=0.004, suggestive=0.01, share_above=0.0), malware=Malware(status="not scanned", reason="no scanner")
    ).model_copy(update=changed)  # fmt: skip


def of_file(name: str, data: bytes, kind: str, mime: str, **parts: object) -> FileReading:
    facts = FileFacts(
        name=name, bytes=len(data), sha256=hashlib.sha256(data).hexdigest(), kind=kind, mime=mime
    )
    identity = Identity(near=(Near(id="a" * 64, what="image", similarity=0.97, same=False),))
    return FileReading(file=facts, identity=identity, **parts)


def analysis(*files: FileReading, title: str = TITLE, **changed: object) -> Analysis:
    return Analysis(
        analysis_id="00000000-0000-0000-0000-00000000000a", created_at=datetime.now(UTC), platform=Platform.YOUTUBE,
        title=title, text="", words=the_words(title) if title == TITLE else None, files=files, safety=safety(),
        notes=(
            Note(what="image.aesthetic", files=("thumb.jpg",), why="no aesthetic model is named", costs="how a panel would rate it"),
            Note(what="image.embedding", files=("thumb.jpg",), why="no weights; run `creatorlens weights pull clip`", costs=None),
            Note(what="text.embedding", why="no weights; run `creatorlens weights pull clip`", costs=None),
        ),
    ).model_copy(update=changed)  # fmt: skip


@pytest.fixture
def make() -> type:
    """The builders above, for tests that vary them."""

    class Make:
        jpeg = staticmethod(jpeg)
        face, region, words, look = (staticmethod(f) for f in (face, region, words, look))
        picture, clip, frame, recording = (staticmethod(f) for f in (picture, clip, frame, recording))
        the_words, safety, of_file, analysis = (
            staticmethod(f) for f in (the_words, safety, of_file, analysis)
        )
        flag = Flag

    return Make


Maker = Callable[..., object]
