"""How a thumbnail sits beside the channel's earlier ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from creatorlens.reading.image import Embedding


def visual_consistency(embedding: Embedding, earlier: Sequence[Embedding]) -> float | None:
    """Cosine (-1 to 1) between the vector and the mean direction of the earlier ones made by the same model.

    None without any such; one outlier among many moves the mean little.
    """
    same = [vector.vector for vector in earlier if vector.model == embedding.model]
    if not same:
        return None
    mean = np.asarray(same, np.float64).mean(axis=0)
    length = float(np.linalg.norm(mean))
    if length < 1e-9:
        return None
    return float(np.clip(np.asarray(embedding.vector, np.float64) @ mean / length, -1.0, 1.0))
