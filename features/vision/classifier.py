"""The network that sees the whole picture: what it is (scene) and as a vector (embedding), in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from features.absent import Absent
from features.vision.inputs import batches, middle, planes
from features.vision.named import Named, config_of, find
from features.vision.picture import Picture
from features.weights.models import Models

Floats = NDArray[np.float32]
DEFAULT = "mobilenet_v2_1.0_224"


@dataclass(frozen=True)
class Seen:
    """A unit vector, and the classes' chances where the network has classes."""

    vector: Floats
    chances: Floats | None


class SeesPictures(Protocol):
    """What is asked of an encoder. `labels` is None where it has no classes."""

    @property
    def model_id(self) -> str: ...

    @property
    def labels(self) -> tuple[str, ...] | None: ...

    def see(self, pictures: Sequence[Picture]) -> list[Seen]: ...


@dataclass(frozen=True)
class GraphClassifier:
    """MobileNetV2 in ONNX Runtime."""

    model_id: str
    labels: tuple[str, ...] | None
    session: Any
    size: int
    shortest: int

    def see(self, pictures: Sequence[Picture]) -> list[Seen]:
        inputs = [middle(picture.rgb, self.shortest, self.size) for picture in pictures]
        names = ["pooled", "logits"] if self.labels else ["pooled"]
        found = self.session.run(names, {"pixels": planes(inputs, 127.5, 127.5)})
        chances = softmax(found[1]) if self.labels else [None] * len(inputs)
        return [Seen(vector, chance) for vector, chance in zip(unit(found[0]), chances, strict=True)]


def see_all(pictures: Sequence[Picture], models: Models, name: str) -> list[Seen] | Absent:
    """What the model called `name` sees; kept on the picture, so that scene and embedding cost one pass."""
    network = load(models, name)
    if isinstance(network, Absent):
        return network
    key = f"seen by {network.model_id}"
    fresh = [picture for picture in pictures if key not in picture.shared]
    for some in batches(fresh, models.settings.device):
        for picture, seen in zip(some, network.see(some), strict=True):
            picture.shared[key] = seen
    return [picture.shared[key] for picture in pictures]


def load(models: Models, name: str) -> SeesPictures | Absent:
    """The network called `name`: a folder of weights, a local folder or a hub model."""
    return models.once(("picture classifier", name), lambda: _load(models, name))


def _load(models: Models, name: str) -> SeesPictures | Absent:
    found = find(models, name)
    if isinstance(found, Absent):
        return found
    config = config_of(found)
    if (
        models.settings.device == "cpu"
        and found.folder is not None
        and config.get("model_type") == "mobilenet_v2"
    ):
        return _graph(models, found, found.folder, config)
    from features.vision.transformer import load_classifier

    return load_classifier(models, found)


def _graph(models: Models, found: Named, folder: Path, config: dict[str, Any]) -> GraphClassifier | Absent:
    from features.vision.mobilenet_graph import build

    size = int(config.get("image_size", 224))
    session = session_of(models, lambda: build(folder, size), found.model_id)
    if isinstance(session, Absent):
        return session
    classes = any(output.name == "logits" for output in session.get_outputs())
    labels = labels_of(config) if classes else None
    return GraphClassifier(found.model_id, labels, session, size, shortest=round(size * 256 / 224))


def session_of(models: Models, make: Any, name: str) -> Any | Absent:
    """An ONNX Runtime session of the graph that `make` gives, on the CPU."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = models.settings.model_threads
    options.log_severity_level = 3
    # Waiting threads must not keep a core from the worker beside this one.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(make(), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # a broken file must cost its own features, not the analysis
        return Absent(f"{name} cannot be loaded: {error}")


def labels_of(config: dict[str, Any]) -> tuple[str, ...]:
    names = config.get("id2label", {})
    return tuple(str(names[i]) for i in sorted(names, key=int))


def unit(vectors: Any) -> Any:
    vectors = np.asarray(vectors, np.float32)
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def softmax(logits: Any) -> Any:
    logits = np.asarray(logits, np.float64)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
