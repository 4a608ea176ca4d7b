"""Encoders, detectors and aesthetic models by name: any that `transformers` loads, and reasons where it cannot.

The weights are random, made here from small configurations: what is tested is the way from a name to a record.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from PIL import Image

from creatorlens.settings import Settings
from features.absent import Absent
from features.vision.classifier import load
from features.vision.mobilenet_graph import build
from features.vision.objects import read_objects
from features.vision.picture import Picture, picture_of
from features.vision.reading import EXTRACTORS
from features.vision.whole import read_aesthetics, read_embeddings, read_scenes
from features.weights.models import Models

SIZE = 64


def resnet(classes: int | None) -> Any:
    config = transformers.ResNetConfig(
        embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1], layer_type="basic", num_labels=classes or 2
    )
    return transformers.ResNetForImageClassification(config) if classes else transformers.ResNetModel(config)


def convnext() -> Any:
    return transformers.ConvNextForImageClassification(
        transformers.ConvNextConfig(hidden_sizes=[8, 8, 16, 16], depths=[1, 1, 1, 1], num_labels=3)
    )


def efficientnet() -> Any:
    config = transformers.EfficientNetConfig(
        image_size=SIZE,
        width_coefficient=0.1,
        depth_coefficient=0.1,
        hidden_dim=128,
        num_labels=3,
        initializer_range=0.5,
    )
    return transformers.EfficientNetForImageClassification(config)


def vit() -> Any:
    small = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    return transformers.ViTForImageClassification(
        transformers.ViTConfig(image_size=SIZE, patch_size=16, num_labels=4, **small)
    )


SMALL = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}


def clip() -> Any:
    vision = {**SMALL, "image_size": SIZE, "patch_size": 16, "projection_dim": 12}
    text = {**SMALL, "vocab_size": 20, "projection_dim": 12, "eos_token_id": 2}
    return transformers.CLIPModel(
        transformers.CLIPConfig(vision_config=vision, text_config=text, projection_dim=12)
    )


def siglip() -> Any:
    vision = {**SMALL, "image_size": SIZE, "patch_size": 16}
    return transformers.SiglipModel(
        transformers.SiglipConfig(
            vision_config=vision, text_config={**SMALL, "vocab_size": 20, "projection_size": 16}
        )
    )


def detr() -> Any:
    backbone = transformers.ResNetConfig(
        embedding_size=8, hidden_sizes=[8, 8, 8, 16], depths=[1, 1, 1, 1], layer_type="basic",
        out_features=["stage4"],
    )  # fmt: skip
    config = transformers.DetrConfig(
        use_timm_backbone=False, use_pretrained_backbone=False, backbone=None, backbone_config=backbone, d_model=16,
        encoder_layers=1, decoder_layers=1, encoder_attention_heads=2, decoder_attention_heads=2,
        encoder_ffn_dim=16, decoder_ffn_dim=16, num_queries=5, num_labels=2, id2label={0: "cat", 1: "dog"},
    )  # fmt: skip
    return transformers.DetrForObjectDetection(config)


def rt_detr() -> Any:
    backbone = transformers.RTDetrResNetConfig(
        embedding_size=8, hidden_sizes=[8, 8, 16, 16], depths=[1, 1, 1, 1], layer_type="basic",
        out_features=["stage2", "stage3", "stage4"],
    )  # fmt: skip
    config = transformers.RTDetrConfig(
        backbone_config=backbone, encoder_hidden_dim=16, encoder_in_channels=[8, 16, 16], encoder_layers=1,
        encoder_ffn_dim=16, encoder_attention_heads=2, d_model=16, decoder_in_channels=[16, 16, 16], decoder_layers=1,
        decoder_ffn_dim=16, decoder_attention_heads=2, num_queries=5, num_labels=2, num_denoising=0,
        hidden_expansion=0.5, id2label={0: "cat", 1: "dog"},
    )  # fmt: skip
    return transformers.RTDetrForObjectDetection(config)


def processor(kind: str) -> Any:
    sides = {"height": SIZE, "width": SIZE}
    if kind == "clip":
        return transformers.CLIPImageProcessor(size={"shortest_edge": SIZE}, crop_size=sides)
    if kind == "detr":
        return transformers.DetrImageProcessor(size={"shortest_edge": SIZE, "longest_edge": 2 * SIZE})
    if kind == "rt_detr":
        return transformers.RTDetrImageProcessor(size=sides)
    return transformers.ViTImageProcessor(size=sides)


@pytest.fixture(scope="session")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of weights with one tiny model of each kind."""
    folder = tmp_path_factory.mktemp("zoo")
    torch.manual_seed(0)
    makers: dict[str, tuple[Callable[[], Any], str]] = {
        "resnet": (lambda: resnet(5), "vit"), "resnet_body": (lambda: resnet(None), "vit"), "convnext": (convnext, "vit"),
        "efficientnet": (efficientnet, "vit"), "vit": (vit, "vit"), "clip": (clip, "clip"), "siglip": (siglip, "vit"),
        "detr": (detr, "detr"), "rt_detr": (rt_detr, "rt_detr"), "nima": (lambda: resnet(10), "vit"),
    }  # fmt: skip
    for name, (make, kind) in makers.items():
        make().save_pretrained(folder / name)
        processor(kind).save_pretrained(folder / name)
    return folder


