"""Training the network with Lightning, which is needed here and never at serving time.

Imports lightning (10 s): import this module inside functions.
"""

from __future__ import annotations

import copy
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import lightning
import numpy as np
import torch
from lightning.pytorch.callbacks import EarlyStopping
from lightning.pytorch.utilities.seed import isolate_rng
from torch import Tensor
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, TensorDataset

from training.boosting import CLIP_LN
from training.columns import Floats, Singles
from training.inputs import fit_standardiser
from training.network import Network, QuantileNetwork, pinball

EPOCHS = 60
PATIENCE = 6
BATCH = 256
LATER_SHARE = 0.15
_SEED = 7


class Trainee(lightning.LightningModule):  # type: ignore[misc]
    """Only trains: the network itself is a plain module. Batches are (x, target, weight)."""

    def __init__(self, network: QuantileNetwork) -> None:
        super().__init__()
        self.network = network
        self.best_loss = float("inf")
        self.best_state = copy.deepcopy(network.state_dict())

    def training_step(self, batch: tuple[Tensor, Tensor, Tensor], _: int) -> Tensor:
        x, target, weight = batch
        return pinball(self.network(x), target, weight)

    def validation_step(self, batch: tuple[Tensor, Tensor, Tensor], _: int) -> None:
        x, target, weight = batch
        self.log("later_loss", pinball(self.network(x), target, weight), batch_size=len(x))

    def on_validation_epoch_end(self) -> None:
        loss = float(self.trainer.callback_metrics["later_loss"])
        if loss < self.best_loss:
            self.best_loss, self.best_state = loss, copy.deepcopy(self.network.state_dict())

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.AdamW(self.network.parameters(), lr=3e-3, weight_decay=0.05)


def fit_network(x: Singles, embedding: Singles | None, target: Floats, weight: Floats) -> Network:
    """Rows in the order their outcomes became known: the last of them decide when to stop."""
    standardiser = fit_standardiser(x, embedding)
    seen = torch.from_numpy(standardiser.apply(x, embedding))
    left = torch.from_numpy(np.clip(target, -CLIP_LN, CLIP_LN).astype(np.float32))
    weights = torch.from_numpy(weight.astype(np.float32))
    earlier = max(1, int(len(x) * (1 - LATER_SHARE)))
    with _reproducible():
        trainee = Trainee(QuantileNetwork(standardiser.width))
        trainer().fit(
            trainee,
            _batches(TensorDataset(seen[:earlier], left[:earlier], weights[:earlier])),
            DataLoader(TensorDataset(seen[earlier:], left[earlier:], weights[earlier:]), batch_size=8192),
        )
        trainee.network.load_state_dict(trainee.best_state)
    return Network(trainee.network.eval(), standardiser)


def trainer(**options: Any) -> lightning.Trainer:
    """A quiet, deterministic trainer on the processor; `options` override."""
    chosen: dict[str, Any] = {
        "accelerator": "cpu",
        "devices": 1,
        "max_epochs": EPOCHS,
        "deterministic": True,
        "gradient_clip_val": 1.0,
        "logger": False,
        "enable_checkpointing": False,
        "enable_progress_bar": False,
        "enable_model_summary": False,
        "num_sanity_val_steps": 0,
        "callbacks": [EarlyStopping("later_loss", patience=PATIENCE, min_delta=1e-4)],
    }
    return lightning.Trainer(**(chosen | options))


def _batches(data: TensorDataset) -> DataLoader[Any]:
    """Whole batches indexed at once: one by one costs ten times the step itself."""
    shuffled = BatchSampler(RandomSampler(data), BATCH, drop_last=False)
    return DataLoader(data, sampler=shuffled, batch_size=None)


@contextmanager
def _reproducible() -> Iterator[None]:
    """One thread, a fixed seed, and the caller's random state, threads and switches as they were."""
    threads = torch.get_num_threads()
    strict = torch.are_deterministic_algorithms_enabled()
    loggers = [logging.getLogger(name) for name in ("lightning.pytorch", "lightning.fabric")]
    levels = [logger.level for logger in loggers]
    try:
        with isolate_rng(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for logger in loggers:
                logger.setLevel(logging.ERROR)
            torch.set_num_threads(1)
            torch.manual_seed(_SEED)
            np.random.seed(_SEED)
            yield
    finally:
        torch.set_num_threads(threads)
        torch.use_deterministic_algorithms(strict)
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
