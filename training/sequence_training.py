"""Fitting the sequence network.

Imports lightning (10 s): import this module inside functions. Never needed at serving time.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from creatorlens.settings import load_settings
from training.boosting import CLIP_LN
from training.columns import Floats, matrix
from training.inputs import fit_standardiser
from training.lightning_fit import Examples, Hardware, train
from training.parameters import NetworkParameters
from training.sequence import SequenceModule, SequenceNetwork
from training.steps import WIDTH, steps


def fit_sequence(
    rows: pd.DataFrame,
    features: tuple[str, ...],
    left: Floats,
    weight: Floats,
    parameters: NetworkParameters,
    hardware: Hardware | None = None,
) -> SequenceNetwork:
    """rows: labelled, in the order their outcomes became known (the last of them decide when to stop); left:
    ln(1+outcome) less base and age slope; `hardware`: by the settings unless told."""
    numbers = matrix(rows, features)
    standardiser = fit_standardiser(numbers, None)
    target = np.clip(left, -CLIP_LN, CLIP_LN)[:, None]
    examples = Examples.of([standardiser.apply(numbers, None), *steps(rows)], target, weight)

    def make() -> SequenceModule:
        return SequenceModule(standardiser.width, WIDTH, parameters.hidden, parameters.dropout)

    module = train(make, examples, parameters, hardware or Hardware.of(load_settings()))
    return SequenceNetwork(module, features, standardiser)