@pytest.fixture(scope="session")
def pictures() -> list[Picture]:
    noise = np.random.default_rng(0)
    shapes = [(80, 120), (64, 64), (200, 90)]
    return [picture_of(noise.integers(0, 255, (*shape, 3)).astype(np.uint8)) for shape in shapes]


def named(zoo: Path, home: Path, **settings: str) -> Models:
    return Models(Settings(home=home, weights=str(zoo), model_threads=1, **settings))


@pytest.mark.parametrize(
    "name", ["resnet", "resnet_body", "convnext", "efficientnet", "vit", "clip", "siglip"]
)
def test_an_encoder_by_name_gives_unit_vectors(
    name: str, zoo: Path, home: Path, pictures: list[Picture]
) -> None:
    models = named(zoo, home, vision_encoder=name)
    found = read_embeddings([picture_of(picture.rgb) for picture in pictures], models)
    for embedding in found:
        assert not isinstance(embedding, Absent), embedding
        assert np.linalg.norm(embedding.vector) == pytest.approx(1, abs=1e-4)
        assert embedding.model == f"{name}@{models.fingerprint(name)}"
    assert len({len(embedding.vector) for embedding in found}) == 1  # type: ignore[union-attr]
    # A picture's vector is the same alone and among others.
    (alone,) = read_embeddings([picture_of(pictures[1].rgb)], models)
    assert alone.vector == pytest.approx(found[1].vector, abs=1e-4)  # type: ignore[union-attr]


def test_the_vector_is_that_of_the_model_itself(zoo: Path, home: Path, pictures: list[Picture]) -> None:
    model = transformers.ResNetForImageClassification.from_pretrained(zoo / "resnet").eval()
    given = transformers.ViTImageProcessor.from_pretrained(zoo / "resnet")(
        Image.fromarray(pictures[0].rgb), return_tensors="pt"
    )
    with torch.inference_mode():
        pooled = model.resnet(**given).pooler_output.flatten()
        chances = model(**given).logits.softmax(dim=1)[0]
    models = named(zoo, home, vision_encoder="resnet")
    (embedding,), (scene,) = (
        read([picture_of(pictures[0].rgb)], models) for read in (read_embeddings, read_scenes)
    )
    assert embedding.vector == pytest.approx((pooled / pooled.norm()).tolist(), abs=1e-5)
    assert [part.score for part in scene.classes] == pytest.approx(
        sorted(chances.tolist(), reverse=True), abs=1e-5
    )
    assert scene.classes[0].label == f"LABEL_{int(chances.argmax())}"


@pytest.mark.parametrize("name", ["detr", "rt_detr"])
def test_a_detector_by_name_gives_boxes(
    name: str, zoo: Path, home: Path, pictures: list[Picture], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("features.vision.objects.THRESHOLD", 0.0)  # random weights are sure of nothing
    found = read_objects(pictures, named(zoo, home, detector=name))
    for objects in found:
        assert not isinstance(objects, Absent), objects
        assert objects.things
        assert {thing.label for thing in objects.things} <= {"cat", "dog"}
        assert [thing.score for thing in objects.things] == sorted(
            (t.score for t in objects.things), reverse=True
        )


def test_an_aesthetic_model_by_name_rates_one_to_ten(zoo: Path, home: Path, pictures: list[Picture]) -> None:
    (found, *_) = read_aesthetics(pictures, named(zoo, home, aesthetic_model="nima"))
    assert not isinstance(found, Absent)
    assert sum(found.ratings) == pytest.approx(1)
    assert found.mean == pytest.approx(sum(i * chance for i, chance in enumerate(found.ratings, start=1)))
    assert found.deviation > 0
    (wrong, *_) = read_aesthetics(pictures, named(zoo, home, aesthetic_model="resnet"))
    assert wrong == Absent("resnet rates in 5 classes, not the ten of NIMA")


def test_a_model_that_is_not_here_is_absent_with_a_reason(
    home: Path, pictures: list[Picture], zoo: Path
) -> None:
    unknown = named(
        zoo, home, vision_encoder="nobody/no-such-model", detector="no_such_folder", aesthetic_model="none"
    )
    (embedding, *_), (objects, *_), (aesthetic, *_) = (
        read(pictures, unknown) for read in (read_embeddings, read_objects, read_aesthetics)
    )
    assert "creatorlens weights pull nobody/no-such-model" in embedding.reason
    assert "creatorlens weights pull no_such_folder" in objects.reason
    assert "switched off" in aesthetic.reason


def test_a_broken_model_is_absent_with_a_reason(home: Path, tmp_path: Path, pictures: list[Picture]) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "config.json").write_text("{not json")
    (embedding, *_) = read_embeddings(pictures, named(tmp_path, home, vision_encoder="broken"))
    assert "broken cannot be loaded" in embedding.reason
    (broken / "x.onnx").write_bytes(b"no graph")
    (objects, *_) = read_objects(pictures, named(tmp_path, home, detector="broken"))
    assert "x.onnx cannot be loaded" in objects.reason


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_without_the_gpu_that_is_asked_for_the_reason_says_so(
    zoo: Path, home: Path, pictures: list[Picture]
) -> None:
    models = Models(Settings(home=home, weights=str(zoo), device="cuda", vision_encoder="resnet"))
    (embedding, *_) = read_embeddings(pictures, models)
    assert "torch finds no GPU" in embedding.reason


