"""INPUTS: small images and signals of the lecture and of the field, as data."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from convviz.engine.padding import Array
from convviz.engine.settings import frozen_array
from convviz.engine.short_repr import record_repr


@dataclass(frozen=True, eq=False)
class InputPreset:
    """A named image (rows, columns) or signal (samples)."""

    name: str
    title: str
    summary: str
    image: Array  # (*spatial)

    __repr__ = record_repr


def _preset(name: str, title: str, values: ArrayLike, summary: str) -> InputPreset:
    return InputPreset(name, title, summary, frozen_array(values))


def _letter_h() -> Array:
    grid = np.zeros((16, 16))
    grid[7, 3:12] = 1
    grid[4:12, 3] = 1
    grid[4:12, 12] = 1
    return grid


def _drawn(picture: str) -> Array:
    return np.array([[float(mark == "#") for mark in row] for row in picture.split()])


def _random_5x5() -> Array:
    return np.random.RandomState(0).rand(5, 5)


def _disc() -> Array:
    row, column = np.mgrid[:16, :16] - 7.5
    disc: Array = np.clip(6.5 - np.hypot(row, column), 0, 1).round(2)
    return disc


def _hills() -> Array:
    places = np.arange(1000)
    hills: Array = np.exp(-(((places - 300) / 60) ** 2) / 2)
    return (hills + 0.6 * np.exp(-(((places - 620) / 90) ** 2) / 2)).round(4)


def _noisy_sine() -> Array:
    places = np.arange(64)
    noise = np.random.RandomState(0).normal(scale=0.3, size=len(places))
    signal: Array = (np.sin(2 * np.pi * places / 32) + noise).round(2)
    return signal


def _heartbeat() -> Array:
    """Return four beats of five waves, each with its centre, width and height."""
    waves = ((12, 2.0, 0.12), (18, 0.8, -0.15), (20, 0.9, 1.0), (22, 0.9, -0.25), (32, 3.5, 0.3))
    places = np.arange(50)
    beat = sum(
        height * np.exp(-(((places - centre) / width) ** 2) / 2) for centre, width, height in waves
    )
    beats: Array = np.tile(beat, 4).round(3)
    return beats


def _string() -> Array:
    seconds = np.arange(2000) / 8000
    partials = (np.sin(2 * np.pi * 220 * n * seconds) / n for n in range(1, 5))
    tone: Array = (np.exp(-12 * seconds) * sum(partials) / 2).round(4)
    return tone


INPUTS = {
    preset.name: preset
    for preset in (
        _preset(
            "letter-h",
            "Letter H",
            _letter_h(),
            "Two upright strokes and a flat one: it shows what tells directions apart.",
        ),
        _preset(
            "lecture-5x5",
            "5 × 5 of the animation",
            _drawn("###.. .###. ..### ..##. .##.."),
            "Ones and zeros: every dot product can be checked in the head.",
        ),
        _preset(
            "random-5x5",
            "Random 5 × 5 (seed 0)",
            _random_5x5(),
            "numpy.random.seed(0); rand(5, 5): the lecture's array for zero padding.",
        ),
        _preset(
            "count-3x3",
            "1 to 9",
            np.arange(1, 10).reshape(3, 3),
            "[[1,2,3],[4,5,6],[7,8,9]]: the lecture's array for scipy.signal.convolve2d.",
        ),
        _preset(
            "impulse",
            "Impulse",
            np.pad([[1]], 3),
            "A single 1: at stride 1 and bias 0 the feature map is the kernel itself, or its "
            "mirror image.",
        ),
        _preset(
            "edge",
            "Upright edge",
            np.repeat([[0] * 4 + [1] * 4], 8, axis=0),
            "Dark left, light right: what an edge kernel answers to.",
        ),
        _preset(
            "stripes",
            "Upright stripes",
            np.tile([0, 1, 1, 0], (16, 4)),
            "All rows are alike: a kernel's columns can be told from it, not its single weights.",
        ),
        _preset(
            "checkerboard",
            "Checkerboard",
            np.indices((8, 8)).sum(axis=0) % 2,
            "The finest pattern that a grid can hold: a blur wipes it out.",
        ),
        _preset(
            "gradient",
            "Gradient",
            np.tile(np.arange(10), (10, 1)),
            "It rises evenly: slopes come out constant, curvature comes out 0.",
        ),
        _preset(
            "disc",
            "Disc",
            _disc(),
            "A round border has every direction: see which parts an edge kernel finds.",
        ),
        _preset(
            "digit-7",
            "Digit 7",
            _drawn(
                ".............. .............. ..##########.. ..##########.. .........###.. "
                "........###... ........##.... .......###.... .......##..... ......###..... "
                "......##...... .....###...... .....##....... .............."
            ),
            "A handwritten shape, 14 × 14: strokes at three angles.",
        ),
        _preset("1-to-5", "[1, 2, 3, 4, 5]", [1, 2, 3, 4, 5], "The lecture's signal a."),
        _preset("1-2-3", "[1, 2, 3]", [1, 2, 3], "The first operand of the lecture's convolve."),
        _preset(
            "pulse",
            "Pulse",
            [0, 0, 0, 1, 0, 0, 0],
            "A single 1: convolution puts the other signal in its place.",
        ),
        _preset(
            "step", "Step", [0] * 6 + [1] * 6, "From 0 to 1: what the other signal adds up to."
        ),
        _preset("box", "Box", [0] * 4 + [1] * 5 + [0] * 4, "Two boxes make a triangle."),
        _preset(
            "wide-box",
            "Wide box",
            np.repeat([0, 1, 0], 200),
            "So many samples that it looks continuous: slide another box across it.",
        ),
        _preset(
            "two-hills",
            "Two hills",
            _hills(),
            "Two smooth hills: the output shows what another shape makes of them.",
        ),
        _preset("ramp", "Ramp", np.arange(12), "It rises evenly: a difference makes it constant."),
        _preset(
            "decay",
            "Exponential",
            (0.75 ** np.arange(16)).round(4),
            "It fades by a quarter each time, as a room's echo or a capacitor does.",
        ),
        _preset(
            "noisy-sine",
            "Sine plus noise",
            _noisy_sine(),
            "Two waves under noise (seed 0): an average brings them out.",
        ),
        _preset(
            "heartbeat",
            "Heartbeat",
            _heartbeat(),
            "Four beats like those of an ECG: a kernel of the same shape finds them.",
        ),
        _preset(
            "tone",
            "Plucked string",
            _string(),
            "A tone of 220 Hz that fades, at 8,000 samples per second: a quarter of a second.",
        ),
    )
}
