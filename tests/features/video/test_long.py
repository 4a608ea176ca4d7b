"""An hour is read in stretches: the same ones every time, in little memory."""

from __future__ import annotations

import io
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from features.media.limits import USUAL
from features.video.container import probe
from features.video.stretches import LEAST_FRAME, WORK, stretches

HOUR = 3600
FPS = 24
GROUP = 20 * FPS


def repeated(pixels: list[Any], target: Path, times: int) -> None:
    """Encode once, then write the same packets over and over, each time later."""
    import av

    once = io.BytesIO()
    with av.open(once, "w", format="mp4") as out:
        stream = out.add_stream("libx264", rate=FPS, options={"preset": "ultrafast", "g": "48"})
        stream.height, stream.width = pixels[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for picture in pixels:
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(stream.encode(None))
    with av.open(io.BytesIO(once.getvalue())) as source, av.open(str(target), "w") as out:
        stream = out.add_stream_from_template(source.streams.video[0])
        length = round(len(pixels) / FPS / source.streams.video[0].time_base)
        for turn in range(times):
            source.seek(0)
            for packet in source.demux(video=0):
                if packet.size:
                    packet.pts, packet.dts = packet.pts + turn * length, packet.dts + turn * length
                    packet.stream = stream
                    out.mux(packet)


@pytest.fixture(scope="module")
def hour(tmp_path_factory: pytest.TempPathFactory, photo: Callable[..., Any]) -> Path:
    """Two photos in turn, ten seconds each, moving."""
    wide = [photo("darknet_dog.jpg", 480, 180), photo("coffee.png", 480, 180)]
    half = GROUP // 2
    pixels = [
        np.ascontiguousarray(wide[index // half][:, index % half // 2 : index % half // 2 + 320])
        for index in range(GROUP)
    ]
    path = tmp_path_factory.mktemp("hour") / "hour.mp4"
    repeated(pixels, path, HOUR // 20)
    return path


def test_stretches_of_an_hour(hour: Path) -> None:
    probed = probe(hour, USUAL)
    assert probed.container.duration_s == pytest.approx(HOUR, rel=1e-3)
    parts = stretches(probed)
    assert parts == stretches(probed)
    assert parts[0][0] == 0.0
    assert parts[0][1] >= 15.0  # the hook is whole
    assert all(start < end for start, end in parts)
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(parts))
    gaps = [later[0] - earlier[1] for earlier, later in pairwise(parts)]
    assert max(gaps) < HOUR / 10  # evenly: no tenth of it unseen
    assert parts[-1][1] > 0.95 * HOUR
    examined = sum(end - start for start, end in parts)
    assert examined * FPS * LEAST_FRAME <= 1.01 * WORK


def test_an_hour_is_read_in_little_memory(hour: Path, child: Callable[[Path], dict[str, Any]]) -> None:
    answer = child(hour)
    assert answer["outcome"] == "reading"
    record = answer["record"]
    assert answer["peak_bytes"] < 700 * 1024**2
    assert record["absent"] == {}
    # the pace is that of the whole although a part was looked at: a cut every ten seconds
    assert record["cuts"]["examined_share"] < 0.5
    assert record["cuts"]["per_minute"] == pytest.approx(6.0, rel=0.25)
    assert all(min(time % 10, 10 - time % 10) < 0.05 for time in record["cuts"]["times_s"])
    assert max(frame["time_s"] for frame in record["frames"]["frames"]) > 0.8 * HOUR
