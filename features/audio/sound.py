"""One file's sound, decoded once: what the extractors look at."""

from __future__ import annotations


class Sound:
    """Accumulated statistics of the whole and mono excerpts of bounded length."""
