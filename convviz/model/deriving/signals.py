"""Two signals, what becomes of them, and the sum behind the present output value."""

from dataclasses import replace
from functools import lru_cache

import numpy as np

from convviz.engine.geometry import Axis
from convviz.engine.layers import Conv, ConvTranspose, Layer
from convviz.engine.numpy_modes import MODES, mode_padding
from convviz.engine.padding import Array
from convviz.model.cell_changes import read_only
from convviz.model.deriving.dot_products import dot_title
from convviz.model.deriving.marks import marked
from convviz.model.deriving.step import Step
from convviz.model.deriving.still import one_cell, still_kernel, zoom_of
from convviz.model.deriving.ways import ways_scene
from convviz.model.document import Document
from convviz.model.equation import Equation, Line, shown_range
from convviz.model.numbers import signed
from convviz.model.scene import Cells, CellSet, GridScene, Indices, Scale
from convviz.model.session import Session
from convviz.model.signal_text import Tap, operation, spread_symbols, subscript, symbols
from convviz.model.signals import Lane, Mode, SignalScene, SumScene

NUMBERINGS = {1: "numbered from 1", 0: "numbered from 0"}
SWAPS = {
    True: {
        "full": "",
        "same": "b is longer than a: NumPy swaps the two (a ∗ b = b ∗ a), as many values as b has.",
        "valid": "b is longer than a: NumPy swaps the two (a ∗ b = b ∗ a), a slides within b.",
    },
    False: {
        "full": "",
        "same": "b is longer than a: NumPy swaps the two and turns the result round; as long as b.",
        "valid": "b is longer than a: NumPy swaps the two and turns the result round.",
    },
}
MOST_OUTSIDE = 4  # names of samples beside the signal


def signal_scene(
    step: Step, inputs: GridScene, output: GridScene, equation: Equation
) -> SignalScene:
    """Return what the workspace of signals shows of the present step."""
    session, axis = step.session, step.still.axes[1]
    window = tuple(place - axis.before for place in axis.reads(step.cell[1]))
    lit = None if step.lit_term is None else window[min(step.lit_term, len(window) - 1)]
    lanes = (
        _lane(replace(inputs, lit=_lit_input(inputs, lit, axis)), -axis.before),
        *_sliding(step, axis, window[0]),
        _lane(_output(output, axis.stride), step.meeting - step.cell[1] * axis.stride),
    )
    name, detail = _output_name(step.session)
    return SignalScene(
        start=min(lane.start for lane in lanes),
        stop=max(lane.stop for lane in lanes),
        lanes=lanes,
        window=window,
        lit=lit,
        at=step.meeting,
        number=step.number,
        first=session.view.numbered_from,
        turn=session.turn,
        zoom=zoom_of(session, "input"),
        follows=session.playback.playing,
        curves=session.view.curves,
        sum=_sum(step, _taps(step, axis), equation),
        way=session.view.way,
        modes=_modes(session.edited, session.layer),
        ways=ways_scene(step, axis),
        name=name,
        detail=detail,
    )


def _output_name(session: Session) -> tuple[str, str]:
    """Return what becomes of a and b by its sign and by its word; other layers make an output."""
    if (conv := session.conv) is None:
        return "output", ""
    if isinstance(session.focus, ConvTranspose):
        return operation(flip=conv.flip), "transposed"
    return operation(flip=conv.flip), "convolution" if conv.flip else "correlation"


def _lane(grid: GridScene, start: int) -> Lane:
    return Lane(grid, start, _bounds(grid.cells))


@lru_cache(maxsize=64)
def _bounds(cells: Cells) -> tuple[float, float]:
    """Return the least and the largest value of finite cells, 0 among them."""
    finite = cells.values[np.isfinite(cells.values)]
    low, high = float(finite.min(initial=0)), float(finite.max(initial=0))
    return (low, high) if low < high else (0.0, 1.0)


@lru_cache(maxsize=64)
def _product_bounds(samples: Cells, weights: Cells) -> tuple[float, float]:
    """Return the least and the largest product that there can be."""
    ends = np.outer(_bounds(samples), _bounds(weights))
    return float(ends.min()), float(ends.max())


