"""KERNELS: the kernels of the lecture and of the field, as data."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from convviz.engine.padding import Array
from convviz.engine.settings import frozen_array
from convviz.engine.short_repr import record_repr


@dataclass(frozen=True, eq=False)
class KernelPreset:
    """A named kernel and what to look for when it slides.

    `unflipped` is what to look for under cross-correlation, `flipped` under convolution, and
    `summary` says both in short.
    """

    name: str
    title: str
    unflipped: str
    flipped: str
    summary: str
    kernel: Array  # (*kernel)

    __repr__ = record_repr

    def look_for(self, *, flip: bool) -> str:
        """Return what to look for under convolution (`flip`) or cross-correlation.

        >>> KERNELS["scharr-x"].look_for(flip=True)
        'Left minus right, weighted so that slanted edges come out equally strong.'
        """
        return self.flipped if flip else self.unflipped


def _preset(
    name: str,
    title: str,
    values: ArrayLike,
    unflipped: str,
    flipped: str = "",
    summary: str = "",
) -> KernelPreset:
    """Return a kernel; without the last two the first sentence holds under either operation."""
    kernel = frozen_array(values)
    return KernelPreset(name, title, unflipped, flipped or unflipped, summary or unflipped, kernel)


def _over(divisor: int, rows: list[list[int]]) -> list[list[float]]:
    return [[cell / divisor for cell in row] for row in rows]


KERNELS = {
    preset.name: preset
    for preset in (
        _preset(
            "identity",
            "Identity",
            [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
            "Copies the cell under its middle: with padding same, stride 1, bias 0 the map is the "
            "input.",
        ),
        _preset(
            "blur",
            "Blur (plus)",
            [[0, 0.2, 0], [0.2, 0.2, 0.2], [0, 0.2, 0]],
            "Each cell becomes the mean of itself and its four neighbours: edges soften.",
        ),
        _preset(
            "vertical-line",
            "Vertical line",
            [[0, 1, 0], [0, 1, 0], [0, 1, 0]],
            "Three cells above each other are added: upright strokes reach 3, flat ones stay low.",
        ),
        _preset(
            "horizontal-line",
            "Horizontal line",
            [[0, 0, 0], [1, 1, 1], [0, 0, 0]],
            "Three cells side by side are added: flat strokes reach 3, upright ones stay low.",
        ),
        _preset(
            "cross",
            "Diagonal cross",
            [[1, 0, 1], [0, 1, 0], [1, 0, 1]],
            "Counts the ones on both diagonals: the animation with which many lectures begin.",
        ),
        _preset(
            "box",
            "Box 3 × 3",
            [[1 / 9] * 3] * 3,
            "The mean of nine cells: noise goes down, and so does detail.",
        ),
        _preset(
            "gaussian-3",
            "Gaussian 3 × 3",
            _over(16, [[1, 2, 1], [2, 4, 2], [1, 2, 1]]),
            "A mean that favours the middle: softer than the box, without its square traces.",
        ),
        _preset(
            "gaussian-5",
            "Gaussian 5 × 5",
            _over(
                256,
                [
                    [1, 4, 6, 4, 1],
                    [4, 16, 24, 16, 4],
                    [6, 24, 36, 24, 6],
                    [4, 16, 24, 16, 4],
                    [1, 4, 6, 4, 1],
                ],
            ),
            "A wider blur: it also touches cells two steps away.",
        ),
        _preset(
            "sharpen",
            "Sharpen",
            [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
            "Adds what differs from the neighbours: edges overshoot, flat areas stay as they are.",
        ),
        _preset(
            "sobel-x",
            "Sobel x",
            [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
            "Right minus left: vertical edges light up, one side positive, the other negative.",
            "Left minus right: vertical edges light up, one side positive, the other negative.",
            "Right minus left; flipped, left minus right: vertical edges light up.",
        ),
        _preset(
            "sobel-y",
            "Sobel y",
            [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
            "Below minus above: horizontal edges light up, one side positive, the other negative.",
            "Above minus below: horizontal edges light up, one side positive, the other negative.",
            "Below minus above; flipped, above minus below: horizontal edges light up.",
        ),
        _preset(
            "prewitt-x",
            "Prewitt x",
            [[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]],
            "Right minus left with equal weights: Sobel without the stronger middle row.",
            "Left minus right with equal weights: Sobel without the stronger middle row.",
            "Right minus left; flipped, left minus right: Sobel with equal weights.",
        ),
        _preset(
            "prewitt-y",
            "Prewitt y",
            [[-1, -1, -1], [0, 0, 0], [1, 1, 1]],
            "Below minus above with equal weights: Sobel without the stronger middle column.",
            "Above minus below with equal weights: Sobel without the stronger middle column.",
            "Below minus above; flipped, above minus below: Sobel with equal weights.",
        ),
        _preset(
            "scharr-x",
            "Scharr x",
            [[-3, 0, 3], [-10, 0, 10], [-3, 0, 3]],
            "Right minus left, weighted so that slanted edges come out equally strong.",
            "Left minus right, weighted so that slanted edges come out equally strong.",
            "Right minus left; flipped, left minus right: slanted edges come out equally strong.",
        ),
        _preset(
            "scharr-y",
            "Scharr y",
            [[-3, -10, -3], [0, 0, 0], [3, 10, 3]],
            "Below minus above, weighted so that slanted edges come out equally strong.",
            "Above minus below, weighted so that slanted edges come out equally strong.",
            "Below minus above; flipped, above minus below: slanted edges come out equally strong.",
        ),
        _preset(
            "laplacian-4",
            "Laplacian, 4 neighbours",
            [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
            "The neighbours minus four times the middle: edges in every direction, flat areas 0.",
        ),
        _preset(
            "laplacian-8",
            "Laplacian, 8 neighbours",
            [[1, 1, 1], [1, -8, 1], [1, 1, 1]],
            "As with 4 neighbours, corners included: stronger, and noisier.",
        ),
        _preset(
            "emboss",
            "Emboss",
            [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]],
            "Light from one corner: edges look raised on one side and sunk on the other.",
        ),
        _preset(
            "outline",
            "Outline",
            [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
            "Eight times the middle minus all neighbours: only borders of areas remain.",
        ),
        _preset(
            "motion",
            "Motion 5 × 5",
            [[0.2 if row == column else 0 for column in range(5)] for row in range(5)],
            "The mean along a diagonal: as if the camera had moved while the picture was taken.",
        ),
        _preset(
            "corner-2",
            "Left column 2 × 2",
            [[1, 0], [1, 0]],
            "An even kernel: it has no middle cell, so 'same' must put the extra row somewhere.",
        ),
        _preset(
            "10-9-8",
            "[10, 9, 8]",
            [10, 9, 8],
            "One dimension: flip it, slide it along the signal, multiply, add.",
        ),
        _preset(
            "4-5-6",
            "[4, 5, 6]",
            [4, 5, 6],
            "One dimension, as in numpy.convolve([1, 2, 3], [4, 5, 6]).",
        ),
        _preset(
            "4-5-6-7",
            "[4, 5, 6, 7]",
            [4, 5, 6, 7],
            "One dimension, longer than the signal [1, 2, 3]: NumPy swaps the two for 'valid'.",
        ),
        _preset(
            "moving-average",
            "Moving average",
            [1 / 3] * 3,
            "One dimension: each sample becomes the mean of three.",
        ),
        _preset(
            "difference",
            "Difference",
            [1, -1],
            "One dimension: each sample minus the one after it.",
            "One dimension: what changed since the sample before.",
            "One dimension: each sample minus the one after it; flipped, minus the one before.",
        ),
        _preset(
            "wide-box",
            "Wide box",
            [1 / 200] * 200,
            "The mean of 200 samples: a box becomes a ramp up, a roof and a ramp down.",
        ),
        _preset(
            "wide-decay",
            "Wide exponential",
            np.exp(-np.arange(300) / 60) / np.exp(-np.arange(300) / 60).sum(),
            "It answers before the signal comes; flipped, it is a capacitor that charges.",
            "It answers at once and forgets slowly, as a capacitor that charges.",
            "It answers before the signal comes; flipped, it is a capacitor that charges.",
        ),
        _preset(
            "moving-average-5",
            "Moving average of 5",
            [0.2] * 5,
            "One dimension: each sample becomes the mean of five: smoother, and later.",
        ),
        _preset(
            "gaussian-7",
            "Gaussian of 7",
            [cell / 64 for cell in (1, 6, 15, 20, 15, 6, 1)],
            "One dimension: a mean that favours the middle.",
        ),
        _preset(
            "box-5",
            "Box of 5",
            [1] * 5,
            "One dimension: five ones. With a box it makes a triangle.",
        ),
        _preset(
            "echo",
            "Echo",
            [1, 0, 0, 0, 0.5, 0, 0, 0, 0.25],
            "One dimension: the signal again 4 samples early, half as loud, and again 8 early.",
            "One dimension: the signal again after 4 samples, half as loud, and again after 8.",
            "One dimension: two quieter repetitions, before the signal; flipped, behind it.",
        ),
        _preset(
            "fading",
            "Exponential of 8",
            [0.75**place for place in range(8)],
            "One dimension: the future counts less and less; flipped, it is a low-pass filter.",
            "One dimension: the past counts less and less, as in a low-pass filter.",
            "One dimension: the future counts less and less; flipped, the past: a low-pass filter.",
        ),
        _preset(
            "peak",
            "Peak",
            [-0.2, 0, 1, 0, -0.25],
            "One dimension: the shape of a heartbeat; its correlation finds them.",
        ),
    )
}
