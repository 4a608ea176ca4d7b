"""Colour, light, sharpness and noise, without any learned model.

Everything comes from one histogram, two colour transforms and three small filters of the picture at most 512 long;
noise alone needs the fine grain that shrinking averages away.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from creatorlens.reading.image import Colour, Look
from features.vision.gradient import gradient
from features.vision.picture import Picture, Pixels, shrunk
from features.weights.models import Models

EDGE = 0.1 * 255
PALETTE = 6
PALETTE_LONGEST = 64
PALETTE_STEPS = 4


def read_look(picture: Picture, models: Models) -> Look:  # noqa: ARG001 - an extractor\'s signature
    import cv2

    small, grey = picture.small, picture.small_grey
    means = cv2.mean(small)
    saturation = cv2.mean(cv2.cvtColor(small, cv2.COLOR_RGB2HSV))[1] / 255
    return Look(
        **_light(grey),
        colourfulness=colourfulness(small),
        saturation=min(1.0, saturation),
        warmth=min(1.0, max(-1.0, (means[0] - means[2]) / 255)),
        sharpness=sharpness(grey),
        blur=perceptual_blur(grey),
        noise=noise(picture.grey),
        edge_density=float(np.count_nonzero(gradient(picture) > EDGE) / grey.size),
        palette=palette(small),
    )


def _light(grey: Pixels) -> dict[str, float]:
    """What the histogram of luma tells."""
    import cv2

    counts = cv2.calcHist([grey], [0], None, [256], [0, 256]).ravel().astype(np.float64)
    share = counts / counts.sum()
    levels = np.arange(256) / 255
    mean = float(share @ levels)
    below = np.cumsum(share)
    filled = share[share > 0]
    return {
        "brightness": min(1.0, mean),
        "contrast": min(0.5, float(np.sqrt(max(0.0, share @ (levels - mean) ** 2)))),
        "dynamic_range": float(levels[np.searchsorted(below, 0.99)] - levels[np.searchsorted(below, 0.01)]),
        "dark_share": min(1.0, float(share[levels < 0.05].sum())),
        "bright_share": min(1.0, float(share[levels > 0.95].sum())),
        "entropy": max(0.0, float(-(filled @ np.log2(filled)))),
    }


def colourfulness(rgb: Pixels) -> float:
    """Hasler and Suesstrunk 2003, equation for M3: sd + 0.3 mean of the two opponent colours, 0-255 sRGB."""
    import cv2

    red, green, blue = cv2.split(rgb)
    red_green = cv2.subtract(red, green, dtype=cv2.CV_16S)
    # Twice the yellow-blue of the formula, so that it stays whole.
    yellow_blue = cv2.add(red, green, dtype=cv2.CV_16S) - 2 * blue.astype(np.int16)
    (mean_rg, sd_rg), (mean_yb, sd_yb) = (
        (float(mean[0, 0]), float(sd[0, 0])) for mean, sd in map(cv2.meanStdDev, (red_green, yellow_blue))
    )
    return float(np.hypot(sd_rg, sd_yb / 2) + 0.3 * np.hypot(mean_rg, mean_yb / 2))


def sharpness(grey: Pixels) -> float:
    """Variance of the Laplacian [[0,1,0],[1,-4,1],[0,1,0]] (Pech-Pacheco 2000)."""
    import cv2

    return float(cv2.meanStdDev(cv2.Laplacian(grey, cv2.CV_16S))[1][0, 0] ** 2)


BLUR_SPAN = 11


def perceptual_blur(grey: Pixels) -> float:
    """Crete-Roffet et al. 2007: how little of the gradient goes when the picture is blurred once more (0-1).

    A picture without any gradient counts as blurred (1).
    """
    import cv2

    image = grey.astype(np.float32)
    worst = 0.0
    for across, span in ((1, (BLUR_SPAN, 1)), (0, (1, BLUR_SPAN))):
        before = np.abs(cv2.Sobel(image, cv2.CV_32F, across, 1 - across))
        blurred = cv2.blur(image, span, borderType=cv2.BORDER_REFLECT)
        after = np.abs(cv2.Sobel(blurred, cv2.CV_32F, across, 1 - across))
        inner = slice(2, -1)
        total = float(cv2.sumElems(before[inner, inner])[0]) if min(grey.shape) > 3 else 0.0
        if total <= 0:
            return 1.0
        lost = float(cv2.sumElems(np.maximum(before - after, 0)[inner, inner])[0])
        worst = max(worst, (total - lost) / total)
    return min(1.0, max(0.0, worst))


def noise(grey: Pixels) -> float:
    """Standard deviation of noise on the 0-255 scale: Immerkaer's 1996 mask, with the median instead of the mean.

    The mask passes over edges and gradients; the median passes over texture. Its own gain is 6; the median of a
    normal variable's size is 0.6745 of its deviation. Reaches up to 63, where the eight bits of the answer end.
    """
    import cv2

    # The second derivative across of the second derivative down is the mask: [1 -2 1] times its transpose.
    size = cv2.convertScaleAbs(cv2.Sobel(grey, cv2.CV_16S, 2, 2, ksize=3))
    counts = cv2.calcHist([size[::2]], [0], None, [256], [0, 256]).ravel().astype(np.float64)
    below = np.cumsum(counts) / counts.sum()
    level = int(np.searchsorted(below, 0.5))
    before = below[level - 1] if level else 0.0
    # Within the level that holds the median, sizes are taken as even.
    median = max(0.0, level - 0.5 + (0.5 - before) / (below[level] - before))
    return median / (0.6745 * 6) if level else 0.0


def palette(rgb: Pixels) -> tuple[Colour, ...]:
    """At most six colours: k-means in RGB from the colours of a median cut, of the picture at 64 pixels."""
    from PIL import Image

    few = shrunk(rgb, PALETTE_LONGEST)
    cut = Image.fromarray(np.ascontiguousarray(shrunk(few, PALETTE_LONGEST // 2)))
    start = cut.quantize(PALETTE, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).getpalette()
    colours: NDArray[Any] = np.unique(np.asarray(start, np.float32).reshape(-1, 3), axis=0)[:PALETTE]
    pixels = few.reshape(-1, 3).astype(np.float32)
    for _ in range(PALETTE_STEPS):
        # |p - c|^2 without |p|^2, which is the same for every colour.
        nearest = np.argmin((colours * colours).sum(axis=1) - 2 * pixels @ colours.T, axis=1)
        counts = np.bincount(nearest, minlength=len(colours))
        sums = np.stack([np.bincount(nearest, pixels[:, i], len(colours)) for i in range(3)], axis=1)
        colours = np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], colours).astype(
            np.float32
        )
    order = sorted(np.flatnonzero(counts), key=lambda i: (-counts[i], i))
    return tuple(
        Colour(
            hex="#{:02x}{:02x}{:02x}".format(*colours[i].round().astype(int)),
            share=float(counts[i] / counts.sum()),
        )
        for i in order
    )
