"""Modes of numpy.convolve and numpy.correlate, the longer operand first or second."""

import numpy as np
import pytest

from convviz import conv
from convviz.engine.numpy_modes import MODES, mode_padding

CASES = 600


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("flip", "numpy_does"), [(True, np.convolve), (False, np.correlate)])
def test_every_mode_does_as_numpy_for_operands_of_any_length(mode, flip, numpy_does):
    dice = np.random.default_rng(0)
    for _ in range(CASES // len(MODES)):
        a, b = (dice.normal(size=dice.integers(1, 12)) for _ in range(2))
        padding = mode_padding(len(a), len(b), mode, flip=flip)
        ours = conv(a, b, padding=(padding,), flip=flip)
        np.testing.assert_allclose(ours, numpy_does(a, b, mode), rtol=0, atol=1e-12)


@pytest.mark.parametrize("flip", [True, False])
def test_same_and_valid_are_the_named_rules_where_the_signal_is_longer(flip):
    a, b = np.arange(7.0), np.arange(1.0, 4.0)
    for mode in MODES:
        by_zeros = conv(a, b, padding=(mode_padding(7, 3, mode, flip=flip),), flip=flip)
        np.testing.assert_array_equal(by_zeros, conv(a, b, padding=mode, flip=flip))
