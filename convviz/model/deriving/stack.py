"""The stack as cards, and what the present cell sees of the image."""

from dataclasses import replace
from itertools import pairwise

import numpy as np

from convviz.engine.layers import Activation, Layer
from convviz.engine.network import Field, cells_seen, layer_cost, receptive_field
from convviz.engine.padding import Array
from convviz.engine.problems import each, times
from convviz.model.document import Document, layer_title, results
from convviz.model.lately import lately
from convviz.model.numbers import number_text, signed
from convviz.model.scene import CardScene, Cells, CellSet, Scale, StackScene, scale_of
from convviz.model.session import Cell, Session


def stack_scene(session: Session, cell: Cell) -> StackScene:
    """Return the cards, and what the walked cell `cell` of the layer in focus sees of the image."""
    document, index = session.document, session.layer
    return StackScene(
        cards=_cards(session.edited, index),
        field=_seen(document, _passed(document, index, session.stamping), cell[2 - session.rank :]),
        lines=_field_lines(document, index),
        totals=_totals(document),
    )


@lately(8)
def _cards(document: Document, focus: int) -> tuple[CardScene, ...]:
    """Return the cards of a stack as it is set, with what does not fit marked."""
    pictures = _pictures(document)
    cards = [CardScene("Image", times(document.image.shape), document.image_title, pictures[0])]
    for number in range(len(document.layers)):
        fits = number + 1 < len(pictures)
        card = _card(document, number, pictures[number + 1] if fits else NO_PICTURE, fits=fits)
        cards.append(replace(card, focused=number == focus))
    return tuple(cards)


def _card(document: Document, number: int, picture: Cells, *, fits: bool) -> CardScene:
    layer, disabled = document.stack[number]
    title, problem = layer_title(layer), document.problem
    if not fits:
        here = problem is not None and problem.index == number
        sentence = problem.problem.sentence if problem and here else ""
        shape = "does not fit" if here else "…"
        return CardScene(title, shape, "", picture, disabled=disabled, tip=sentence, problem=here)
    made = times(document.shapes[number + 1])
    note = "skipped" if disabled else _note(layer, document.shapes[number])
    tip = f"Layer {number + 1}: {title}, {made}"
    tip += f"; each cell x becomes {signed(layer.formula)}" if isinstance(layer, Activation) else ""
    return CardScene(title, made, note, picture, disabled=disabled, tip=tip)


NO_PICTURE = Cells(np.zeros((1, 1)), Scale("signed", -1.0, 1.0))


@lately(2)
def _pictures(document: Document) -> tuple[Cells, ...]:
    """Return the first channel of the image, and of what each layer makes of it while they fit."""
    found, problem = results(document), document.problem
    last = len(document.layers) if problem is None else problem.index
    arrays = [found.entering_shown(number) for number in range(last + 1)]
    return tuple(Cells(_plane(array[0]), scale_of(array)) for array in arrays)


def _plane(array: Array) -> Array:
    return array if array.ndim == 2 else array[None]


def _note(layer: Layer, shape: tuple[int, ...]) -> str:
    parameters = layer_cost(layer, shape).parameters
    if parameters:
        return f"{parameters:,} params"
    if isinstance(layer, Activation):
        return signed(layer.formula)
    return f"stride {each(layer.stride)}"


def _totals(document: Document) -> tuple[str, ...]:
    costs = [
        layer_cost(layer, document.shapes[number])
        for number, (layer, disabled) in enumerate(document.stack)
        if not disabled
    ]
    parameters = sum(cost.parameters for cost in costs)
    multiply_adds = sum(cost.multiply_adds for cost in costs)
    return f"{parameters:,} parameters", f"{multiply_adds:,} multiply-adds"


def _passed(document: Document, focus: int, before: bool = False) -> tuple[int, ...]:
    """Return which layers the image passes until the one in focus, that included or `before` it."""
    earlier = tuple(n for n in range(focus) if n not in document.disabled)
    return earlier if before else (*earlier, focus)


@lately(16)
def _fields(document: Document, focus: int) -> tuple[tuple[Field, ...], ...]:
    """Return the receptive field, per axis, after the image and each layer up to `focus`."""
    passed = [document.layers[number] for number in _passed(document, focus)]
    spatial = document.image.shape[1:]
    return tuple(receptive_field(passed[:count], spatial) for count in range(len(passed) + 1))


@lately(256)
def _seen(document: Document, passed: tuple[int, ...], at: tuple[int, ...]) -> CellSet | None:
    """Return the cells of the image, as rows and columns, on which `at` depends by these layers."""
    found = results(document)
    seen = cells_seen([found.of(number).windows for number in passed], at)
    rows, columns = seen if len(seen) == 2 else ((0,), seen[0])
    return CellSet(rows, columns) if rows and columns else None


def _field_lines(document: Document, focus: int) -> tuple[str, ...]:
    """Return size, jump and start with their arithmetic, for the last axis."""
    fields = [axes[-1] for axes in _fields(document, focus)]
    grown = [b.size - a.size for a, b in pairwise(fields)]
    strides = [b.jump / a.jump for a, b in pairwise(fields)]
    moved = [b.start - a.start for a, b in pairwise(fields)]
    size = " + ".join(["1", *(number_text(float(cells)) for cells in grown if cells)])
    jump = " · ".join(["1", *(number_text(float(stride)) for stride in strides if stride != 1)])
    start = " + ".join(["0", *(number_text(float(cells)) for cells in moved if cells)])
    last = fields[-1]
    return tuple(
        f"{name} {signed(text.replace('+ -', '- '))} = {signed(number_text(float(value)))}"
        if text != number_text(float(value))
        else f"{name} {signed(text)}"
        for name, text, value in (
            ("field", size, last.size),
            ("jump", jump, last.jump),
            ("start", start, last.start),
        )
    )
