"""Clips made of real photos, films, speech and music, with hard cuts at known times."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

WIDTH, HEIGHT, FPS, RATE = 1280, 720, 30, 48_000
PHOTOS = (
    "coral_cat_720p.jpg", "astronaut.png", "coral_face.jpg", "coffee.png", "darknet_dog.jpg", "page.png", "coral_parrot.jpg",
    "darknet_person.jpg", "darknet_kite.jpg", "coral_grace_hopper.bmp", "vacation_2017.jpg", "darknet_horses.jpg",
)  # fmt: skip
SECONDS_PER_PHOTO = 2.5
FILM = "video/big_buck_bunny_0_30.webm"


def make_clip(
    media: Path, target: Path, seconds: float = 60.0, options: dict[str, str] | None = None
) -> list[float]:
    """Write an H.264 and AAC clip of 1280 x 720 at 30 frames a second; gives the times of its hard cuts.

    Every second shot is a photo with a slow zoom, the others are stretches of a film.
    """
    import av

    container = av.open(str(target), "w")
    video = container.add_stream("libx264", rate=FPS, options=options or {"preset": "medium", "crf": "23"})
    video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    audio = container.add_stream("aac", rate=RATE, layout="stereo")
    cuts: list[float] = []
    sound = _sound(media, seconds)
    written = 0
    for index, (frame, new) in enumerate(_pictures(media, round(seconds * FPS))):
        if new and index:
            cuts.append(index / FPS)
        picture = av.VideoFrame.from_ndarray(frame, format="rgb24")
        picture.pts, picture.time_base = index, Fraction(1, FPS)
        container.mux(video.encode(picture))
        due = round((index + 1) * RATE / FPS)
        while written + 1024 <= due:
            container.mux(audio.encode(_block(sound, written)))
            written += 1024
    container.mux(video.encode(None))
    container.mux(audio.encode(None))
    container.close()
    return cuts


def _block(sound: Any, start: int) -> Any:
    import av

    block = av.AudioFrame.from_ndarray(sound[:, start : start + 1024].copy(), format="fltp", layout="stereo")
    block.sample_rate, block.pts, block.time_base = RATE, start, Fraction(1, RATE)
    return block


def _pictures(media: Path, count: int) -> Iterator[tuple[Any, bool]]:
    made, shot = 0, 0
    film = _film(media)
    while made < count:
        length = min(round(FPS * SECONDS_PER_PHOTO), count - made)
        shown = _zoom(media / "photos" / PHOTOS[shot // 2 % len(PHOTOS)], length) if shot % 2 == 0 else film
        for index in range(length):
            yield next(shown), index == 0
        made, shot = made + length, shot + 1


def _zoom(path: Path, length: int) -> Iterator[Any]:
    import cv2

    photo = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    scale = max(WIDTH / photo.shape[1], HEIGHT / photo.shape[0])
    centre = (photo.shape[1] / 2, photo.shape[0] / 2)
    for index in range(length):
        zoom = scale * (1 + 0.1 * index / length)
        move = np.array([[zoom, 0, WIDTH / 2 - zoom * centre[0]], [0, zoom, HEIGHT / 2 - zoom * centre[1]]])
        yield cv2.warpAffine(
            photo, move, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )


def _film(media: Path) -> Iterator[Any]:
    """The film without end. Its own cuts stay in it: the stretches from 10 s on have few."""
    import av

    while True:
        with av.open(str(media / FILM)) as container:
            for frame in container.decode(video=0):
                yield frame.reformat(WIDTH, HEIGHT, "rgb24").to_ndarray()


def _sound(media: Path, seconds: float) -> Any:
    """Stereo: a speech over soft music, then music alone, then speech alone, and so on."""
    speech = _mono(media / "speech" / "jfk.flac")
    music = _mono(media / "audio" / "brahms_strings.ogg")
    count = round(seconds * RATE)
    speech, music = np.resize(speech, count), np.resize(music, count)
    part = np.arange(count) // (10 * RATE) % 3
    mixed = speech * (part != 1) + music * np.choose(part, (0.15, 0.8, 0.0))
    return np.ascontiguousarray(np.stack((mixed, mixed)).clip(-1, 1).astype(np.float32))


def _mono(path: Path) -> Any:
    import av

    with av.open(str(path)) as container:
        resampler = av.AudioResampler("fltp", "mono", RATE)
        blocks = [
            out.to_ndarray()[0] for frame in container.decode(audio=0) for out in resampler.resample(frame)
        ]
    return np.concatenate(blocks)


def make_hour(clip: Path, target: Path, seconds: float = 3600.0) -> None:
    """The packets of a clip over and over, each time later: long, and quickly made."""
    import av

    with av.open(str(clip)) as source, av.open(str(target), "w") as out:
        video, audio = source.streams.video[0], source.streams.audio[0]
        streams = {stream.index: out.add_stream_from_template(stream) for stream in (video, audio)}
        length = Fraction(video.frames) / video.average_rate
        for turn in range(round(seconds / length)):
            source.seek(0)
            for packet in source.demux(video, audio):
                if packet.size and packet.pts is not None and packet.pts >= 0:
                    later = round(turn * length / packet.time_base)
                    packet.pts, packet.dts = packet.pts + later, packet.dts + later
                    packet.stream = streams[packet.stream_index]
                    out.mux(packet)
