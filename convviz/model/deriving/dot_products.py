"""The present step as window, kernel and products, as an equation and a sentence."""

import numpy as np

from convviz.engine.layers import Activation, Pool
from convviz.engine.trace import ActivationTrace, PoolTrace, Trace
from convviz.model.deriving.step import Step
from convviz.model.deriving.still import as_plane, one_cell
from convviz.model.equation import Equation, equation, sentence
from convviz.model.layer_equations import (
    activation_equation,
    activation_sentence,
    pool_equation,
    pool_sentence,
    stamp_equation,
    stamp_sentence,
)
from convviz.model.scene import (
    Cells,
    CellSet,
    DotProductScene,
    GridScene,
)
from convviz.model.session import PaneName, Session


def dot_product(step: Step) -> DotProductScene:
    session = step.session
    mark = None if step.lit_cell is None else one_cell(step.lit_cell)
    within = None if step.term is None else step.term - step.shown.index * session.kernel_cells
    if session.stamping or session.conv is None:
        within = step.term
    formed = None if within is None else min(max(within + 1, 0), session.kernel_cells)
    count = f"step {session.cursor.step + 1:,} of {session.step_count:,}"
    if step.term is not None and session.term_count > 1:
        done, noun = (
            min(step.term + 1, session.term_count),
            "cell" if session.conv is None else "product",
        )
        count += f" · {noun} {done} of {session.term_count}"
    weights, multiplies = step.kernel.applied, session.conv is not None
    if session.stamping:
        weights = step.kernel.kernel
    window = _window_cells(step)
    products = None
    if multiplies:
        cells = Cells(window.values * weights.values, step.kernel.products)
        products = GridScene("products", "products", "", cells, revealed=formed, lit=mark)
    return DotProductScene(
        title=dot_title(step),
        detail=count,
        name=step.kernel.title,
        window=_small("window", _window_title(step), window, mark),
        weight=_small("weight", _weight_title(session), weights, mark) if multiplies else None,
        products=products,
        equation=_equation(step),
        sign=_sign(step),
    )


def _sign(step: Step) -> str:
    """Return what happens to the cells: they are added up, or one of them is chosen, or stamped."""
    if step.session.stamping:
        return "→"
    match step.session.focus:
        case Pool():
            return step.session.focus.pooling.sign
        case Activation():
            return "→"
        case _:
            return "Σ"


def _small(pane: PaneName, title: str, cells: Cells, mark: CellSet | None) -> GridScene:
    return GridScene(pane, title, "", cells, lit=mark)


def dot_title(step: Step) -> str:
    session = step.session
    several = f" of map {step.channel + 1}" if session.output_count > 1 else ""
    if session.stamping:
        return f"Stamp of {step.place}"
    match session.focus:
        case Pool():
            return f"{session.focus.pooling.found} at {step.place}{several}"
        case Activation():
            return f"{session.focus.title} at {step.place}{several}"
        case _:
            return f"Dot product at {step.place}{several}"


def _window_title(step: Step) -> str:
    if step.session.stamping:
        return "input cell"
    if isinstance(step.session.focus, Activation):
        return "x"
    several = len(step.session.sources) > 1
    return f"window {step.still.names[step.source]}" if several else "window"


def _weight_title(session: Session) -> str:
    flipped = session.conv is not None and session.conv.flip and not session.stamping
    return "kernel (flipped)" if flipped else "kernel"


def _window_cells(step: Step) -> Cells:
    scale = step.still.scale
    if step.session.stamping:
        return Cells(np.full(step.kernel.kernel.shape, step.input_cell), scale)
    at = step.cell[2 - step.session.rank :]
    return Cells(as_plane(step.computation.windows.window(at)[step.source]), scale)


def _equation(step: Step) -> Equation:
    style, noisy = step.session.view.numbers, step.noisy
    place, after = step.place, step.activation
    match step.trace:
        case Trace():
            return equation(step.trace, after, step.term, place, step.shown, style, noisy=noisy)
        case PoolTrace():
            return pool_equation(step.trace, after, step.term, place, style, noisy=noisy)
        case ActivationTrace():
            return activation_equation(step.trace, place, style, noisy=noisy)
        case None:
            values, onto = step.kernel.kernel.values, _stamp_place(step)
            return stamp_equation(step.input_cell, values, step.term, onto, style)


def _stamp_place(step: Step) -> str:
    cells = step.stamped()
    if not cells.rows or not cells.columns:
        return "nothing: all of it is cut off"
    columns = f"{min(cells.columns)} to {max(cells.columns)}"
    if step.session.rank == 1:
        return f"samples {columns}"
    return f"rows {min(cells.rows)} to {max(cells.rows)}, columns {columns}"


def step_sentence(step: Step) -> str:
    style, noisy = step.session.view.numbers, step.noisy
    match step.trace:
        case Trace():
            return sentence(step.trace, step.activation, step.place, step.shown, style, noisy=noisy)
        case PoolTrace():
            return pool_sentence(step.trace, step.activation, step.place, style, noisy=noisy)
        case ActivationTrace():
            return activation_sentence(step.trace, step.place, style, noisy=noisy)
        case None:
            return stamp_sentence(step.input_cell, step.place, style)
