"""Thumbnails and short clips with sound for some posts of the sample corpus, drawn, not photographed.

How good a picture is follows the post's `quality` (contrast, sharpness, clutter), so that reading media can pay.
`index.json` says how each was drawn: known answers for whoever reads them.
"""

from __future__ import annotations

import json
import textwrap
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

if TYPE_CHECKING:
    from PIL.Image import Image

    from services.content.sample_channels import SampleOptions

FPS = 24
SAMPLE_RATE = 44_100

Rgb = tuple[int, int, int]


@dataclass(frozen=True)
class Look:
    """How one picture is drawn. `contrast` 0.25-1, `blur_px`, `clutter` shapes, colours as RGB."""

    width: int
    height: int
    words: str
    text_px: int
    contrast: float
    blur_px: float
    clutter: int
    top: Rgb
    bottom: Rgb
    accent: Rgb


@dataclass(frozen=True)
class Sound:
    """A beat under a chord: `bpm`, root in Hz, how loud (peak, 0-1) and how noisy."""

    seconds: float
    bpm: float
    root_hz: float
    peak: float
    noise: float


def render_media(
    folder: Path, posts: pd.DataFrame, options: SampleOptions, say: Callable[[str], None]
) -> tuple[int, int]:
    """Draw the newest posts of each channel; returns how many clips and thumbnails there are now."""
    (folder / "thumbnails").mkdir(parents=True)
    (folder / "clips").mkdir()
    newest = posts.sort_values("published_at").groupby(["platform", "creator_id"]).tail(options.thumbnails)
    videos = newest[newest["media_type"] == "video"].groupby(["platform", "creator_id"]).tail(options.clips)
    index: list[dict[str, Any]] = []
    for done, post in enumerate(newest.itertuples(), start=1):
        rng = np.random.default_rng([options.seed, zlib.crc32(post.post_id.encode())])
        look = _look(rng, post)
        image = draw(look, rng)
        image.save(folder / "thumbnails" / f"{post.post_id}.jpg", quality=int(rng.integers(60, 93)))
        entry = {"post_id": post.post_id, "platform": post.platform, "look": asdict(look), "sound": None}
        if post.Index in videos.index:
            sound = Sound(
                seconds=float(np.round(rng.uniform(2, 4), 1)),
                bpm=float(rng.integers(80, 150)),
                root_hz=float(rng.choice([110.0, 130.8, 146.8, 164.8])),
                peak=float(np.round(rng.uniform(0.15, 0.8), 2)),
                noise=float(np.round(rng.uniform(0, 0.1), 3)),
            )
            entry["sound"] = asdict(sound)
            entry["cuts_s"] = write_clip(folder / "clips" / f"{post.post_id}.mp4", look, sound, rng)
        index.append(entry)
        if done % 24 == 0:
            say(f"{done} of {len(newest)} posts drawn")
    (folder / "index.json").write_text(json.dumps(index, indent=1) + "\n", "utf-8")
    return len(videos), len(newest)


def _look(rng: np.random.Generator, post: Any) -> Look:
    # widths that fill whole cache lines: x264 reads the padding after others, and bytes would differ by chance
    wide = {"youtube": (640, 360), "tiktok": (256, 456)}.get(post.platform, (512, 512))
    skill = float(1 / (1 + np.exp(-1.3 * post.quality)))
    line = post.title or post.text.split("\n")[0]
    return Look(
        width=wide[0],
        height=wide[1],
        # the built-in font has no emoji
        words=" ".join(line.encode("ascii", "ignore").decode().split()[: int(rng.integers(2, 6))]),
        text_px=int(14 + 34 * skill * rng.uniform(0.7, 1.1)),
        contrast=round(0.25 + 0.75 * skill, 3),
        blur_px=round(float(max(0.0, 2.5 * (0.6 - skill) + rng.normal(0, 0.3))), 2),
        clutter=int(3 + 22 * (1 - skill) * rng.random()),
        top=_colour(rng),
        bottom=_colour(rng),
        accent=_colour(rng),
    )


