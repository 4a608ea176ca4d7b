"""What is read from sound: a recording, or the sound of a video.

Every part is optional: `absent` says why one is not there. Levels are decibels below full scale (dBFS, 0 the loudest a
sample can be) unless said otherwise. Of sound longer than `listening_s` learned models and spectra hear windows spread
evenly over it (the opening always); loudness, waveform and clipping are of the whole.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from creatorlens.reading.base import Curve, Labelled, Part, Seconds, Share, Span

Positive = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=0)]
Mos = Annotated[float, Field(ge=1, le=5)]
Correlation = Annotated[float, Field(ge=-1, le=1)]

MEL_PROFILE_BANDS = 32
PITCH_CLASSES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


class AudioFacts(Part):
    """What the container and its first audio stream say, and how much of it could be decoded."""

    container: str = Field(description="As FFmpeg names it: 'mp3', 'mov,mp4,m4a,...', 'ogg'.")
    codec: str
    sample_rate: Annotated[int, Field(ge=1)] = Field(description="Hz.")
    channels: Annotated[int, Field(ge=1)]
    duration_s: Seconds = Field(description="Of what was decoded, not what the header promises.")
    bit_rate: Count | None = Field(description="Bits per second of the stream; None where it is not told.")
    start_s: float = Field(
        description="When the sound begins on the container's clock; other times count from there."
    )
    listening_s: Seconds = Field(description="How much of it spectra and learned models heard.")
    complete: bool = Field(description="False where decoding stopped before the end; `notes` says why.")
    notes: tuple[str, ...] = ()


class Loudness(Part):
    """ITU-R BS.1770-4 and EBU R 128 / Tech 3342. None where all of it is below the absolute gate of -70 LUFS."""

    integrated_lufs: float | None
    range_lu: Positive | None = Field(description="Loudness range; None for less than 3 s.")
    true_peak_dbtp: float | None = Field(
        description="4 times oversampled; None for digital silence. Above 0: clips."
    )
    sample_peak_dbfs: float | None
    short_term: Curve = Field(
        description="LUFS over the 3 s from each moment on (shorter at the end); -70 and below is -70."
    )
    first_3s_lufs: float | None = Field(description="Ungated, the first 3 s.")
    first_15s_lufs: float | None = Field(description="Ungated, the first 15 s.")


class Quality(Part):
    """Of the recording, without learned models. SNR and noise floor mean something where the sound has pauses: a
    steady tone or dense music counts as its own noise."""

    clipping_share: Share = Field(description="Samples at 99.9 % of full scale or above.")
    silence_share: Share = Field(description="Frames of 93 ms below -60 dBFS.")
    noise_floor_dbfs: Annotated[float, Field(le=6)] = Field(
        description="Of the quietest tenth in each mel band; not below -100."
    )
    snr_db: Annotated[float, Field(ge=-20, le=100)] = Field(
        description="What stands above that floor, against it."
    )
    bandwidth_hz: Positive = Field(
        description="Highest frequency whose long-term average is within 70 dB of the strongest; 0 for silence."
    )


class Clarity(Part):
    """DNSMOS P.835, what a panel would say of speech: 1 bad to 5 excellent. Meaningless without speech."""

    signal: Mos
    background: Mos = Field(description="5 is no noise.")
    overall: Mos
    windows: Annotated[int, Field(ge=1)] = Field(
        description="Stretches of 9 s that were judged and averaged."
    )


class Waveform(Part):
    """Lowest and highest sample (-1 to 1, mono) of each of up to 400 equal stretches of `step_s`."""

    step_s: Annotated[float, Field(gt=0)]
    low: tuple[float, ...]
    high: tuple[float, ...]


class LabelTrack(Part):
    """Scores (0-1) of one class at the moments `Content.times_s`."""

    label: str
    scores: tuple[Share, ...]


class Content(Part):
    """What is heard, by AudioSet classes. `spans` say which of speech, music, silence and other leads; shares are of
    the time listened to and add up to 1."""

    spans: tuple[Span, ...] = Field(description="Labels: speech, music, silence, other.")
    speech_share: Share
    music_share: Share
    silence_share: Share
    other_share: Share
    music_under_speech_share: Share = Field(
        description="Windows where both speech and music score 0.3 or more."
    )
    labels: tuple[Labelled, ...] = Field(description="Ten classes of highest mean score.")
    times_s: tuple[Seconds, ...] = Field(description="Start of each window of 0.975 s.")
    tracks: tuple[LabelTrack, ...] = Field(description="The first five labels over time.")


class Voice(Part):
    """Where somebody speaks (voice activity). Pauses are gaps of 0.25 s or more between two stretches of speech."""

    spans: tuple[Span, ...]
    speech_share: Share
    speech_s: Seconds
    pauses: Count
    longest_pause_s: Seconds | None = Field(description="None without a pause; so for the mean.")
    mean_pause_s: Seconds | None
    first_speech_s: Seconds | None = Field(description="None where nobody speaks.")


class Prosody(Part):
    """Pitch of voiced frames (65-500 Hz; autocorrelation after Boersma 1993) and how the level moves.

    It follows whatever is periodic: with music under the voice it is the pitch of both. Pitch is None where
    fewer than ten frames are voiced."""

    pitch_median_hz: Positive | None
    pitch_low_hz: Positive | None = Field(description="10th percentile.")
    pitch_high_hz: Positive | None = Field(description="90th percentile.")
    pitch_range_semitones: Positive | None = Field(description="From the 10th to the 90th percentile.")
    pitch_sd_semitones: Positive | None
    voiced_share: Share
    energy_sd_db: Positive | None = Field(
        description="Standard deviation of frames' level above the noise floor."
    )
    pitch: Curve = Field(description="Median Hz in each step, 0 where unvoiced.")


class Pace(Part):
    """From the transcript. Chinese, Japanese and Thai count characters / 1.5, 1.9 and 4 as words."""

    words: Count
    speaking_s: Seconds = Field(description="Sum of the segments' lengths.")
    words_per_minute: Positive | None = Field(
        description="Over `speaking_s`; None with fewer than two words."
    )


class Emotion(Part):
    """A voice emotion model's answer over the first 3 s. Weak: of use only to exercise a model of this kind."""

    labels: tuple[Labelled, ...] = Field(
        description="Most likely first: female_/male_ x angry, calm, fearful, happy, sad."
    )


