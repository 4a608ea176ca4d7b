"""Fitting the multimodal network.

Imports lightning (10 s): import this module inside functions. Never needed at serving time.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from creatorlens.settings import load_settings
from training.boosting import CLIP_LN
from training.columns import Floats, matrix, outcome_ln
from training.inputs import fit_standardiser
from training.lightning_fit import Examples, Hardware, train
from training.modalities import fit_modalities
from training.multimodal import RATIOS, MultimodalModule, MultimodalNetwork, read_inputs
from training.parameters import NetworkParameters
from training.quantile_heads import OTHERS

# With fewer labels of another metric its head would be noise.
_LEAST_LABELS = 100


def fit_multimodal(
    rows: pd.DataFrame,
    features: tuple[str, ...],
    left: Floats,
    weight: Floats,
    parameters: NetworkParameters,
    hardware: Hardware | None = None,
) -> MultimodalNetwork:
    """rows: labelled, in the order their outcomes became known (the last of them decide when to stop); left:
    ln(1+outcome) less base and age slope; `hardware`: by the settings unless told."""
    modalities = fit_modalities(rows, features)
    ratios = fit_standardiser(matrix(rows, RATIOS), None)
    others = other_targets(rows, left)
    names = tuple(others)
    target = np.stack([np.clip(left, -CLIP_LN, CLIP_LN), *others.values()], axis=1)
    examples = Examples.of([read_inputs(rows, modalities, ratios)], target, weight)

    def make() -> MultimodalModule:
        module = MultimodalModule(
            modalities.widths, ratios.width, 1 + len(names), parameters.hidden, parameters.dropout,
            parameters.modality_dropout,
        )  # fmt: skip
        start_at(module, target)
        return module

    module = train(make, examples, parameters, hardware or Hardware.of(load_settings()))
    return MultimodalNetwork(module, modalities, ratios, names)


def other_targets(rows: pd.DataFrame, left: Floats) -> dict[str, Floats]:
    """Of each metric with labels enough: ln(1+metric) less the row's base and age slope, NaN unknown, clipped
    around its median. The primary metric itself is left out."""
    primary = outcome_ln(rows)
    taken_off, found = primary - left, {}
    for metric in OTHERS:
        if f"outcome_{metric}" not in rows.columns:
            continue
        count = rows[f"outcome_{metric}"].to_numpy(np.float64)
        known = ~np.isnan(count)
        whole = np.log1p(np.where(known, np.maximum(count, 0.0), np.nan))
        if known.sum() < _LEAST_LABELS or np.allclose(whole[known], primary[known]):
            continue
        value = whole - taken_off
        usual = float(np.median(value[known]))
        found[metric] = np.clip(value, usual - CLIP_LN, usual + CLIP_LN)
    return found


def start_at(module: MultimodalModule, target: Floats) -> None:
    """The other heads start at their medians: they lie several logarithms from the primary metric."""
    import torch

    with torch.no_grad():
        for head in range(1, target.shape[1]):
            module.bias[head, 0] = float(np.nanmedian(target[:, head]))
