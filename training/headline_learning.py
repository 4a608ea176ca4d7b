"""Training the network over tokens on randomised tests, with the likelihood of the linear member.

A step takes a few whole tests; the errors of ln rates inside a test are whitened as in `training.headline_effects`, so
that a pair weighs as much as its clicks tell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from training.headline_effects import Spread, roots
from training.headline_rows import HeadlineRows
from training.headline_tokens import Tokens, TokenScores, standard

Progress = Callable[[str], None]
_SAMPLED = 1_000


@dataclass(frozen=True)
class Recipe:
    seeds: tuple[int, ...] = (1, 2, 3, 4)
    epochs: int = 6
    hidden: int = 64
    rate: float = 2e-3
    decay: float = 0.1
    dropout: float = 0.3
    tests_per_step: int = 24
    threads: int = 2


def learn(
    rows: HeadlineRows,
    read: Mapping[str, Tokens],
    recipe: Recipe | None = None,
    progress: Progress = lambda _: None,
) -> TokenScores:
    """read: what the encoder's middle layer holds of each headline of `rows`. The same rows give the same scores."""
    import torch

    recipe = recipe or Recipe()
    threads = torch.get_num_threads()
    torch.set_num_threads(recipe.threads)
    try:
        centre, spread = _scale(list(read.values()))
        inputs = {
            text: torch.from_numpy(standard(read[text], centre, spread).astype(np.float32))
            for text in dict.fromkeys(rows.headlines)
        }
        tests = _tests(rows)
        networks = [_one_seed(tests, inputs, recipe, seed, progress) for seed in recipe.seeds]
    finally:
        torch.set_num_threads(threads)
    return TokenScores(
        centre,
        spread,
        *(np.stack([network[name] for network in networks]) for name in ("inner", "bias", "attend", "outer")),
    )


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


def _scale(read: list[Tokens]) -> tuple[Any, Any]:
    some = np.random.default_rng(0).permutation(len(read))[:_SAMPLED]
    tokens = np.concatenate([read[i] for i in some])
    return tokens.mean(axis=0), tokens.std(axis=0) + 1e-6


def _one_seed(
    tests: list[_Test], inputs: dict[str, Any], recipe: Recipe, seed: int, progress: Progress
) -> dict[str, Any]:
    import torch

    torch.manual_seed(seed)
    rng, network = np.random.default_rng(seed), _network(next(iter(inputs.values())).shape[1], recipe)
    parts = -(-len(tests) // recipe.tests_per_step)
    steps = recipe.epochs * parts
    optimizer = torch.optim.AdamW(network.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / (0.1 * steps), max(0.02, (steps - step) / (0.9 * steps)))
    )
    network.train()
    total = 0.0
    for _ in range(recipe.epochs):
        total = 0.0
        for some in np.array_split(rng.permutation(len(tests)), parts):
            loss = _loss(network, [tests[i] for i in some], inputs)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += float(loss.detach()) * len(some)
    progress(f"headlines: network over tokens, seed {seed}: loss {total / len(tests):.4f}")
    return {
        "inner": network.inner.weight.detach().numpy().T,
        "bias": network.inner.bias.detach().numpy(),
        "attend": network.attend.weight.detach().numpy()[0],
        "outer": network.outer.weight.detach().numpy()[0],
    }


def _network(width: int, recipe: Recipe) -> Any:
    import torch
    from torch import Tensor, nn

    class Network(nn.Module):
        """See `training.headline_tokens`."""

        def __init__(self) -> None:
            super().__init__()
            self.before, self.after = nn.Dropout(recipe.dropout / 2), nn.Dropout(recipe.dropout)
            self.inner, self.attend = nn.Linear(width, recipe.hidden), nn.Linear(width, 1)
            self.outer = nn.Linear(recipe.hidden, 1)
            nn.init.normal_(self.inner.weight, std=width**-0.5)
            # Nothing is said, and no token matters more, before anything was learned.
            nn.init.zeros_(self.attend.weight)
            nn.init.zeros_(self.outer.weight)

        def forward(self, tokens: Tensor, mask: Tensor) -> Tensor:
            tokens = self.before(tokens)
            attention = torch.softmax(self.attend(tokens)[..., 0] - 1e4 * (1 - mask), dim=1)
            judged = nn.functional.gelu(self.inner(tokens))
            told: Tensor = self.outer(self.after((judged * attention[..., None]).sum(dim=1)))
            return told[:, 0]

    return Network()


def _loss(network: Any, tests: list[_Test], inputs: dict[str, Any]) -> Any:
    import torch

    distinct = list(dict.fromkeys(text for test in tests for text in test.headlines))
    place = {text: i for i, text in enumerate(distinct)}
    told = network(*_padded([inputs[text] for text in distinct]))
    parts = [
        ((test.root @ (test.outcome - told[[place[text] for text in test.headlines]])) ** 2).sum()
        for test in tests
    ]
    return torch.stack(parts).sum() / sum(len(test.headlines) for test in tests)


def _padded(states: list[Any]) -> tuple[Any, Any]:
    import torch

    longest = max(len(one) for one in states)
    tokens, mask = torch.zeros(len(states), longest, states[0].shape[1]), torch.zeros(len(states), longest)
    for row, one in enumerate(states):
        tokens[row, : len(one)], mask[row, : len(one)] = one, 1.0
    return tokens, mask