class Music(Part):
    """Tempo and key. They are computed for any sound: read them where `content` says music."""

    tempo_bpm: Positive | None = Field(description="None where nothing repeats (silence, less than 3 s).")
    tempo_confidence: Share = Field(description="Autocorrelation of onsets at that tempo: 1 repeats exactly.")
    onsets_per_s: Positive
    key: str | None = Field(description="C, C#, ... B; None for silence.")
    mode: Literal["major", "minor"] | None
    key_correlation: Correlation = Field(description="Pearson, of chroma with the key's profile.")
    key_confidence: Share = Field(
        description="How far the best key is before the second, as a share of the best."
    )
    chroma: Annotated[tuple[Share, ...], Field(min_length=12, max_length=12)] = Field(
        description="Mean energy of the pitch classes from C on, each frame scaled to a highest of 1."
    )


class Timbre(Part):
    """Means (and standard deviations) over frames of 93 ms every 23 ms of 22,050 Hz mono, as librosa defines them."""

    mfcc_mean: tuple[float, ...] = Field(description="20 coefficients of 128 mel bands in dB.")
    mfcc_sd: tuple[float, ...]
    centroid_hz: Positive
    centroid_sd_hz: Positive
    bandwidth_hz: Positive
    rolloff_hz: Positive = Field(description="85 % of the magnitude lies below.")
    flatness: Share = Field(description="0 tone, 1 white noise.")
    zero_crossing_rate: Share
    rms_dbfs: float | None = Field(description="Of the mono mix; None for digital silence.")
    mel_profile_db: tuple[float, ...] = Field(
        description="Mean dB of 32 groups of mel bands, low to high, at least -100."
    )


class Word(Part):
    start_s: Seconds
    end_s: Seconds
    text: str


class Segment(Part):
    start_s: Seconds
    end_s: Seconds
    text: str
    no_speech: Share = Field(description="The model's probability that nobody speaks here.")
    log_probability: float = Field(description="Mean over tokens; below -1 it is guessing.")
    words: tuple[Word, ...] = ()


class Transcript(Part):
    """What is said. `language`: ISO 639-1 as Whisper names it; None where nothing was said."""

    model: str
    language: str | None
    text: str
    segments: tuple[Segment, ...]
    no_speech: Share = Field(description="Mean over segments; 1 where there is none.")


class Notes(Part):
    """Polyphonic transcription: which notes sound, MIDI 21-108."""

    strongest: tuple[Labelled, ...] = Field(description="Up to 12 notes (as 'A4') by mean activation.")
    polyphony: Positive = Field(description="Mean number of notes sounding at once, where any does.")
    notes_per_s: Positive


class Fingerprint(Part):
    """What it sounds like, robust against coding: 32 bits every 93 ms of the first two minutes, as hexadecimal."""

    hex: Annotated[str, Field(pattern=r"^([0-9a-f]{8})*$")]


class AudioReading(Part):
    facts: AudioFacts | None = None
    loudness: Loudness | None = None
    quality: Quality | None = None
    clarity: Clarity | None = None
    waveform: Waveform | None = None
    content: Content | None = None
    voice: Voice | None = None
    prosody: Prosody | None = None
    pace: Pace | None = None
    emotion: Emotion | None = None
    music: Music | None = None
    timbre: Timbre | None = None
    transcript: Transcript | None = None
    notes: Notes | None = None
    fingerprint: Fingerprint | None = None
    absent: dict[str, str] = Field(default_factory=dict)
