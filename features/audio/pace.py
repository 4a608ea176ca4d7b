"""How fast somebody speaks, from the transcript."""

from __future__ import annotations

from creatorlens.reading.audio import Pace, Transcript
from features.absent import Absent
from features.audio.sound import Sound
from features.audio.transcript import transcript
from features.weights.models import Models

FEWEST_WORDS = 2
# Characters to a word where writing has no spaces, about.
CHARACTERS_PER_WORD = {"zh": 1.5, "yue": 1.5, "ja": 1.9, "th": 4.0}


def pace(sound: Sound, models: Models) -> Pace | Absent:
    said = transcript(sound, models)
    return said if isinstance(said, Absent) else pace_of(said)


def pace_of(said: Transcript) -> Pace:
    seconds = sum(segment.end_s - segment.start_s for segment in said.segments)
    words = count_words(said.text, said.language)
    per_minute = words * 60 / seconds if words >= FEWEST_WORDS and seconds > 0 else None
    return Pace(words=words, speaking_s=seconds, words_per_minute=per_minute)


def count_words(text: str, language: str | None) -> int:
    per_word = CHARACTERS_PER_WORD.get(language or "")
    if per_word is None:
        return sum(any(letter.isalnum() for letter in word) for word in text.split())
    return round(sum(letter.isalnum() for letter in text) / per_word)
