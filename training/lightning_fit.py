"""Training a quantile network with Lightning: reproducible, stopped by the newest rows, on the hardware that is set.

Imports lightning (10 s): import this module inside functions. Never needed at serving time.
"""

from __future__ import annotations

import copy
import logging
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import lightning
import numpy as np
import torch
from lightning.pytorch.callbacks import EarlyStopping
from lightning.pytorch.utilities.seed import isolate_rng
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset

from creatorlens.settings import Settings
from training.columns import Floats, Singles
from training.parameters import NetworkParameters
from training.quantile_heads import masked_pinball

LATER_SHARE = 0.15
# What the heads of the other metrics weigh together, beside the primary metric's 1.
OTHERS_WEIGHT = 0.2
GRADIENT_NORM = 3.0
_SEED = 7
_VALIDATION_BATCH = 8192


@dataclass(frozen=True)
class Hardware:
    """`precision`: Lightning's name; `devices` > 1: as many processes that share every batch (DDP)."""

    accelerator: str = "cpu"
    precision: str = "32-true"
    devices: int = 1
    first_device: int | None = None

    @classmethod
    def of(cls, settings: Settings) -> Hardware:
        on_gpu, _, number = settings.device.partition(":")
        first = int(number) if number and settings.train_devices == 1 else None
        return cls(
            "gpu" if on_gpu == "cuda" else "cpu", settings.train_precision, settings.train_devices, first
        )

    def options(self) -> dict[str, Any]:
        """Lightning's. On the processor by fork: spawned processes would import everything anew, which costs more than the
        training. A GPU's state does not survive a fork."""
        devices: Any = self.devices if self.first_device is None else [self.first_device]
        told: dict[str, Any] = {
            "accelerator": self.accelerator,
            "precision": self.precision,
            "devices": devices,
        }
        strategy = "ddp_fork" if self.accelerator == "cpu" else "ddp_spawn"
        return told | ({"strategy": strategy} if self.devices > 1 else {})


@dataclass(frozen=True)
class Examples:
    """`inputs`: what the module is called with, n rows each; `target`: n x heads, NaN unknown; `weight`: n.

    Rows in the order their outcomes became known."""

    inputs: tuple[Tensor, ...]
    target: Tensor
    weight: Tensor

    @classmethod
    def of(cls, inputs: Sequence[Singles], target: Floats, weight: Floats) -> Examples:
        tensors = tuple(torch.from_numpy(np.ascontiguousarray(one)) for one in inputs)
        return cls(
            tensors, torch.from_numpy(target.astype(np.float32)), torch.from_numpy(weight.astype(np.float32))
        )

    def at(self, index: Any) -> Examples:
        return Examples(tuple(one[index] for one in self.inputs), self.target[index], self.weight[index])

    def __len__(self) -> int:
        return len(self.weight)

    def batch(self, index: Any) -> tuple[tuple[Tensor, ...], Tensor, Tensor]:
        return tuple(one[index] for one in self.inputs), self.target[index], self.weight[index]


class Trainee(lightning.LightningModule):  # type: ignore[misc]
    """Only trains: the network itself is a plain module. With `later` it holds its best state when training ends."""

    best_epoch: Tensor

    def __init__(
        self, network: nn.Module, earlier: Examples, later: Examples | None, parameters: NetworkParameters
    ) -> None:
        super().__init__()
        self.network: Any = network  # with `members`: each one's answers, of which `forward` is the mean
        self.earlier, self.later, self.chosen = earlier, later, parameters
        self.best_loss = float("inf")
        self.best_state: dict[str, Any] = {}
        # A buffer: of a process that was spawned, only the state comes back.
        self.register_buffer("best_epoch", torch.tensor(1))

    def train_dataloader(self) -> DataLoader[Any]:
        own = _Batches(self.earlier, self.chosen.batch, self.trainer.global_rank, self.trainer.world_size)
        return DataLoader(own, batch_size=None)

    def val_dataloader(self) -> DataLoader[Any]:
        """Every process reads all of it, so that all stop at the same step."""
        return DataLoader(_InOrder(self.earlier if self.later is None else self.later), batch_size=None)

    def training_step(self, batch: Any, _: int) -> Tensor:
        inputs, target, weight = batch
        each = self.network.members(*inputs).float()
        members, n, heads, _ = each.shape
        beside = each.transpose(0, 1).reshape(n, members * heads, 3)
        lost = masked_pinball(beside, target.repeat(1, members), weight).view(members, heads)
        others = lost[:, 1:].mean(dim=1).sum() * OTHERS_WEIGHT if heads > 1 else 0.0
        return lost[:, 0].sum() + others

    def validation_step(self, batch: Any, _: int) -> None:
        inputs, target, weight = batch
        lost = masked_pinball(self.network(*inputs).float(), target, weight)[0]
        self.log("later_loss", lost, batch_size=len(weight))

    def on_validation_epoch_end(self) -> None:
        loss = float(self.trainer.callback_metrics["later_loss"])
        if loss < self.best_loss:
            self.best_loss, self.best_state = loss, copy.deepcopy(self.network.state_dict())
            self.best_epoch.fill_(self.current_epoch + 1)

    def on_train_end(self) -> None:
        if self.best_state:
            self.network.load_state_dict(self.best_state)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        chosen = self.chosen
        return torch.optim.AdamW(
            self.network.parameters(), lr=chosen.lr, weight_decay=chosen.weight_decay, foreach=True
        )