@lru_cache(maxsize=8)
def _modes(document: Document, index: int) -> tuple[Mode, ...]:
    """Return how many values each of MODES makes, where the layer in focus is a convolution.

    That is of what was typed, though it does not fit: a mode may be the way out.
    """
    layer, shapes = document.layers[index], document.shapes
    if not isinstance(layer, Conv) or index >= len(shapes):
        return ()
    if shapes[index][0] != layer.in_channels:
        return ()
    return tuple(_mode(layer, name, shapes[index]) for name in MODES)


def _mode(layer: Conv, name: str, shape: tuple[int, ...]) -> Mode:
    """Return a mode of NumPy, by the padding rule of that name where the two agree."""
    size, span = shape[-1], (layer.kernel_size[-1] - 1) * layer.dilation[-1] + 1
    zeros = (mode_padding(size, span, name, flip=layer.flip),)
    named = replace(layer, padding=name)
    agrees = not named.problem(shape) and named.amounts(shape[1:]) == zeros
    rule = named if agrees else replace(layer, padding=zeros)
    return Mode(
        name,
        0 if rule.problem(shape) else rule.output_shape(shape)[-1],
        rule.padding,
        layer.amounts(shape[1:]) == zeros,
        SWAPS[layer.flip][name] if span > size else "",
    )


def _taps(step: Step, axis: Axis) -> tuple[Tap, ...]:
    """Return every product of the present step by its indices, in the order of the window."""
    sources, conv, count = step.computation.windows.sources[-1], step.session.conv, axis.kernel
    if conv is None:
        return ()
    done = count if step.term is None else min(step.term % step.session.kernel_cells + 1, count)
    return tuple(
        Tap(
            position=place - axis.before,
            sources=sources.of(place),
            weight=count - 1 - n if conv.flip else n,
            lit=n == step.lit_term,
            pending=n >= done,
            spread=_pitch(step.session.focus) > 1,
        )
        for n, place in enumerate(axis.reads(step.cell[1]))
    )


def _pitch(layer: Layer) -> int:
    """Return how far apart the samples lie: further than 1 with zeros between them."""
    return layer.stride[-1] if isinstance(layer, ConvTranspose) else 1


def _lit_input(inputs: GridScene, lit: int | None, axis: Axis) -> CellSet | None:
    if inputs.lit is not None or lit is None:
        return inputs.lit
    return one_cell((0, lit + axis.before))


def _sliding(step: Step, axis: Axis, start: int) -> tuple[Lane, ...]:
    """Return the other signal as it lies below the first, and the products."""
    session, dot = step.session, step.lit_cell
    if session.conv is None:
        window = step.computation.windows.window((step.cell[1],))[step.source]
        cells = _spaced(window[None], step.still.scale, np.arange(axis.kernel), axis.dilation)
        return (_lane(GridScene("window", "window", "", cells, lit=_lit(dot, axis)), start),)
    order = np.arange(axis.kernel)
    weights = _weights(session.document, session.layer, step.channel, step.source, axis.dilation)
    window = step.computation.windows.window((step.cell[1],))[step.source]
    made = _spaced(
        window[None] * step.kernel.applied.values, step.kernel.products, order, axis.dilation
    )
    slid = session.conv.flip and session.turn >= 1
    formed = None
    if step.term is not None:
        within = step.term - step.shown.index * session.kernel_cells
        formed = (min(max(within + 1, 0), axis.kernel) - 1) * axis.dilation + 1
    return (
        _lane(
            GridScene(
                "kernel",
                "b, flipped" if slid else "b",
                "",
                weights,
                lit=_lit(dot, axis),
                selected=marked(session, "kernel", weights),
                read_only=read_only(session, "kernel"),
            ),
            start,
        ),
        Lane(
            GridScene("products", "products", "", made, revealed=formed, lit=_lit(dot, axis)),
            start,
            _product_bounds(step.still.inputs[step.source], weights),
        ),
    )


def _lit(cell: tuple[int, int] | None, axis: Axis) -> CellSet | None:
    return None if cell is None else one_cell((0, cell[1] * axis.dilation))


