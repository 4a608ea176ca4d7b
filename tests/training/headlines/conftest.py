"""Randomised tests of headlines with a planted effect: asking a question gets 40 % more clicks, shouting 30 % fewer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

QUESTION, SHOUT = np.log(1.4), np.log(0.7)
_WHO = (
    "a teacher",
    "my neighbour",
    "this nurse",
    "the mayor",
    "one farmer",
    "her brother",
    "a pilot",
    "two friends",
)
_DID = ("found", "built", "lost", "saved", "painted", "fixed", "won", "broke")
_WHAT = (
    "a boat",
    "the old school",
    "a garden",
    "three letters",
    "a robot",
    "the bridge",
    "a song",
    "ten trees",
)


def planted(tests: int, seed: int = 1, variants: int = 4) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = []
    for test in range(tests):
        level = -4.2 + rng.normal(0, 0.4)
        for variant in range(variants):
            question, shout = rng.random() < 0.5, rng.random() < 0.3
            words = f"{rng.choice(_WHO)} {rng.choice(_DID)} {rng.choice(_WHAT)} {test} {variant}"
            headline = words.upper() if shout else words.capitalize()
            ln = level + QUESTION * question + SHOUT * shout + rng.normal(0, 0.05)
            impressions = int(rng.integers(2_500, 6_000))
            rows.append(
                {
                    "experiment_id": f"test-{test:04d}", "variant_id": f"v{test:04d}-{variant}",
                    "week": 202001 + test * 40 // tests, "headline": headline + ("?" if question else ""),
                    "lede": "", "image_id": f"picture-{test}", "impressions": impressions,
                    "clicks": int(rng.binomial(impressions, np.exp(ln))),
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


@pytest.fixture(scope="session")
def planted_tests() -> Callable[..., pd.DataFrame]:
    return planted


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained sentence encoder of BERT's kind, small enough to tune in a second."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("encoder")
    words = sorted({word for group in (_WHO, _DID, _WHAT) for some in group for word in some.split()})
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "?", *words]
    (folder / "vocab.txt").write_text("\n".join(vocabulary))
    BertTokenizerFast(vocab_file=str(folder / "vocab.txt"), do_lower_case=True).save_pretrained(str(folder))
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=3,
        num_attention_heads=2,
        intermediate_size=64,
    )
    BertModel(config).save_pretrained(str(folder), safe_serialization=True)
    return folder
