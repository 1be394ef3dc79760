"""What is shown, painted and exported of padding that blends cells follows its record."""

from dataclasses import replace

import numpy as np
import pytest

from convviz.engine.layers import Conv
from convviz.engine.padding import PADDING_MODES, PaddingMode
from convviz.engine.sources import Sources
from convviz.export.sheets import sheets_of
from convviz.export.torch_text import torch_text
from convviz.model import repainting
from convviz.model.derive import derive_scene
from convviz.model.document import Document, compute
from convviz.model.padding_rules import filled
from convviz.model.session import View, new_session

PLAIN = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


def first_and_border(places, size, _amount):
    """Hold a quarter of the first cell and half of the one at the border."""
    cells = np.stack((np.zeros_like(places), np.clip(places, 0, size - 1)), axis=1)
    return Sources(cells, np.tile([0.25, 0.5], (len(places), 1)))


@pytest.fixture(autouse=True)
def mode(monkeypatch):
    record = PaddingMode("blend", "blended", first_and_border, None, None, "none", "none")
    monkeypatch.setitem(PADDING_MODES, "blend", record)


def signal_shown():
    layer = Conv(np.array([[[1.0, 10.0]]]), padding=((0, 1),), padding_mode="blend")
    session = new_session(Document(np.array([[4.0, 8.0]]), "a", (layer,)), step=1)
    return derive_scene(replace(session, view=View(workspace="signals"))).signals


def test_a_term_names_the_samples_that_it_blends():
    names = [
        "".join(token.text for token in term.tokens).translate(PLAIN)
        for term in signal_shown().sum.equation.names
    ]
    assert names == ["a2·b1", "(0.25a1 + 0.5a2)·b2"]


def test_the_note_says_that_padding_blends():
    assert signal_shown().sum.note.translate(PLAIN) == "a3 lies outside of a: blends (blend)"


def test_the_table_of_modes_shows_fractions():
    cells = "0.75 0.75 [1 2 3 4] 2.25 2.25"
    assert filled(PADDING_MODES["blend"]) == cells


def test_a_sheet_adds_up_what_a_padding_cell_is_made_of():
    layer = Conv(np.ones((1, 1, 1, 2)), padding=((0, 0), (0, 1)), padding_mode="blend")
    document = Document(np.array([[[4.0, 8.0]]]), "a", (layer,))
    (block,) = [b for b in sheets_of(document)[0].blocks if b.role == "input"]
    first, border = block.name(0, 0), block.name(0, 1)
    assert block.cells == ((4.0, 8.0, f"=0.25*{first}+0.5*{border}"),)


def test_torch_is_said_to_need_the_padding_made_before():
    layer = Conv(np.ones((1, 1, 2)), padding=((0, 1),), padding_mode="blend")
    assert torch_text(layer, (1, 2)).startswith("padded by (0, 1), blended, then torch.nn.Conv1d(")


def test_a_stroke_reaches_every_padding_cell_that_it_is_part_of(monkeypatch):
    monkeypatch.setattr(repainting, "FOLLOWED_FROM", 0)
    rng = np.random.default_rng(3)
    layer = Conv(rng.normal(size=(2, 1, 3, 2)), padding=((2, 1), (1, 2)), padding_mode="blend")
    before = Document(rng.normal(size=(1, 6, 7)), "a", (layer,))
    compute(before, 0)
    for row, column in ((0, 0), (2, 3), (5, 6), (0, 4)):
        image = before.image.copy()
        image[0, row, column] += 1
        after, anew = (Document(image, "a", (layer,)) for _ in range(2))
        box = (range(row, row + 1), range(column, column + 1))
        repainting.follow(before, after, 0, 0, box)
        np.testing.assert_allclose(compute(after, 0).maps, compute(anew, 0).maps, atol=1e-13)
        assert np.array_equal(compute(after, 0).windows.cells, compute(anew, 0).windows.cells)
