"""From the reading of sound to frames and sentences. No Streamlit in here."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from creatorlens.platforms import Platform
from creatorlens.reading.audio import AudioReading, Segment
from creatorlens.reading.base import Span
from dashboard import words
from dashboard.findings import Finding, clock, counted, listed, seconds, sentence
from dashboard.scales import Scale

KINDS = ("speech", "pause", "music", "other", "silence")
KIND_WORDS = {
    "speech": "Speech",
    "pause": "Pause",
    "music": "Music",
    "other": "Other sound",
    "silence": "Silence",
}
QUIETEST_LUFS = -50.0
"""Loudness below this is drawn at the bottom of the chart."""
SPEECH_MATTERS = 0.1
GUESSING = -1.0


@dataclass(frozen=True)
class Target:
    """How loud it should be, and who says so."""

    lufs: float
    words: str


def target(platform: Platform, audio: AudioReading) -> Target:
    """YouTube's playback level; elsewhere what the Audio Engineering Society recommends for speech or for music."""
    if platform is Platform.YOUTUBE:
        return Target(
            -14.0, "YouTube turns louder sound down to about −14 LUFS, and leaves quieter sound as it is"
        )
    content = audio.content
    if content is not None and content.music_share > content.speech_share:
        return Target(-16.0, "recommended for music online (AES TD1008)")
    return Target(-18.0, "recommended for speech online (AES TD1008)")


def waveform_frame(audio: AudioReading) -> pd.DataFrame:
    """One row a stretch: start, end, low, high (-1 to 1), kind (speech, music, other, silence), at."""
    columns = ["start", "end", "low", "high", "kind", "at"]
    if audio.waveform is None:
        return pd.DataFrame(columns=columns)
    wave = audio.waveform
    rows = []
    for i, (low, high) in enumerate(zip(wave.low, wave.high, strict=True)):
        start = i * wave.step_s
        kind = kind_at(audio, start + wave.step_s / 2)
        rows.append(
            (start, start + wave.step_s, low, high, kind, f"{clock(start)}, {KIND_WORDS[kind].lower()}")
        )
    return pd.DataFrame(rows, columns=columns)


def kind_at(audio: AudioReading, moment: float) -> str:
    """What leads at that moment; a pause where speech leads but nobody is speaking; 'other' where nothing is known."""
    spans = audio.content.spans if audio.content is not None else ()
    leading = next((span.label for span in spans if span.start_s <= moment < span.end_s), "other")
    if leading == "speech" and audio.voice is not None and not _inside(audio.voice.spans, moment):
        return "pause"
    return leading if leading in KINDS else "other"


def _inside(spans: tuple[Span, ...], moment: float) -> bool:
    return any(span.start_s <= moment < span.end_s for span in spans)


def shares(audio: AudioReading) -> tuple[tuple[str, str], ...]:
    """(kind, 'Speech 82 %') for every kind there is."""
    if audio.content is None:
        return ()
    content = audio.content
    found = {
        "speech": content.speech_share, "music": content.music_share,
        "other": content.other_share, "silence": content.silence_share,
    }  # fmt: skip
    told = [
        (kind, f"{KIND_WORDS[kind]} {words.share(part)}") for kind, part in found.items() if part >= 0.005
    ]
    if found["speech"] >= 0.005 and audio.voice is not None and audio.voice.pauses:
        told.insert(1, ("pause", "with pauses"))
    return tuple(told)


def loudness_frame(audio: AudioReading) -> pd.DataFrame:
    """Short-term loudness: time, lufs (not below the bottom of the chart), words."""
    if audio.loudness is None:
        return pd.DataFrame(columns=["time", "lufs", "words"])
    curve = audio.loudness.short_term
    times, values = [i * curve.step_s for i in range(len(curve.values))], list(curve.values)
    end = audio.facts.duration_s if audio.facts is not None else 0.0
    if times and end > times[-1]:
        # the last value holds until the end
        times, values = [*times, end], [*values, values[-1]]
    return pd.DataFrame(
        {
            "time": times,
            "lufs": [max(QUIETEST_LUFS, value) for value in values],
            "words": [lufs(value) for value in values],
        }
    )


