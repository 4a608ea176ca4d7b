"""What the neural members share: quantiles that cannot cross, their loss, and answers that do not depend on the batch.

Imports torch: import this module inside functions.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from training.columns import QUANTILES, Floats, Singles

# Heads beside the primary metric's. A row's label of a metric is in `outcome_<metric>`, NaN unknown.
OTHERS = ("views", "likes", "comments", "shares")
NARROWEST_LN = 0.02
# Far above what another order of the same sums makes of a number, far below what anybody sees of a count.
_DECIMALS = 6


def spread_out(raw: Tensor) -> Tensor:
    """n x heads x 3 of anything → n x heads x 3, p10 < p50 < p90: the middle, and two widths around it."""
    middle, below, above = raw.unbind(dim=-1)
    low = middle - NARROWEST_LN - nn.functional.softplus(below)
    high = middle + NARROWEST_LN + nn.functional.softplus(above)
    return torch.stack([low, middle, high], dim=-1)


def masked_pinball(predicted: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """predicted: n x heads x 3; target: n x heads, NaN = unknown; weight: n. → heads, the weighted mean over the
    rows that know the target and over the quantiles; 0 for a head without any.

    Linear in the distance: with clipped targets one viral post pulls as hard as any other row that is missed.
    """
    known = ~torch.isnan(target)
    over = torch.where(known, target, 0.0).unsqueeze(-1) - predicted
    levels = torch.tensor(QUANTILES, dtype=predicted.dtype, device=predicted.device)
    lost = torch.maximum(levels * over, (levels - 1) * over).mean(dim=-1)
    counted = weight[:, None] * known
    return (lost * counted).sum(dim=0) / counted.sum(dim=0).clamp_min(1e-9)


def exactly(module: nn.Module, inputs: Sequence[Singles]) -> Floats:
    """The module's n x heads x 3 in float64; equal rows give equal answers, alone or in any batch, at any place.

    Matrix products add in another order for other batch sizes. So equal rows are computed once, in double
    precision, and rounded: otherwise a forecast asked for at several ages could fall with age in its last digits.
    """
    n = len(inputs[0])
    if n == 0:
        return exactly(module, [np.zeros((1, *one.shape[1:]), np.float32) for one in inputs])[:0]
    flat = np.ascontiguousarray(np.concatenate([one.reshape(n, -1) for one in inputs], axis=1))
    whole = flat.view(np.dtype((np.void, flat.itemsize * flat.shape[1]))).ravel()
    _, first, place = np.unique(whole, return_index=True, return_inverse=True)
    with torch.inference_mode():
        out = module(*(torch.from_numpy(one[first].astype(np.float64)) for one in inputs)).numpy()
    rounded: Floats = np.round(out, _DECIMALS)[place]
    return rounded
