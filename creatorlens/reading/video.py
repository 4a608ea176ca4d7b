"""What is read from a video: the file, its cuts and motion, sampled frames, its beginning, what suits where.

Times are seconds from the first frame shown; widths and heights are those of the upright picture.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from creatorlens.reading.base import Curve, Part, Seconds, Share
from creatorlens.reading.image import ImageReading

Count = Annotated[int, Field(ge=0)]
Positive = Annotated[float, Field(ge=0)]
Why = Literal["hook", "cut", "uniform"]


class Container(Part):
    """What the file is. Figures the header lacks are measured from the packets."""

    format: str = Field(description="As FFmpeg names it: 'mov,mp4,m4a,3gp,3g2,mj2', 'matroska,webm', ...")
    video_codec: str
    audio_codec: str | None
    width: Annotated[int, Field(ge=1)] = Field(
        description="Pixels as shown: rotation and pixel aspect applied."
    )
    height: Annotated[int, Field(ge=1)]
    rotation: Literal[0, 90, 180, 270] = Field(
        description="Degrees clockwise that the player turns the picture."
    )
    fps: Annotated[float, Field(gt=0)] | None = Field(
        description="Mean frames per second; None for one frame."
    )
    variable_frame_rate: bool = Field(
        description="Some gap between frames is over half a frame off the usual."
    )
    frames: Count = Field(description="Frames of the picture, counted.")
    duration_s: Seconds = Field(description="Length of the picture's track; the sound may differ.")
    duration_measured: bool = Field(description="The header gave none, or one that the packets contradict.")
    bit_rate: Positive = Field(description="Bits per second of the whole file.")
    audio_tracks: Count
    subtitles: tuple[str, ...] = Field(
        description="Language of each subtitle track, 'und' where it is not told."
    )
    alpha: bool = Field(description="The picture has a transparency channel.")
    bytes: Count

    @property
    def aspect(self) -> float:
        """Width over height."""
        return self.width / self.height

    @property
    def audio(self) -> bool:
        return self.audio_tracks > 0


class Cuts(Part):
    """Hard cuts: `times_s` is when the first frame of the new shot is shown.

    A long video is looked at in stretches: `examined_share` of it; then figures speak of those alone.
    """

    times_s: tuple[Seconds, ...]
    per_minute: Positive = Field(description="Cuts over examined minutes.")
    shots: Annotated[int, Field(ge=1)]
    shot_lengths_s: tuple[Seconds, ...] = Field(description="In order; of a long video, shots seen whole.")
    mean_shot_s: Seconds = Field(description="Examined seconds over shots.")
    longest_shot_s: Seconds
    examined_share: Share


class Motion(Part):
    """How fast what is in the picture moves: mean length of dense optical flow, picture heights per second.

    0 is a still; a slow pan 0.05-0.2; above 1 hectic. Cuts are left out. `curve` has one value a step; where a
    long video was not looked at, the nearest before it stands.
    """

    mean: Positive
    highest: Positive = Field(description="Of the curve.")
    still_share: Share = Field(description="Steps of the curve below 0.01.")
    curve: Curve


class VideoFrame(Part):
    """A frame that was looked at. `preview` is a base64 JPEG at most 256 pixels wide, for screens."""

    time_s: Seconds
    why: Why
    preview: str
    reading: ImageReading


class Frames(Part):
    """In order of time. `learned` of them were shown to the learned models: near-identical ones share a reading."""

    frames: tuple[VideoFrame, ...]
    learned: Count


class HookWindow(Part):
    """The first seconds. 'Against the rest' compares with what follows; None where nothing does or it is silent."""

    end_s: Seconds = Field(description="3 or 15, or the video's length where it is shorter.")
    face_share: Share | None = Field(
        description="Of the window's time, by sampled frames; None without a face model."
    )
    largest_face: Share | None = Field(description="Largest face in the window, share of the picture.")
    text_share: Share | None = Field(description="The same for text that can be read.")
    text: str | None = Field(description="Text read in the window, each line once.")
    speech_share: Share | None
    music_share: Share | None
    loudness_lufs: float | None = Field(description="Integrated loudness of the window; None for silence.")
    loudness_against_rest_lu: float | None = Field(description="Window minus the rest, LU.")
    motion: Positive | None
    motion_against_rest: float | None = Field(description="Window minus the rest, heights per second.")
    cuts: Count

    @property
    def face(self) -> bool | None:
        return None if self.face_share is None else self.face_share > 0

    @property
    def text_on_screen(self) -> bool | None:
        return None if self.text_share is None else self.text_share > 0


class Hook(Part):
    """The beginning. `first_face_s` and `first_text_s` are of sampled frames; None where there is none."""

    first_3s: HookWindow
    first_15s: HookWindow
    first_face_s: Seconds | None
    first_text_s: Seconds | None
    first_speech_s: Seconds | None


class Screen(Part):
    """Shares over the whole video: of its length for frames that stand for a stretch, of the sound for talk."""

    text_share: Share | None
    face_share: Share | None
    talk_share: Share | None
    music_share: Share | None


class PlatformFit(Part):
    """How well shape and length suit a placement; 1 as recommended, 0 refused or badly cropped."""

    platform: str
    placement: str
    aspect: Share
    aspect_rule: str
    duration: Share
    duration_rule: str
    source: str = Field(
        description="Page of the platform where the rule can be looked up; it was not fetched."
    )
    as_of: str = Field(description="Year for which the rule is known to hold.")

    @property
    def score(self) -> float:
        """The worse of the two."""
        return min(self.aspect, self.duration)


class Fit(Part):
    """Per platform and placement."""

    fits: tuple[PlatformFit, ...]

    def of(self, platform: str) -> tuple[PlatformFit, ...]:
        """Best first."""
        return tuple(
            sorted((fit for fit in self.fits if fit.platform == platform), key=lambda fit: -fit.score)
        )


class Thumbnail(Part):
    """A frame that could stand for the video. `score` compares frames of one video, 1 best possible."""

    time_s: Seconds
    score: Share
    why: tuple[str, ...] = Field(description="What speaks for and against it, in words.")
    preview: str


class Thumbnails(Part):
    """Best first, at most six, none near-identical to a better one."""

    candidates: tuple[Thumbnail, ...]


class VideoReading(Part):
    container: Container | None = None
    cuts: Cuts | None = None
    motion: Motion | None = None
    frames: Frames | None = None
    hook: Hook | None = None
    screen: Screen | None = None
    fit: Fit | None = None
    thumbnails: Thumbnails | None = None
    absent: dict[str, str] = Field(default_factory=dict, description="Part -> why it is not there.")