def lufs(value: float) -> str:
    return "silent" if value <= -70 else f"{value:.0f}".replace("-", "−") + f"{words.NBSP}LUFS"


def loudness_sentence(audio: AudioReading, aim: Target) -> str:
    """How loud it is beside its target, and how much that changes."""
    if audio.loudness is None or audio.loudness.integrated_lufs is None:
        return ""
    loud = audio.loudness
    value = audio.loudness.integrated_lufs
    off = value - aim.lufs
    place = "right at" if abs(off) < 1 else f"{abs(off):.0f} LU {'louder' if off > 0 else 'quieter'} than"
    said = f"**{lufs(value)}** over all, {place} the line"
    if loud.range_lu is not None:
        said += f"; quiet and loud parts lie {loud.range_lu:.0f} LU apart"
    return said + "."


def transcript_lines(audio: AudioReading) -> tuple[Segment, ...]:
    return tuple(line for line in audio.transcript.segments if line.text.strip()) if audio.transcript else ()


def unsure(line: Segment) -> bool:
    return line.log_probability < GUESSING


def voice_sentence(audio: AudioReading) -> str:
    """Pace, pauses and pitch in words."""
    parts = []
    if audio.pace is not None and audio.pace.words_per_minute is not None:
        wpm = audio.pace.words_per_minute
        parts.append(f"{pace_words(wpm)}, about {wpm:.0f} words a minute")
    if audio.voice is not None and audio.voice.speech_s > 0:
        parts.append(_pauses(audio))
    prosody = audio.prosody
    if prosody is not None and prosody.pitch_median_hz is not None and _speaks(audio):
        lively = prosody.pitch_range_semitones
        moves = f" that moves over {lively:.0f} semitones" if lively is not None else ""
        parts.append(f"a voice around {prosody.pitch_median_hz:.0f} Hz{moves}")
    return sentence("; ".join(parts))


def _pauses(audio: AudioReading) -> str:
    assert audio.voice is not None
    voice = audio.voice
    if not voice.pauses:
        return "no pause"
    longest = f", the longest {seconds(voice.longest_pause_s)}" if voice.longest_pause_s is not None else ""
    return f"{counted(voice.pauses, 'pause')}{longest}"


def _speaks(audio: AudioReading) -> bool:
    if audio.voice is not None:
        return audio.voice.speech_share >= SPEECH_MATTERS
    return audio.content is not None and audio.content.speech_share >= SPEECH_MATTERS


def pace_words(words_per_minute: float) -> str:
    """English conversation runs at about 120 to 180 words a minute."""
    if words_per_minute < 110:
        return "slow"
    return "conversational" if words_per_minute <= 180 else "fast"


def voice_scales(audio: AudioReading) -> tuple[Scale, ...]:
    """Clarity and delivery between two words; what is of speech alone only where somebody speaks."""
    scales = []
    speaks = _speaks(audio)
    if audio.clarity is not None and speaks:
        overall, background = audio.clarity.overall, audio.clarity.background
        scales += [
            Scale(
                "Clarity of the voice", "poor", "excellent", (overall - 1) / 4, mos(overall), overall < 2.5
            ),
            Scale(
                "Background", "disturbing", "silent", (background - 1) / 4, mos(background), background < 2.5
            ),
        ]
    if audio.quality is not None and audio.quality.silence_share < 0.99:
        snr = audio.quality.snr_db
        name = "noisy" if snr < 15 else "fairly clean" if snr < 30 else "clean"
        scales.append(
            Scale("Above its own noise", "drowned", "far above", snr / 60, f"{name}, {snr:.0f} dB", snr < 10)
        )
    if audio.pace is not None and audio.pace.words_per_minute is not None:
        wpm = audio.pace.words_per_minute
        scales.append(
            Scale("Pace", "slow", "fast", (wpm - 60) / 180, f"{pace_words(wpm)}, {wpm:.0f} a minute")
        )
    prosody = audio.prosody
    if prosody is not None and speaks and prosody.pitch_median_hz:
        scales.append(
            Scale(
                "Pitch",
                "deep",
                "high",
                math.log2(prosody.pitch_median_hz / 75) / 2.4,
                f"{prosody.pitch_median_hz:.0f} Hz",
            )
        )
        if prosody.pitch_range_semitones is not None:
            span = prosody.pitch_range_semitones
            name = "even" if span < 4 else "moving" if span < 10 else "lively"
            scales.append(
                Scale("Melody of speech", "even", "lively", span / 16, f"{name}, {span:.0f} semitones")
            )
    return tuple(scales)


