"""Real photographs through the real detectors: every picture handed out is valid, in shape, whole and readable."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from features.media.limits import USUAL
from features.vision.picture import open_picture
from recommend.thumbnails.jobs import MakePictures, Material, PictureMaker
from recommend.thumbnails.making import Maker, Origin
from recommend.thumbnails.shapes import TALL, WIDE


@pytest.mark.parametrize("name", ["astronaut.png", "coral_owl.jpg"])
def test_variants_are_valid_in_shape_and_whole(maker: Maker, shared_media: Path, name: str) -> None:
    from PIL import Image

    picture = open_picture((shared_media / "photos" / name).read_bytes(), USUAL)
    seen = maker.outlined(maker.see(picture))
    assert seen.mask_by == "segmentation"
    found = maker.variants(seen, Origin("a" * 64), (WIDE, TALL), ("Secret garden",))
    assert {"crop", "emphasis", "text"} <= {one.recipe for _, one in found.made}
    for data, one in found.made:
        with Image.open(io.BytesIO(data)) as again:
            again.load()
        assert again.format == "JPEG"
        assert f"{one.width}:{one.height}" in ("1280:720", "720:1280") or one.width < 1280
        across, down = map(int, one.aspect.split(":"))
        assert again.width * down == again.height * across
        assert (one.checks.faces_whole, one.checks.text_whole) == (True, True)
        assert one.checks.own_text_read is (True if one.text else None)
    # the same picture gives the same bytes
    again_made = maker.variants(seen, Origin("a" * 64), (WIDE,), ())
    first = [data for data, one in found.made if one.aspect == "16:9" and one.recipe in ("crop", "emphasis")]
    assert [data for data, one in again_made.made if one.recipe in ("crop", "emphasis")] == first


def test_a_video_gives_frames_and_a_broken_file_costs_no_other(
    shared_media: Path, shared_weights: Path, tmp_path: Path
) -> None:
    from creatorlens.settings import Settings

    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff\xe0 no picture")
    video = shared_media / "composed" / "known_answers.mp4"
    make = PictureMaker(Settings(home=tmp_path, weights=str(shared_weights), model_threads=1))
    job = MakePictures(
        (Material(broken, "b" * 64), Material(video, "c" * 64, 0.6), Material(video, "c" * 64, 3.0)),
        None, (WIDE,), (), most=1,
    )  # fmt: skip
    current, candidates, made, dropped, still = make(job)
    assert current is None
    assert sorted(one.at_s or 0 for one in candidates) == [0.6, 3.0]
    assert candidates[0].marks.score >= candidates[1].marks.score
    assert {one.at_s for _, one in made} == {candidates[0].at_s}
    assert any(why.startswith("could not be decoded") for why in dropped)
    assert open_picture(still, USUAL).width == 640