@lru_cache(maxsize=32)
def _weights(document: Document, index: int, channel: int, source: int, dilation: int) -> Cells:
    """Return the other signal in the order in which it slides; cells know their own place."""
    kernel = still_kernel(document, index, channel, source)
    count = kernel.kernel.shape[1]
    layer = document.layers[index]
    flips = isinstance(layer, ConvTranspose) or (isinstance(layer, Conv) and layer.flip)
    order = np.arange(count)[::-1] if flips else np.arange(count)
    return _spaced(kernel.applied.values, kernel.applied.scale, order, dilation)


def _spaced(values: Array, scale: Scale, own: Indices, pitch: int) -> Cells:
    """Return cells (1, count) `pitch` apart, with nothing's cells between them."""
    rows = np.zeros(1, np.intp)
    if pitch == 1:
        return Cells(values, scale, (rows, own.astype(np.intp)))
    count = values.shape[1]
    spread = np.zeros((1, (count - 1) * pitch + 1))
    places = np.full(spread.shape[1], -1, np.intp)
    spread[:, ::pitch], places[::pitch] = values, own
    return Cells(spread, scale, (rows, places))


@lru_cache(maxsize=8)
def _spread_output(cells: Cells, pitch: int) -> Cells:
    return _spaced(cells.values, cells.scale, np.arange(cells.shape[1]), pitch)


def _output(output: GridScene, pitch: int) -> GridScene:
    """Return the feature map with its values as far apart as the windows are."""
    if pitch == 1:
        return output
    revealed = output.revealed
    current = output.current
    return replace(
        output,
        cells=_spread_output(output.cells, pitch),
        revealed=None if revealed is None else max((revealed - 1) * pitch + 1, 0),
        current=None if current is None else (0, current[1] * pitch),
        lit=None
        if output.lit is None
        else CellSet((0,), tuple(n * pitch for n in output.lit.columns)),
    )


def _sum(step: Step, taps: tuple[Tap, ...], equation: Equation) -> SumScene:
    conv, first = step.session.conv, step.session.view.numbered_from
    if conv is None:
        return SumScene(dot_title(step), "", (), equation, "")
    within = len(taps) if step.term is None else step.term + 1
    begin, end = shown_range(len(taps), within if step.term is not None else 0)
    names = tuple(tap.term(first, _value(step, tap)) for tap in taps[begin:end])
    return SumScene(
        title=signed(f"The sum at n = {step.number}"),
        detail=NUMBERINGS[first],
        symbols=_symbols(step, conv, taps, first),
        equation=replace(equation, names=names),
        note=_outside(step, taps, first),
    )


def _symbols(step: Step, conv: Conv, taps: tuple[Tap, ...], first: int) -> Line:
    pitch, dilation = _pitch(step.session.focus), conv.dilation[-1]
    meets = next((tap for tap in taps if tap.sources), None)
    if pitch > 1 and meets:
        return spread_symbols(meets, step.number, first, stride=pitch, dilation=dilation)
    return symbols(flip=conv.flip, dilation=dilation, stride=conv.stride[-1])


def _value(step: Step, tap: Tap) -> float:
    axis = step.still.axes[1]
    return float(step.computation.windows.cells[step.source, tap.position + axis.before])


def _outside(step: Step, taps: tuple[Tap, ...], first: int) -> str:
    """Return what stands where the window reaches beyond the signal."""
    own = step.still.own[1]
    axis = step.still.axes[1]
    beyond = [tap for tap in taps if own[tap.position + axis.before] < 0]
    if not beyond:
        return ""
    if beyond[0].spread:
        return "zeros lie between the samples of a, as many as the stride asks for"
    names = [f"a{subscript(tap.position + first)}" for tap in beyond]
    shown = names if len(names) <= MOST_OUTSIDE else [*names[:2], "…", names[-1]]
    listed = ", ".join(shown)
    lies = "lies" if len(beyond) == 1 else "lie"
    if not any(tap.sources for tap in beyond):
        value = _value(step, beyond[0])
        return f"{listed} {lies} outside of a: {'0' if not value else f'{value:g}'}"
    made = "copies" if step.computation.windows.sources[-1].copies else "blends"
    return f"{listed} {lies} outside of a: {made} ({_padding_mode(step)})"


def _padding_mode(step: Step) -> str:
    return step.session.conv.padding_mode if step.session.conv else ""
