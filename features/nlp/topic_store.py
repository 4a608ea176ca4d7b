"""Learned topics on disk: arrays as safetensors, words as JSON, under home/features/topics/<workspace>/.

Written beside and moved into place, so that a reader finds the old topics or the new ones, never half of either.
"""

from __future__ import annotations

import json
import shutil
import time
import uuid
from pathlib import Path

import numpy as np

from creatorlens.errors import CreatorLensError
from creatorlens.settings import Settings
from features.absent import Absent
from features.nlp.topics import TopicModel
from features.nlp.vocabulary import Vocabulary

FORMAT = 1


def topic_folder(settings: Settings, workspace: str) -> Path:
    # Quoted: a workspace's name may hold what a path must not.
    safe = "".join(
        letter if letter.isalnum() or letter in "-_" else f"%{ord(letter):x}" for letter in workspace
    )
    return settings.features_home / "topics" / safe


def save_topics(model: TopicModel, folder: Path) -> None:
    """One version per folder name, and `current` says which: a name moves into place in one step."""
    from safetensors.numpy import save_file

    version = model.model_id.rpartition("@")[2]
    folder.mkdir(parents=True, exist_ok=True)
    target, beside = folder / version, folder / f".{uuid.uuid4().hex}"
    beside.mkdir()
    try:
        arrays = {"in_posts": model.vocabulary.in_posts, "word_topics": model.word_topics}
        if model.centres is not None:
            arrays["centres"] = model.centres
        save_file(
            {name: np.ascontiguousarray(array) for name, array in arrays.items()},
            beside / "arrays.safetensors",
        )
        told = {
            "format": FORMAT, "terms": model.vocabulary.terms, "posts": model.vocabulary.posts,
            "lda_words": model.lda_words, "cluster_words": model.cluster_words, "encoder": model.encoder,
            "known_at": model.known_at, "seed": model.seed, "inputs": model.inputs,
        }  # fmt: skip
        (beside / "words.json").write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
        if not target.exists():
            beside.replace(target)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    pointer = folder / f".{uuid.uuid4().hex}"
    pointer.write_text(version, encoding="utf-8")
    pointer.replace(folder / "current")
    _sweep(folder, version)


def _sweep(folder: Path, current: str) -> None:
    """Older topics, an hour after they were last of use to a reader."""
    for old in folder.iterdir():
        if old.name not in ("current", current) and old.stat().st_mtime < time.time() - 3600:
            shutil.rmtree(old, ignore_errors=True) if old.is_dir() else old.unlink(missing_ok=True)


def load_topics(folder: Path) -> TopicModel | Absent:
    """What was saved last, or why there is nothing to use."""
    from safetensors.numpy import load_file

    try:
        version = (folder / "current").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return Absent("topics are learned from the workspace's own posts, and none were learned yet")
    try:
        arrays = load_file(folder / version / "arrays.safetensors")
        told = json.loads((folder / version / "words.json").read_text(encoding="utf-8"))
        if told["format"] != FORMAT:
            raise CreatorLensError(f"written in format {told['format']}")
        return TopicModel(
            Vocabulary(tuple(told["terms"]), arrays["in_posts"], told["posts"]),
            arrays["word_topics"],
            tuple(map(tuple, told["lda_words"])),
            arrays.get("centres"),
            tuple(map(tuple, told["cluster_words"])),
            told["encoder"],
            told["known_at"],
            told["seed"],
            told["inputs"],
        )
    except Exception as error:  # a damaged file costs the topics, not the analysis
        return Absent(
            f"the topics kept in {folder.name} cannot be read ({type(error).__name__}): learn them again"
        )
