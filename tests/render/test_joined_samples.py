"""Crowded samples as bars of pixels."""

import numpy as np
import pytest

from convviz.render.joined_painter import columns


@pytest.mark.parametrize("cell", [1.0, 0.7, 0.01])
def test_every_column_of_pixels_has_the_least_and_largest_of_its_samples(cell):
    values = np.random.default_rng(0).normal(size=5000)
    first, low, high = columns(values, cell, 3.4)
    at = np.floor(3.4 + (np.arange(5000) + 0.5) * cell).astype(int)
    assert (first, len(low)) == (at[0], at[-1] - at[0] + 1)
    assert (low[at - first] <= values).all()
    assert (high[at - first] >= values).all()
    assert (low.min(), high.max()) == (values.min(), values.max())


def test_neighbouring_columns_meet():
    _, low, high = columns(np.array([0.0, 0, 9, 9, 0, 0]), 0.5, 0.0)
    assert (low[1:] <= high[:-1]).all()
    assert (high[1:] >= low[:-1]).all()