def test_the_key_of_a_part_changes_with_the_model_named(zoo: Path, home: Path) -> None:
    embedding = next(extractor for extractor in EXTRACTORS if extractor.name == "image.embedding")
    keys = {
        embedding.key(named(zoo, home, vision_encoder=name)) for name in ("resnet", "vit", "clip", "none")
    }
    assert len(keys) == 4


@pytest.mark.parametrize(
    "options",
    [
        {"depth_multiplier": 0.35, "num_labels": 7},
        {"tf_padding": False, "num_labels": 7, "image_size": 96},
        {"first_layer_is_expansion": False, "num_labels": 7},
        {"output_stride": 8, "num_labels": 4, "segments": True},
        {"output_stride": 16, "num_labels": 4, "segments": True, "tf_padding": False, "image_size": 65},
    ],
)
def test_the_graph_is_the_network(options: dict[str, Any], tmp_path: Path) -> None:
    import onnxruntime

    options = dict(options)
    segments = options.pop("segments", False)
    config = transformers.MobileNetV2Config(**{"image_size": 64, "depth_multiplier": 0.35, **options})
    kind = (
        transformers.MobileNetV2ForSemanticSegmentation
        if segments
        else transformers.MobileNetV2ForImageClassification
    )
    torch.manual_seed(1)
    model = kind(config).eval()
    with torch.no_grad():  # batch norms that do something
        for name, value in model.named_buffers():
            if "running" in name:
                value.uniform_(0.5, 1.5)
    model.save_pretrained(tmp_path)
    given = (
        np.random.default_rng(0).normal(size=(2, 3, config.image_size, config.image_size)).astype(np.float32)
    )
    with torch.inference_mode():
        wanted = model(torch.from_numpy(given)).logits.numpy()
    session = onnxruntime.InferenceSession(
        build(tmp_path, config.image_size), providers=["CPUExecutionProvider"]
    )
    found = session.run(["logits"], {"pixels": given})[0]
    assert np.abs(found - wanted).max() < 1e-4 * max(1.0, np.abs(wanted).max())


def test_the_default_networks_run_by_torch_too(models: Models, home: Path, shared_weights: Path) -> None:
    """On a GPU they do; the same code on the CPU gives what the graph gives."""
    from features.vision.named import find
    from features.vision.transformer import load_classifier, load_segmenter

    graph = load(models, "mobilenet_v2_1.0_224")
    found = find(models, "mobilenet_v2_1.0_224")
    assert not isinstance(graph, Absent)
    assert not isinstance(found, Absent)
    network = load_classifier(models, found)
    assert not isinstance(network, Absent)
    picture = picture_of(np.random.default_rng(0).integers(0, 255, (256, 256, 3)).astype(np.uint8))
    (one,), (other,) = graph.see([picture]), network.see([picture])
    assert float(one.vector @ other.vector) > 0.999
    assert network.labels == graph.labels
    deeplab = find(models, "deeplabv3_mobilenet_v2_513")
    assert not isinstance(deeplab, Absent)
    segmenter = load_segmenter(models, deeplab)
    assert not isinstance(segmenter, Absent)
    assert segmenter.logits(np.zeros((1, 3, 513, 513), np.float32)).shape == (1, 21, 33, 33)
