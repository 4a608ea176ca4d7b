"""Tuning the upper layers of a sentence encoder on randomised tests: the same likelihood as the linear member's.

A step takes a few whole tests; the errors of ln rates inside a test are whitened as in `training.headline_effects`, so
that a pair weighs as much as its clicks tell. Weights of the last epochs are averaged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from training.columns import Floats
from training.headline_effects import Spread, roots
from training.headline_rows import HeadlineRows

Progress = Callable[[str], None]
_BATCH = 64


@dataclass(frozen=True)
class Recipe:
    """`start`: the lowest layer that is tuned. Seeds are averaged, weight by weight: they start from the same place."""

    start: int = 3
    epochs: int = 3
    rate: float = 5e-5
    head_rate: float = 1.5e-3
    tests_per_step: int = 10
    seeds: tuple[int, ...] = (1, 2)
    averaged: int = 1
    threads: int = 2


@dataclass(frozen=True)
class Lower:
    """What the published lower layers make of each headline, computed once: `hidden` (tokens x width, 16 bits)."""

    hidden: dict[str, Any]


def read_lower(encoder: Path, headlines: list[str], start: int, threads: int) -> Lower:
    import torch
    from transformers import AutoTokenizer

    from training.headline_graph import MOST_TOKENS
    from training.headline_network import load_network, through

    torch.set_num_threads(threads)
    network = load_network(encoder)
    tokenizer = AutoTokenizer.from_pretrained(str(encoder), local_files_only=True)
    distinct = sorted(set(headlines), key=lambda text: (len(text), text))
    hidden: dict[str, Any] = {}
    with torch.inference_mode():
        for at in range(0, len(distinct), _BATCH):
            some = distinct[at : at + _BATCH]
            told = tokenizer(some, truncation=True, max_length=MOST_TOKENS, padding=True, return_tensors="pt")
            mask = told["attention_mask"].to(torch.float32)
            lower = through(
                network.encoder.layer[:start], network.embeddings(input_ids=told["input_ids"]), mask
            )
            for text, states, seen in zip(some, lower, told["attention_mask"], strict=True):
                hidden[text] = states[: int(seen.sum())].half().numpy()
    return Lower(hidden)


def tune(
    rows: HeadlineRows, encoder: Path, lower: Lower, recipe: Recipe, progress: Progress = lambda _: None
) -> Any:
    """The tuned `training.headline_network.Tail`, averaged over seeds and the last epochs."""
    import torch

    from training.headline_network import Tail, load_network

    torch.set_num_threads(recipe.threads)
    network = load_network(encoder)
    states: list[dict[str, Any]] = []
    for seed in recipe.seeds:
        torch.manual_seed(seed)
        states += _one_seed(Tail(network, recipe.start), rows, lower, recipe, seed, progress)
    tail = Tail(network, recipe.start)
    tail.load_state_dict({name: torch.stack([s[name] for s in states]).mean(dim=0) for name in states[0]})
    return tail.eval()


def scores(tail: Any, lower: Lower, headlines: list[str]) -> Floats:
    import torch

    distinct = sorted(set(headlines), key=lambda text: len(lower.hidden[text]))
    told: dict[str, float] = {}
    with torch.inference_mode():
        for at in range(0, len(distinct), _BATCH):
            some = distinct[at : at + _BATCH]
            told |= dict(zip(some, tail.eval()(*_padded(some, lower)).tolist(), strict=True))
    return np.array([told[text] for text in headlines])


def _one_seed(
    tail: Any, rows: HeadlineRows, lower: Lower, recipe: Recipe, seed: int, progress: Progress
) -> list[dict[str, Any]]:
    import torch

    tests = _tests(rows)
    steps = recipe.epochs * -(-len(tests) // recipe.tests_per_step)
    optimizer = torch.optim.AdamW(
        [
            {"params": tail.layers.parameters(), "lr": recipe.rate, "weight_decay": 0.05},
            {"params": tail.head.parameters(), "lr": recipe.head_rate, "weight_decay": 0.01},
        ]
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / (0.1 * steps), max(0.02, (steps - step) / (0.9 * steps)))
    )
    rng, kept = np.random.default_rng(seed), []
    tail.train()
    for epoch in range(recipe.epochs):
        total = 0.0
        for some in np.array_split(rng.permutation(len(tests)), -(-len(tests) // recipe.tests_per_step)):
            loss = _loss(tail, [tests[i] for i in some], lower)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(tail.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += float(loss.detach()) * len(some)
        progress(f"tune, seed {seed}, epoch {epoch + 1} of {recipe.epochs}: loss {total / len(tests):.4f}")
        if epoch >= recipe.epochs - recipe.averaged:
            kept.append({name: value.clone() for name, value in tail.state_dict().items()})
    return kept


@dataclass(frozen=True)
class _Test:
    headlines: list[str]
    outcome: Any
    root: Any


def _tests(rows: HeadlineRows) -> list[_Test]:
    import torch

    words = rows.headlines
    return [
        _Test(
            [words[i] for i in some],
            torch.tensor(rows.ln_rate[some] - rows.ln_rate[some].mean(), dtype=torch.float32),
            torch.tensor(root, dtype=torch.float32),
        )
        for some, root in roots(rows, Spread())
    ]


def _loss(tail: Any, tests: list[_Test], lower: Lower) -> Any:
    import torch

    distinct = list(dict.fromkeys(text for test in tests for text in test.headlines))
    place = {text: i for i, text in enumerate(distinct)}
    told = tail(*_padded(distinct, lower))
    parts = [
        ((test.root @ (test.outcome - told[[place[text] for text in test.headlines]])) ** 2).sum()
        for test in tests
    ]
    return torch.stack(parts).sum() / sum(len(test.headlines) for test in tests)


def _padded(texts: list[str], lower: Lower) -> tuple[Any, Any]:
    import torch

    states = [torch.from_numpy(lower.hidden[text]).to(torch.float32) for text in texts]
    longest = max(len(one) for one in states)
    hidden = torch.zeros(len(states), longest, states[0].shape[1])
    mask = torch.zeros(len(states), longest)
    for row, one in enumerate(states):
        hidden[row, : len(one)], mask[row, : len(one)] = one, 1.0
    return hidden, mask
