"""Networks of `transformers` by name, on the CPU or, in mixed precision and batches, on a GPU.

Whatever the library can load: ResNet, EfficientNet, ConvNeXt, ViT; CLIP, SigLIP; DETR, RT-DETR. Torch is imported
only here, and only where such a network is asked for.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from features.absent import Absent
from features.vision.classifier import Seen, softmax, unit
from features.vision.named import Named
from features.vision.picture import Picture
from features.weights.models import Models


@dataclass(frozen=True)
class Network:
    """A model and what prepares its pictures."""

    model_id: str
    model: Any = field(repr=False)
    processor: Any = field(repr=False)
    device: str

    def inputs(self, pictures: Sequence[Picture]) -> dict[str, Any]:
        # Read-only arrays make torch warn; the processor copies anyway.
        prepared = self.processor(
            images=[picture.rgb.copy() for picture in pictures],
            return_tensors="pt",
            input_data_format="channels_last",
        )
        return {name: value.to(self.device) for name, value in prepared.items()}

    @contextlib.contextmanager
    def running(self) -> Any:
        """No gradients; on a GPU half precision: bfloat16 where the card has it."""
        import torch

        kind = torch.device(self.device).type
        half = torch.float16 if kind == "cuda" and not torch.cuda.is_bf16_supported() else torch.bfloat16
        with torch.inference_mode(), torch.autocast(kind, dtype=half, enabled=kind == "cuda"):
            yield


def _network(models: Models, found: Named, factory: str) -> Network | Absent:
    """`factory`: the class of `transformers` that builds the model. Local files and the hub's cache alone are read:
    what is downloaded, and when, is the user's decision (`creatorlens weights pull`)."""
    import torch
    import transformers

    if models.settings.device == "cpu":
        torch.set_num_threads(models.settings.model_threads)
    elif not torch.cuda.is_available():
        return Absent(f"{found.name}: the settings ask for {models.settings.device}, and torch finds no GPU")
    try:
        with _quiet(transformers):
            options = {"local_files_only": True, "trust_remote_code": False}
            model = getattr(transformers, factory).from_pretrained(found.source, **options)
            processor = transformers.AutoImageProcessor.from_pretrained(
                found.source, use_fast=False, **options
            )
    except Exception as error:  # whatever is wrong with it costs its own features, not the analysis
        return _not_loaded(found, error)
    # A model of the hub's cache is known by its commit.
    commit = getattr(model.config, "_commit_hash", None)
    model_id = f"{found.name}@{commit[:16]}" if found.folder is None and commit else found.model_id
    return Network(model_id, model.eval().to(models.settings.device), processor, models.settings.device)


def _not_loaded(found: Named, error: Exception) -> Absent:
    if found.folder is None:
        return Absent(f"no weights of {found.name} here: creatorlens weights pull {found.name}")
    return Absent(f"{found.name} cannot be loaded ({type(error).__name__}: {str(error)[:200]})")


@contextlib.contextmanager
def _quiet(transformers: Any) -> Any:
    logging = transformers.utils.logging
    before = logging.get_verbosity()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(before)
        logging.enable_progress_bar()


@dataclass(frozen=True)
class TransformerClassifier:
    model_id: str
    labels: tuple[str, ...] | None
    network: Network
    forward: Callable[[Any, dict[str, Any]], tuple[Any, Any]] = field(repr=False)

    def see(self, pictures: Sequence[Picture]) -> list[Seen]:
        with self.network.running():
            vectors, logits = self.forward(self.network.model, self.network.inputs(pictures))
        chances = [None] * len(pictures) if logits is None else softmax(logits.float().cpu().numpy())
        rows = unit(vectors.float().cpu().numpy())
        return [Seen(vector, chance) for vector, chance in zip(rows, chances, strict=True)]


def load_classifier(models: Models, found: Named) -> TransformerClassifier | Absent:
    import transformers

    try:
        config = transformers.AutoConfig.from_pretrained(found.source, local_files_only=True)
    except Exception as error:
        return _not_loaded(found, error)
    classifies = any("ForImageClassification" in name for name in config.architectures or [])
    network = _network(models, found, "AutoModelForImageClassification" if classifies else "AutoModel")
    if isinstance(network, Absent):
        return network
    if classifies:
        labels = tuple(str(config.id2label[i]) for i in sorted(config.id2label))
        return TransformerClassifier(network.model_id, labels, network, _classified)
    forward = _image_side if hasattr(network.model, "get_image_features") else _encoded
    return TransformerClassifier(network.model_id, None, network, forward)


def _classified(model: Any, inputs: dict[str, Any]) -> tuple[Any, Any]:
    """The vector is what the network itself hands to its classifier's body."""
    seen: list[Any] = []
    hook = model.base_model.register_forward_hook(lambda *passed: seen.append(passed[-1]))
    try:
        logits = model(**inputs).logits
    finally:
        hook.remove()
    return _pooled(seen[0]), logits


def _encoded(model: Any, inputs: dict[str, Any]) -> tuple[Any, Any]:
    return _pooled(model(**inputs)), None


def _image_side(model: Any, inputs: dict[str, Any]) -> tuple[Any, Any]:
    """CLIP-like: the vector that is compared with those of texts."""
    vectors = model.get_image_features(**inputs)
    return getattr(vectors, "pooler_output", vectors), None


def _pooled(output: Any) -> Any:
    """The pooled vector; without one the mean of a map, or the class token of a sequence."""
    pooled = getattr(output, "pooler_output", None)
    if pooled is not None:
        return pooled.flatten(start_dim=1)
    hidden = output.last_hidden_state
    return hidden.mean(dim=(2, 3)) if hidden.ndim == 4 else hidden[:, 0]


@dataclass(frozen=True)
class Detection:
    """`box`: left, top, right, bottom in pixels of the picture given."""

    label: str
    score: float
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class TransformerDetector:
    model_id: str
    network: Network

    def detect(self, pictures: Sequence[Picture], threshold: float) -> list[list[Detection]]:
        import torch

        sizes = torch.tensor([[picture.height, picture.width] for picture in pictures])
        with self.network.running():
            output = self.network.model(**self.network.inputs(pictures))
        output = type(output)({name: _whole(value) for name, value in output.items() if name in _NEEDED})
        found = self.network.processor.post_process_object_detection(output, threshold, target_sizes=sizes)
        names = self.network.model.config.id2label
        return [
            [
                Detection(str(names[int(label)]), float(score), tuple(float(edge) for edge in box))  # type: ignore[arg-type]
                for score, label, box in zip(one["scores"], one["labels"], one["boxes"], strict=True)
            ]
            for one in found
        ]


_NEEDED = ("logits", "pred_boxes")


def _whole(value: Any) -> Any:
    return value.float().cpu()


def load_detector(models: Models, found: Named) -> TransformerDetector | Absent:
    network = _network(models, found, "AutoModelForObjectDetection")
    return network if isinstance(network, Absent) else TransformerDetector(network.model_id, network)


@dataclass(frozen=True)
class TransformerSegmenter:
    network: Network

    def logits(self, inputs: Any) -> Any:
        """N x classes x side x side for inputs N x 3 x size x size (float32, prepared)."""
        import torch

        with self.network.running():
            output = self.network.model(torch.from_numpy(np.asarray(inputs)).to(self.network.device)).logits
        return output.float().cpu().numpy()


def load_segmenter(models: Models, found: Named) -> TransformerSegmenter | Absent:
    network = _network(models, found, "AutoModelForSemanticSegmentation")
    return network if isinstance(network, Absent) else TransformerSegmenter(network)
