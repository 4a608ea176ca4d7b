"""Everything read from a picture: what is there, what is not and why, and what it costs a worker."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from creatorlens.reading.image import ImageReading, Look
from creatorlens.settings import Settings
from features.absent import Absent
from features.extractor import Extractor
from features.vision import reading as module
from features.vision.consistency import visual_consistency
from features.vision.part import learned
from features.vision.picture import Picture, picture_of
from features.vision.reading import CLASSICAL, EXTRACTORS, read_image, read_pictures
from features.weights.models import Models

Photo = Callable[[str], Picture]
PARTS = set(ImageReading.model_fields) - {"absent"}


def anew(picture: Picture) -> Picture:
    """Without what was computed of it before."""
    return Picture(picture.rgb, picture.facts)


def test_every_part_of_the_record_has_one_extractor() -> None:
    assert [extractor.field for extractor in EXTRACTORS] == [*PARTS] or {e.field for e in EXTRACTORS} == PARTS
    assert len(EXTRACTORS) == len(PARTS)
    for extractor in EXTRACTORS:
        assert extractor.name.startswith("image.")
        assert ImageReading.model_fields[extractor.field].annotation == extractor.part | None


def test_with_the_small_weights_all_but_the_aesthetic_is_there(
    reading: Callable[[str], ImageReading],
) -> None:
    found = reading("astronaut")
    assert set(found.absent) == {"aesthetic"}
    assert "no model is named" in found.absent["aesthetic"]
    again = ImageReading.model_validate_json(found.model_dump_json())
    assert again == found


def test_without_weights_the_classical_parts_are_there_and_the_others_say_what_to_do(
    photo: Photo, bare: Models
) -> None:
    found = read_image(anew(photo("coffee")), bare)
    assert {part for part in PARTS if getattr(found, part) is not None} == CLASSICAL
    assert set(found.absent) == PARTS - CLASSICAL
    for part, name in (
        ("faces", "yunet"), ("objects", "yolox_nano"), ("scene", "mobilenet_v2_1.0_224"), ("words", "ppocr_v2_mobile"),
        ("subject", "deeplabv3_mobilenet_v2_513"), ("technical_quality", "brisque_svr"), ("safety", "nsfw_mobilenet_v2"),
        ("embedding", "mobilenet_v2_1.0_224"),
    ):  # fmt: skip
        assert found.absent[part] == f"no weights of {name} here: creatorlens weights pull {name}"


def test_without_weights_of_expressions_faces_are_still_found(
    photo: Photo, shared_weights: Path, home: Path, tmp_path: Path
) -> None:
    (tmp_path / "yunet").symlink_to(shared_weights / "yunet")
    found = read_image(anew(photo("astronaut")), Models(Settings(home=home, weights=str(tmp_path)))).faces
    assert found is not None
    assert found.count == 1
    assert found.expression is None
    assert "creatorlens weights pull face_expression" in str(found.expression_absent)


def test_the_same_picture_gives_the_same_record(
    photo: Photo, models: Models, reading: Callable[[str], ImageReading]
) -> None:
    assert read_image(anew(photo("darknet_dog")), models) == reading("darknet_dog")


def test_many_pictures_read_together_are_read_as_each_alone(
    photo: Photo, models: Models, reading: Callable[[str], ImageReading]
) -> None:
    names = ["astronaut", "darknet_dog", "coffee", "page", "coral_cat_720p"]
    for name, found in zip(names, read_pictures([anew(photo(name)) for name in names], models), strict=True):
        alone = reading(name)
        assert found.absent == alone.absent
        for part in ("facts", "look", "saliency", "composition", "words", "technical_quality", "objects"):
            assert getattr(found, part) == getattr(alone, part), (name, part)
        # Networks that see several pictures at once may differ in the last digits.
        assert found.embedding is not None
        assert alone.embedding is not None
        assert found.embedding.vector == pytest.approx(alone.embedding.vector, abs=1e-5)
        assert [face.expression[0].label for face in found.faces.faces] == [
            face.expression[0].label for face in alone.faces.faces
        ]
        assert found.safety.explicit == pytest.approx(alone.safety.explicit, abs=1e-4)
        assert found.subject.share == pytest.approx(alone.subject.share, abs=1e-3)
        assert found.scene.classes[0].score == pytest.approx(alone.scene.classes[0].score, abs=1e-4)


def test_only_what_is_asked_for_is_read(photo: Photo, models: Models) -> None:
    (found,) = read_pictures([anew(photo("coffee"))], models, only={"look", "objects"})
    assert {part for part in PARTS if getattr(found, part) is not None} == {"look", "objects"}
    assert found.absent == {}
    assert read_pictures([], models) == []


def test_known_parts_are_taken_as_they_are(photo: Photo, bare: Models) -> None:
    first = read_image(anew(photo("coffee")), bare)
    assert first.look is not None
    told = first.look.model_copy(update={"brightness": 0.123})
    assert read_image(anew(photo("coffee")), bare, known={"look": told}).look == told


def test_an_extractor_that_fails_costs_its_own_part_alone(
    photo: Photo, bare: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(picture: Picture, models: Models) -> Look:
        raise RuntimeError("the lens is dirty")

    broken = tuple(Extractor(e.name, e.version, e.part, fail) if e.field == "look" else e for e in EXTRACTORS)
    monkeypatch.setattr(module, "EXTRACTORS", broken)
    found = read_image(anew(photo("coffee")), bare)
    assert found.look is None
    assert "the lens is dirty" in found.absent["look"]
    assert found.composition is not None


def test_a_picture_that_fails_in_a_batch_costs_no_other_its_part(
    photo: Photo, bare: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = read_image(anew(photo("coffee")), bare).look
    assert good is not None

    def many(pictures: list[Picture], models: Models) -> list[Look | Absent]:
        if any(picture.width == 1 for picture in pictures):
            raise ValueError("too thin")
        return [good] * len(pictures)

    monkeypatch.setattr(module, "EXTRACTORS", (learned("image.look", 1, Look, many),))
    thin, wide = picture_of(np.zeros((9, 1, 3), np.uint8)), picture_of(np.zeros((9, 9, 3), np.uint8))
    found = read_pictures([wide, thin, wide], bare)
    assert [one.look is not None for one in found] == [True, False, True]
    assert "too thin" in found[1].absent["look"]


def test_keys_change_with_version_and_weights(models: Models, bare: Models) -> None:
    for extractor in EXTRACTORS:
        assert extractor.key(models) == extractor.key(models)
        if extractor.field not in CLASSICAL and extractor.field != "aesthetic":
            assert extractor.key(models) != extractor.key(bare), extractor.name


def test_consistency_is_the_cosine_to_the_mean_of_earlier_thumbnails(
    reading: Callable[[str], ImageReading],
) -> None:
    astronaut, coffee = (reading(name).embedding for name in ("astronaut", "coffee"))
    assert astronaut is not None
    assert coffee is not None
    assert visual_consistency(astronaut, []) is None
    assert visual_consistency(astronaut, [astronaut] * 3) == pytest.approx(1)
    apart = visual_consistency(astronaut, [coffee])
    assert apart == pytest.approx(float(np.dot(astronaut.vector, coffee.vector)), abs=1e-6)
    mixed = visual_consistency(astronaut, [coffee, astronaut])
    assert apart is not None
    assert mixed is not None
    assert apart < mixed < 1
    stranger = coffee.model_copy(update={"model": "another"})
    assert visual_consistency(astronaut, [stranger]) is None


WORKER = """
import json, sys
from pathlib import Path
from creatorlens.settings import Settings
from features.media.limits import USUAL
from features.vision.picture import open_picture
from features.vision.reading import read_image, read_pictures
from features.weights.models import Models
folder, weights, home = sys.argv[1:]
models = Models(Settings(home=home, weights=weights))
pictures = [open_picture(path.read_bytes(), USUAL) for path in sorted(Path(folder).iterdir())[:12]]
absent = read_image(pictures[0], models).absent
read_pictures(pictures, models)
# Not ru_maxrss: a child inherits that of the process that started it.
(peak,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
rss = int(peak.split()[1]) / 1024
print(json.dumps({"mib": rss, "heavy": sorted({"torch", "transformers", "scipy", "sklearn"} & set(sys.modules)), "absent": absent}))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
def test_a_worker_with_the_small_weights_stays_small_and_never_loads_torch(
    shared_media: Path, shared_weights: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", WORKER, str(shared_media / "photos"), str(shared_weights), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["heavy"] == []
    assert set(told["absent"]) == {"aesthetic"}
    assert told["mib"] < 1000


def test_importing_the_module_loads_nothing_heavy() -> None:
    code = (
        "import sys, features.vision.reading; "
        "print([m for m in ('torch', 'cv2', 'onnxruntime', 'transformers', 'scipy', 'onnx', 'PIL') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr[-1000:]