def train(
    make: Callable[[], nn.Module], examples: Examples, parameters: NetworkParameters, hardware: Hardware
) -> Any:
    """A network trained on all rows; double precision, `eval`, on the processor.

    How long to train is what lost least on the newest rows, after training on the ones before. The network that
    serves is then trained as long once more, on all of them: the newest rows tell most, and a network that
    stopped by them without learning from them lost 4 % of its pinball (docs/experiments.md).
    """
    earlier = max(1, int(len(examples) * (1 - LATER_SHARE)))
    with reproducible():
        epochs = parameters.epochs
        if earlier < len(examples):
            stopping = Trainee(
                make(), examples.at(slice(earlier)), examples.at(slice(earlier, None)), parameters
            )
            early = EarlyStopping("later_loss", patience=parameters.patience, min_delta=1e-4)
            quiet_trainer(max_epochs=epochs, callbacks=[early], **hardware.options()).fit(stopping)
            epochs = int(stopping.best_epoch)
        torch.manual_seed(_SEED)
        network = make()
        whole = Trainee(network, examples, None, parameters)
        quiet_trainer(max_epochs=epochs, limit_val_batches=0, **hardware.options()).fit(whole)
    return network.cpu().double().eval()


def quiet_trainer(**options: Any) -> lightning.Trainer:
    """Deterministic, says nothing, leaves nothing on the disk; `options` override."""
    chosen: dict[str, Any] = {
        "accelerator": "cpu",
        "devices": 1,
        "deterministic": True,
        "gradient_clip_val": GRADIENT_NORM,
        "logger": False,
        "enable_checkpointing": False,
        "enable_progress_bar": False,
        "enable_model_summary": False,
        "num_sanity_val_steps": 0,
        "use_distributed_sampler": False,
    }
    return lightning.Trainer(**(chosen | options))


@contextmanager
def reproducible() -> Iterator[None]:
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


class _Batches(IterableDataset[Any]):
    """Whole batches, shuffled anew each epoch and alike in every process, of which each takes its share.

    One by one, rows cost ten times the step itself.
    """

    def __init__(self, examples: Examples, batch: int, rank: int, processes: int) -> None:
        self.examples, self.batch, self.rank, self.processes = examples, batch, rank, processes
        self.epoch = 0

    def __len__(self) -> int:
        return max(1, -(-len(self.examples) // self.batch))

    def __iter__(self) -> Iterator[Any]:
        random = torch.Generator().manual_seed(_SEED + self.epoch)
        self.epoch += 1
        order = torch.randperm(len(self.examples), generator=random)
        for start in range(0, len(order), self.batch):
            own = order[start : start + self.batch][self.rank :: self.processes]
            yield self.examples.batch(own if len(own) else order[:1])


class _InOrder(IterableDataset[Any]):
    def __init__(self, examples: Examples) -> None:
        self.examples = examples

    def __len__(self) -> int:
        return -(-len(self.examples) // _VALIDATION_BATCH)

    def __iter__(self) -> Iterator[Any]:
        for start in range(0, len(self.examples), _VALIDATION_BATCH):
            yield self.examples.batch(slice(start, start + _VALIDATION_BATCH))
