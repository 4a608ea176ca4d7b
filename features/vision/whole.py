"""Parts that speak of the whole picture: scene, embedding, safety, aesthetic quality."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from creatorlens.reading.base import Labelled
from creatorlens.reading.image import Aesthetic, Embedding, Safety, Scene
from features.absent import Absent
from features.vision.classifier import DEFAULT, Floats, load, see_all
from features.vision.inputs import batches, fitted
from features.vision.picture import Picture
from features.weights.models import Models

TOP = 5
NSFW = "nsfw_mobilenet_v2"
NSFW_SIZE = 224
NSFW_CLASSES = ("drawing", "hentai", "neutral", "porn", "sexy")
RATINGS = np.arange(1, 11)


def read_scenes(pictures: Sequence[Picture], models: Models) -> Sequence[Scene | Absent]:
    """Of the encoder that the settings name where it has classes, else of the default one."""
    name = models.settings.vision_encoder
    network = load(models, name)
    if isinstance(network, Absent) or network.labels is None:
        name = DEFAULT
        network = load(models, name)
    seen = network if isinstance(network, Absent) else see_all(pictures, models, name)
    if isinstance(seen, Absent) or isinstance(network, Absent):
        return [seen if isinstance(seen, Absent) else network] * len(pictures)  # type: ignore[list-item]
    labels = network.labels or ()
    return [Scene(classes=likeliest(labels, one.chances, TOP), model=network.model_id) for one in seen]


def read_embeddings(pictures: Sequence[Picture], models: Models) -> Sequence[Embedding | Absent]:
    name = models.settings.vision_encoder
    network = load(models, name)
    seen = network if isinstance(network, Absent) else see_all(pictures, models, name)
    if isinstance(network, Absent) or isinstance(seen, Absent):
        return [seen] * len(pictures)  # type: ignore[list-item]
    return [Embedding(vector=tuple(one.vector.tolist()), model=network.model_id) for one in seen]


def read_aesthetics(pictures: Sequence[Picture], models: Models) -> Sequence[Aesthetic | Absent]:
    """NIMA (Talebi and Milanfar 2018): the chances of ten ratings."""
    name = models.settings.aesthetic_model
    network = load(models, name)
    if isinstance(network, Absent):
        return [network] * len(pictures)
    if len(network.labels or ()) != len(RATINGS):
        return [Absent(f"{name} rates in {len(network.labels or ())} classes, not the ten of NIMA")] * len(
            pictures
        )
    seen = see_all(pictures, models, name)
    if isinstance(seen, Absent):
        return [seen] * len(pictures)
    return [_rated(one.chances, network.model_id) for one in seen]


def _rated(chances: Floats | None, model: str) -> Aesthetic:
    ratings = np.asarray(chances, np.float64)
    ratings = ratings / ratings.sum()
    mean = float(ratings @ RATINGS)
    deviation = float(np.sqrt(max(0.0, ratings @ (RATINGS - mean) ** 2)))
    return Aesthetic(mean=mean, deviation=deviation, ratings=tuple(ratings.tolist()), model=model)


def read_safety(pictures: Sequence[Picture], models: Models) -> Sequence[Safety | Absent]:
    session = models.onnx(NSFW, "model.onnx")
    if isinstance(session, Absent):
        return [session] * len(pictures)
    model = f"{NSFW}@{models.fingerprint(NSFW)}"
    out: list[Safety | Absent] = []
    for some in batches(pictures, models.settings.device):
        inputs = np.stack([fitted(picture.rgb, NSFW_SIZE, NSFW_SIZE) for picture in some])
        for chances in session.run(None, {"input": inputs.astype(np.float32) / 255})[0]:
            out.append(_safe(chances, model))
    return out


def _safe(chances: Floats, model: str) -> Safety:
    by_class = dict(zip(NSFW_CLASSES, np.clip(chances, 0, 1).tolist(), strict=True))
    return Safety(
        classes=likeliest(NSFW_CLASSES, chances, len(NSFW_CLASSES)),
        explicit=min(1.0, by_class["porn"] + by_class["hentai"]),
        suggestive=by_class["sexy"],
        model=model,
    )


def likeliest(labels: Sequence[str], chances: Floats | None, most: int) -> tuple[Labelled, ...]:
    scores = np.clip(np.asarray(chances, np.float64), 0, 1)
    order = np.argsort(-scores, kind="stable")[:most]
    return tuple(Labelled(label=labels[i], score=float(scores[i])) for i in order)