def mos(value: float) -> str:
    """The five answers that a panel chooses from."""
    name = ("bad", "poor", "fair", "good", "excellent")[min(4, max(0, round(value) - 1))]
    return f"{name}, {value:.1f} of 5"


def heard(audio: AudioReading) -> str:
    """What is heard, as the tagger names it, and tempo and key where there is music."""
    if audio.content is None:
        return ""
    named = [label.label.lower() for label in audio.content.labels if label.score >= 0.1][:4]
    said = f"Heard: {listed(named)}." if named else ""
    if audio.content.music_share < SPEECH_MATTERS or audio.music is None:
        return said
    music = audio.music
    parts = []
    if music.tempo_bpm is not None and music.tempo_confidence >= 0.3:
        parts.append(f"about {music.tempo_bpm:.0f} beats a minute")
    if music.key is not None and music.mode is not None:
        parts.append(f"most like {music.key} {music.mode}")
    return f"{said} {sentence('The music: ' + listed(parts))}".strip() if parts else said


def findings(audio: AudioReading, platform: Platform) -> tuple[Finding, ...]:
    found: list[Finding] = []
    loud = audio.loudness
    if loud is not None:
        if loud.integrated_lufs is None:
            found.append(Finding("look", "It is silent", "Nothing in it is above −70 LUFS."))
        else:
            found.append(_level(loud.integrated_lufs, target(platform, audio), platform))
        if loud.true_peak_dbtp is not None and loud.true_peak_dbtp > 0:
            found.append(
                Finding(
                    "look",
                    "Peaks run over full scale",
                    f"{loud.true_peak_dbtp:+.1f} dBTP: they clip in playback.",
                )
            )
    if audio.quality is not None and audio.quality.clipping_share > 0.001:
        found.append(
            Finding(
                "look",
                "The recording is clipped",
                f"{audio.quality.clipping_share:.1%} of its samples are at the limit.",
            )
        )
    if audio.clarity is not None and _speaks(audio):
        found.append(_clarity(audio.clarity.overall, audio.clarity.background))
    if audio.facts is not None and not audio.facts.complete:
        found.append(Finding("look", "The sound breaks off", " ".join(audio.facts.notes)))
    return tuple(found)


def _level(value: float, aim: Target, platform: Platform) -> Finding:
    off = value - aim.lufs
    says = f"{lufs(value)}; {aim.words}."
    if abs(off) <= 2:
        return Finding("good", "Loudness is right", says)
    if off > 0:
        played = f" It will be played {off:.0f} dB lower." if platform is Platform.YOUTUBE else ""
        return Finding(
            "plain" if platform is Platform.YOUTUBE else "look",
            f"Louder than its target by {off:.0f} LU",
            says + played,
        )
    return Finding("look", f"Quieter than its target by {-off:.0f} LU", says)


def _clarity(overall: float, background: float) -> Finding:
    says = f"A listening panel would likely say {mos(overall)}; the background {mos(background)}."
    if overall < 2.5:
        return Finding("look", "The voice is hard to listen to", says)
    return (
        Finding("good", "The voice is clear", says)
        if overall >= 3
        else Finding("plain", "The voice is fair", says)
    )