def draw(look: Look, rng: np.random.Generator, shift: float = 0.0) -> Image:
    """One picture; `shift` (0-1) moves the shapes, for the frames of a clip."""
    from PIL import Image, ImageDraw, ImageFilter, ImageFont

    ramp = np.linspace(0, 1, look.height)[:, None, None]
    background = np.asarray(look.top) * (1 - ramp) + np.asarray(look.bottom) * ramp
    pixels = 128 + (np.broadcast_to(background, (look.height, look.width, 3)) - 128) * look.contrast
    image = Image.fromarray(pixels.astype(np.uint8))
    pen = ImageDraw.Draw(image)
    for _ in range(look.clutter):
        x, y = (rng.random() + shift) % 1 * look.width, rng.random() * look.height
        r = rng.uniform(0.02, 0.09) * look.width
        shape = pen.ellipse if rng.random() < 0.6 else pen.rectangle
        shape((x - r, y - r, x + r, y + r), fill=_colour(rng))
    # one subject, larger than the rest
    r = 0.22 * min(look.width, look.height)
    x, y = look.width * (0.3 + 0.4 * shift), look.height * 0.6
    pen.ellipse((x - r, y - r, x + r, y + r), fill=look.accent, outline=(255, 255, 255), width=3)
    image = image.filter(ImageFilter.GaussianBlur(look.blur_px)) if look.blur_px > 0 else image
    pen = ImageDraw.Draw(image)
    place = (look.width * 0.05, look.height * 0.08)
    font = ImageFont.load_default(look.text_px)
    words = textwrap.fill(look.words, max(8, int(1.8 * look.width / look.text_px)))
    pen.text(place, words, fill=(255, 255, 255), font=font, stroke_width=2, stroke_fill=(20, 20, 20))
    return image


def write_clip(path: Path, look: Look, sound: Sound, rng: np.random.Generator) -> list[float]:
    """An MP4 with H.264 (MPEG-4 part 2 where there is no x264) and AAC; returns the times of its cuts."""
    import av

    scenes = int(rng.integers(1, 4))
    frames = int(sound.seconds * FPS)
    cuts = [round(frames * k / scenes) for k in range(1, scenes)]
    codec = "libx264" if "libx264" in av.codecs_available else "mpeg4"
    with av.open(str(path), "w") as out:
        # one thread: the same bytes on any machine
        video = out.add_stream(codec, rate=FPS, options={"threads": "1", "crf": "30", "preset": "veryfast"})
        video.width, video.height, video.pix_fmt = look.width // 2 * 2, look.height // 2 * 2, "yuv420p"
        audio = out.add_stream("aac", rate=SAMPLE_RATE, layout="mono")
        seeds = rng.integers(2**31, size=scenes)
        for i in range(frames):
            scene = sum(i >= cut for cut in cuts)
            shown = look if scene % 2 == 0 else _swapped(look)
            image = draw(shown, np.random.default_rng(seeds[scene]), shift=i / frames)
            for packet in video.encode(av.VideoFrame.from_image(image)):
                out.mux(packet)
        _mux_sound(out, audio, waveform(sound, rng))
        for stream in (video, audio):
            for packet in stream.encode(None):
                out.mux(packet)
    return [round(cut / FPS, 3) for cut in cuts]


def _swapped(look: Look) -> Look:
    return Look(**{**asdict(look), "top": look.accent, "accent": look.top})


def waveform(sound: Sound, rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """Mono samples at 44.1 kHz: a major chord, a kick on every beat, hiss."""
    t = np.arange(int(sound.seconds * SAMPLE_RATE)) / SAMPLE_RATE
    chord = sum(np.sin(2 * np.pi * sound.root_hz * ratio * t) for ratio in (1, 5 / 4, 3 / 2)) / 3
    since_beat = t % (60 / sound.bpm)
    kick = np.sin(2 * np.pi * 55 * since_beat) * np.exp(-since_beat * 18)
    mixed = 0.5 * chord + kick + sound.noise * rng.normal(size=len(t))
    return (mixed / np.abs(mixed).max() * sound.peak).astype(np.float32)


def _mux_sound(out: Any, stream: Any, samples: npt.NDArray[np.float32]) -> None:
    import av

    for start in range(0, len(samples), 1024):
        frame = av.AudioFrame.from_ndarray(samples[None, start : start + 1024], format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, start, Fraction(1, SAMPLE_RATE)
        for packet in stream.encode(frame):
            out.mux(packet)


def _colour(rng: np.random.Generator) -> Rgb:
    r, g, b = (int(v) for v in rng.integers(20, 240, 3))
    return r, g, b
