"""One video, opened once: what its extractors look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from creatorlens.reading.base import Part
from creatorlens.reading.video import Cuts, Frames, Motion
from features.absent import Absent
from features.media.limits import Limits
from features.video.container import Probed, probe
from features.video.cuts import cuts_of
from features.video.frames import look_at
from features.video.motion import motion_of
from features.video.scan import Scan, scan
from features.weights.models import Models

if TYPE_CHECKING:
    from creatorlens.reading.audio import AudioReading

P = TypeVar("P", bound=Part)

NO_MOTION = "no two frames follow each other within 0.4 s"


@dataclass
class Video:
    """`listen` gives what was read of its sound, None where nothing was. `known`: parts read before. Header, scan and
    frames are read when first asked for; InputError where that cannot be done."""

    path: Path
    models: Models
    limits: Limits
    learned: bool = True
    listen: Callable[[], AudioReading | None] = lambda: None
    known: Mapping[str, Part] = field(default_factory=dict)

    @cached_property
    def probed(self) -> Probed:
        return probe(self.path, self.limits)

    @cached_property
    def scanned(self) -> Scan:
        return scan(self.path, self.probed, self.limits, self.models.settings.model_threads)

    @cached_property
    def sound(self) -> AudioReading | None:
        return self.listen()

    @cached_property
    def cuts(self) -> Cuts:
        return self._known("cuts", Cuts) or cuts_of(
            self.scanned.cuts, self.scanned.stretches, self.probed.container.duration_s
        )

    @cached_property
    def motion(self) -> Motion | Absent:
        known = self._known("motion", Motion)
        found = known or motion_of(self.scanned.speeds, self.scanned.cuts, self.probed.container.duration_s)
        return found or Absent(NO_MOTION)

    @cached_property
    def frames(self) -> Frames:
        known = self._known("frames", Frames)
        return known or look_at(self.scanned.taken, self.models, learned=self.learned)

    @property
    def duration_s(self) -> float:
        return self.probed.container.duration_s

    @property
    def sound_starts_s(self) -> float:
        """When the sound begins, in seconds after the picture does."""
        facts = self.sound.facts if self.sound else None
        return facts.start_s - self.probed.start_s if facts else 0.0

    def _known(self, name: str, kind: type[P]) -> P | None:
        part = self.known.get(name)
        return part if isinstance(part, kind) else None
