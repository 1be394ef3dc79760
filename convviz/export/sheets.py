"""A document as sheets of numbers and formulas that recompute what its layers make, as data."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from openpyxl.utils import get_column_letter

from convviz.engine.activation_settings import Value
from convviz.engine.geometry import Axis, counted
from convviz.engine.layers import Activation, Conv, KernelLayer, Layer, Pool
from convviz.engine.padding import PADDING_MODES, Array
from convviz.engine.problems import times
from convviz.engine.sources import Sources
from convviz.engine.windows import Windows
from convviz.export.torch_text import torch_text
from convviz.files.errors import Refusal
from convviz.model.document import Document, compute, layer_title

MOST_CELLS = 100_000  # of all sheets together: more take spreadsheets minutes
MOST_COLUMNS = 16_384  # and this many signs in a formula is what Excel takes
MOST_SIGNS = 8_192
MOST_ARGUMENTS = 250  # of a function
HEADING_ROW = 5
SIGNS_PER_COLUMN = 7  # of a heading

BEGINNING = "Type into a blue or an amber cell: the green ones follow"
FOLLOWING = "The input follows the sheet before; type into an amber cell, and the green ones follow"

Role = Literal["input", "padding", "kernel", "output"]
Entry = float | str | None
Rows = tuple[tuple[Entry, ...], ...]
Index = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Block:
    """Cells from `row` and `column` (from 1) on: numbers, formulas with "=", None where empty.

    `padding` (rows, columns) is True where they lie around the input, or between its cells.
    """

    sheet: str
    row: int
    column: int
    role: Role
    cells: Rows = ()
    padding: NDArray[np.bool_] | None = None

    def name(self, row: int, column: int, *, fixed: bool = False) -> str:
        """Return what formulas of its sheet call a cell: B5, or $B$5."""
        sign = "$" if fixed else ""
        return f"{sign}{get_column_letter(self.column + column)}{sign}{self.row + row}"

    def name_from(self, sheet: str, row: int, column: int) -> str:
        """Return what formulas of `sheet` call a cell."""
        place = "" if sheet == self.sheet else f"'{self.sheet}'!"
        return f"{place}{self.name(row, column)}"

    def names(self, rows: range, columns: range, *, fixed: bool = False) -> str:
        """Return what formulas of its sheet call a rectangle: B5:D7, or B5 alone."""
        first = self.name(rows[0], columns[0], fixed=fixed)
        last = self.name(rows[-1], columns[-1], fixed=fixed)
        return first if first == last else f"{first}:{last}"

    @property
    def all_names(self) -> str:
        """What formulas call all of it."""
        return self.names(range(len(self.cells)), range(len(self.cells[0])), fixed=True)


@dataclass(frozen=True)
class Label:
    """Words over a block; `strong` ones name it, the others one of its parts."""

    row: int
    column: int
    text: str
    role: Role
    strong: bool


@dataclass
class Sheet:
    """Blocks from left to right, under a title and notes."""

    name: str
    title: str
    notes: tuple[str, ...]
    blocks: list[Block] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    column: int = 1

    @property
    def columns(self) -> int:
        """How many it has."""
        return self.column - 2

    def put(
        self,
        heading: str,
        block: Block,
        names: Mapping[Index, str],
        size: Index,
        filled: Callable[[Block, Index], Block],
    ) -> dict[Index, Block]:
        """Add a grid of blocks with `size` (rows, columns) of room each; return them by place."""
        several = len(names) > 1
        wide = max(size[1], *(-(-len(name) // SIGNS_PER_COLUMN) for name in names.values()))
        tall, found = size[0] + 1 + several, {}
        self.labels.append(Label(HEADING_ROW, self.column, heading, block.role, strong=True))
        for index, name in names.items():
            row = HEADING_ROW + 1 + index[0] * tall + several
            column = self.column + index[1] * (wide + 1)
            if several and name:
                self.labels.append(Label(row - 1, column, name, block.role, strong=False))
            found[index] = filled(replace(block, row=row, column=column), index)
        self.blocks += found.values()
        across = 1 + max(index[1] for index in names)
        needed = max(across * (wide + 1) - 1, -(-len(heading) // SIGNS_PER_COLUMN))
        self.column += needed + 1
        return found


def sheets_of(document: Document) -> tuple[Sheet, ...]:
    """Return a sheet for each layer that is not disabled; an activation joins the one before it.

    Raises
    ------
    Refusal
        When they would be larger than spreadsheets bear.
    """
    _check_cells(document)
    sheets: list[Sheet] = []
    maps: list[Block] = []
    for index, layer in enumerate(document.layers):
        if index in document.disabled:
            continue
        if not (isinstance(layer, Activation) and sheets):
            sheets.append(_sheet(document, index, later=bool(sheets)))
            maps = _input(document, index, sheets[-1], maps)
        maps = _output(document, index, sheets[-1], maps)
    return tuple(sheets) or (_image_alone(document),)


def _check_cells(document: Document) -> None:
    count = 0
    for index, layer in enumerate(document.layers):
        if index not in document.disabled and count <= MOST_CELLS:
            count += compute(document, index).windows.cells.size
            count += 2 * layer.weight.size if isinstance(layer, KernelLayer) else 0
            count += int(np.prod(document.shapes[index + 1]))
    if count > MOST_CELLS:
        raise Refusal(
            f"the spreadsheet would have more than {MOST_CELLS:,} cells; "
            "scale the input down, or leave layers out"
        )


def check_columns(sheets: tuple[Sheet, ...]) -> None:
    """Raise Refusal when a sheet is wider than spreadsheets are."""
    for sheet in sheets:
        if sheet.columns > MOST_COLUMNS:
            raise Refusal(
                f"the sheet of {sheet.title} would have {sheet.columns:,} columns, "
                f"spreadsheets have {MOST_COLUMNS:,}; take a shorter input"
            )


def _sheet(document: Document, index: int, *, later: bool) -> Sheet:
    layer, shape = document.layers[index], document.shapes[index]
    title = layer_title(layer)
    sizes = f"{times(shape)} → {times(document.shapes[index + 1])}"
    notes = (f"{sizes}   {torch_text(layer, shape)}", FOLLOWING if later else BEGINNING)
    return Sheet(f"{index + 1} {title.replace('×', 'x')}", title, notes)


def _image_alone(document: Document) -> Sheet:
    sheet = Sheet("Input", document.image_title, ())
    _input_blocks(sheet, document.image, "Input", _plain)
    return sheet


def _plane(array: Array) -> Array:
    """Return (..., rows, columns): a signal is one row."""
    return np.atleast_2d(array)


def _plain(block: Block, plane: Array) -> Block:
    return replace(block, cells=tuple(tuple(map(float, row)) for row in plane))


def _channels(count: int, word: str = "channel") -> dict[Index, str]:
    return {(number, 0): f"{word} {number}" for number in range(count)}


def _input_blocks(
    sheet: Sheet, image: Array, heading: str, fill: Callable[[Block, Array], Block]
) -> list[Block]:
    planes = [_plane(plane) for plane in image]
    found = sheet.put(
        heading,
        Block(sheet.name, 0, 0, "input"),
        _channels(len(planes)),
        planes[0].shape,
        lambda block, index: fill(block, planes[index[0]]),
    )
    return list(found.values())


# The input of a layer: numbers, or what the layer before makes; around it padding


@dataclass(frozen=True, eq=False)
class _Around:
    """Which cells of the input the places of a padded axis hold, -1 for none, or are made of."""

    own: NDArray[np.intp]
    sources: Sources
    axis: Axis

    def made_of(self, place: int) -> list[tuple[int, float]]:
        """Return the places of the cells that a place is made of, each with its weight."""
        pairs = self.sources.of(place)
        return [(int(np.flatnonzero(self.own == cell)[0]), weight) for cell, weight in pairs]


def _arounds(windows: Windows) -> tuple[_Around, _Around]:
    one = np.zeros(1, np.intp)
    found = [
        _Around(*parts) for parts in zip(windows.own, windows.sources, windows.axes, strict=True)
    ]
    down, across = [_Around(one, Sources.copied(one), Axis(1, 1)), *found][-2:]
    return down, across


def _input(document: Document, index: int, sheet: Sheet, before: list[Block]) -> list[Block]:
    layer, computed = document.layers[index], compute(document, index)
    windows = computed.windows
    constant = _padding_value(sheet, layer)
    source = iter(range(len(windows.cells)))

    def filled(block: Block, plane: Array) -> Block:
        channel = next(source)
        image = _plane(computed.image[channel])
        made = before[channel] if before else None
        return _padded(block, (plane, image), _arounds(windows), layer, made, constant)

    return _input_blocks(sheet, windows.cells, "Input", filled)


def _padding_value(sheet: Sheet, layer: Layer) -> str:
    """Return what formulas call the value in the padding, "" where that is not to be chosen."""
    if not (isinstance(layer, Conv) and PADDING_MODES[layer.padding_mode].takes_value):
        return ""
    value = layer.padding_value
    block = Block(sheet.name, 0, 0, "kernel")
    found = sheet.put(
        "Padding", block, {(0, 0): ""}, (1, 1), lambda b, _: replace(b, cells=((value,),))
    )
    return found[0, 0].all_names


def _padded(
    block: Block,
    planes: tuple[Array, Array],
    around: tuple[_Around, _Around],
    layer: Layer,
    before: Block | None,
    constant: str,
) -> Block:
    padded, image = planes
    down, across = around

    def entry(row: int, column: int) -> Entry:
        own = int(down.own[row]), int(across.own[column])
        if min(own) >= 0:
            return f"={before.name_from(block.sheet, *own)}" if before else float(image[own])
        if terms := list(product(down.made_of(row), across.made_of(column))):
            return f"={'+'.join(_part(block, *term) for term in terms)}"
        if isinstance(layer, Pool) and not _is_counted(layer, around, (row, column)):
            return None
        return f"={constant}" if constant else float(padded[row, column])

    rows, columns = padded.shape
    cells = tuple(tuple(entry(row, column) for column in range(columns)) for row in range(rows))
    lies_around = np.minimum.outer(down.own, across.own) < 0
    return replace(block, cells=cells, padding=lies_around)


def _part(block: Block, down: tuple[int, float], across: tuple[int, float]) -> str:
    """Return a cell of a block times its weight; a copy is the cell alone."""
    name, weight = block.name(down[0], across[0]), down[1] * across[1]
    return name if weight == 1 else f"{weight!r}*{name}"


def _is_counted(pool: Pool, around: tuple[_Around, _Around], place: Index) -> bool:
    """Return whether a padding cell counts: functions of spreadsheets pass over empty ones."""
    inside = all(at < part.axis.padded for at, part in zip(place, around, strict=True))
    return pool.pooling.divides and pool.count_include_pad and inside


# What a layer makes


def _output(document: Document, index: int, sheet: Sheet, inputs: list[Block]) -> list[Block]:
    layer, computed = document.layers[index], compute(document, index)
    around = tuple(part.axis for part in _arounds(computed.windows))
    heading = "Feature map" if len(computed.sums) == 1 else "Feature maps"
    if computed.conv is not None:
        formula = _dot_product(sheet, computed.conv, around, inputs)
    elif isinstance(layer, Pool):
        formula, heading = _pooled(layer, around, inputs), layer_title(layer)
    else:
        assert isinstance(layer, Activation)
        formula, heading = _activated(layer, inputs), layer_title(layer)
    size = _plane(computed.sums[0]).shape

    def filled(block: Block, place: Index) -> Block:
        rows = (
            tuple(f"={formula(place[0], row, column)}" for column in range(size[1]))
            for row in range(size[0])
        )
        return replace(block, cells=tuple(rows))

    names = _channels(len(computed.sums), "map")
    found = sheet.put(heading, Block(sheet.name, 0, 0, "output"), names, size, filled)
    _check_formulas(found.values(), sheet)
    return list(found.values())


def _check_formulas(blocks: Iterable[Block], sheet: Sheet) -> None:
    longest = max(len(str(block.cells[-1][-1])) for block in blocks)
    if longest > MOST_SIGNS:
        raise Refusal(
            f"a formula of {sheet.title} would have {longest:,} signs, spreadsheets take "
            f"{MOST_SIGNS:,}; leave the layer out, or take fewer channels"
        )


Formula = Callable[[int, int, int], str]


def _dot_product(sheet: Sheet, conv: Conv, axes: tuple[Axis, ...], inputs: list[Block]) -> Formula:
    kernels = _kernels(sheet, conv)
    biases = _biases(sheet, conv)

    def formula(channel: int, row: int, column: int) -> str:
        window = _window(axes, row, column)
        terms = [
            _product(inputs[source].names(*window), kernels[channel, number].all_names)
            for number, source in enumerate(conv.channels_seen(channel))
        ]
        return "+".join([*terms, *biases.get(channel, ())])

    return formula


def _product(window: str, kernel: str) -> str:
    return f"SUMPRODUCT({window},{kernel})" if ":" in window else f"{window}*{kernel}"


def _window(axes: tuple[Axis, ...], row: int, column: int) -> tuple[range, range]:
    """Return the rows and columns from the first to the last under a window."""
    down, across = (
        range(at * axis.stride, at * axis.stride + axis.span)
        for at, axis in zip((row, column), axes, strict=True)
    )
    return down, across


def _kernels(sheet: Sheet, conv: Conv) -> dict[Index, Block]:
    """Return the kernels as they meet the window: flipped, and with room between by dilation."""
    weight = conv.weight
    size = _plane(weight[0, 0]).shape
    names = {
        (o, i): f"map {o}, channel {conv.channels_seen(o)[i]}"
        for o, i in product(*map(range, weight.shape[:2]))
    }
    block = Block(sheet.name, 0, 0, "kernel")
    heading = "Kernel" if len(names) == 1 else "Kernels"
    typed = sheet.put(heading, block, names, size, lambda b, at: _plain(b, _plane(weight[at])))
    down, across = (1, *conv.dilation)[-2:]
    dilation = down, across
    changes = [
        word for word, is_so in (("flipped", conv.flip), ("dilated", max(dilation) > 1)) if is_so
    ]
    if not changes:
        return typed
    spans = tuple(d * (k - 1) + 1 for d, k in zip(dilation, size, strict=True))

    def met(block: Block, at: Index) -> Block:
        cells = [
            tuple(_met(typed[at], conv, dilation, (row, column)) for column in range(spans[1]))
            for row in range(spans[0])
        ]
        return replace(block, cells=tuple(cells), padding=np.ones(spans, bool))

    words = f"{heading}, {' and '.join(changes)}"
    return sheet.put(words, replace(block, role="padding"), names, (spans[0], spans[1]), met)


def _met(typed: Block, conv: Conv, dilation: Index, place: Index) -> Entry:
    """Return the reference to the weight that lies at a place of the window; 0 between weights."""
    if any(at % step for at, step in zip(place, dilation, strict=True)):
        return 0.0
    row, column = (at // step for at, step in zip(place, dilation, strict=True))
    if conv.flip:
        row, column = len(typed.cells) - 1 - row, len(typed.cells[0]) - 1 - column
    return f"={typed.name(row, column)}"


def _biases(sheet: Sheet, conv: Conv) -> dict[int, tuple[str, ...]]:
    if conv.bias is None:
        return {}
    bias = conv.bias
    rows = len(_plane(conv.weight[0, 0]))
    names = {(number, 0): f"map {number}" for number in range(len(bias))}
    found = sheet.put(
        "Bias",
        Block(sheet.name, 0, 0, "kernel"),
        names,
        (rows, 1),
        lambda block, at: replace(block, cells=((float(bias[at[0]]),),)),
    )
    return {at[0]: (block.all_names,) for at, block in found.items()}


def _pooled(pool: Pool, axes: tuple[Axis, ...], inputs: list[Block]) -> Formula:
    def formula(channel: int, row: int, column: int) -> str:
        block, window = inputs[channel], _window(axes, row, column)
        if max(pool.dilation) == 1:
            return f"{pool.pooling.sheet}({block.names(*window)})"
        reads = product(axes[0].reads(row), axes[1].reads(column))
        return _nested(pool.pooling.sheet, [block.name(*place) for place in reads])

    return formula


def _nested(function: str, names: list[str]) -> str:
    """Return a function of cells, or of what it makes of parts of them."""
    parts = [names[at : at + MOST_ARGUMENTS] for at in range(0, len(names), MOST_ARGUMENTS)]
    inner = [f"{function}({','.join(part)})" for part in parts]
    return inner[0] if len(inner) == 1 else f"{function}({','.join(inner)})"


def _activated(layer: Activation, inputs: list[Block]) -> Formula:
    def formula(channel: int, row: int, column: int) -> str:
        settings = layer.for_channel(channel).settings
        words = {name: _typed(value) for name, value in settings.items()}
        return layer.function.sheet({**words, "x": inputs[channel].name(row, column)})

    return formula


def _typed(value: Value) -> str:
    """Return a setting as formulas have it: a number with all its digits, or a name."""
    number = value[0] if isinstance(value, tuple) else value
    if isinstance(number, str):
        return number
    digits = repr(number).removesuffix(".0").upper()
    return f"({digits})" if number < 0 else digits


def layers_shown(document: Document) -> Iterator[tuple[str, str, str]]:
    """Yield number and title, shapes, and torch's words of each layer, for a list of them."""
    for index, layer in enumerate(document.layers):
        shape = document.shapes[index]
        made = times(document.made(index))
        skipped = "   (disabled)" if index in document.disabled else ""
        sizes = f"{times(shape)} → {made}{skipped}"
        yield f"{index + 1} {layer_title(layer)}", sizes, torch_text(layer, shape)


def image_line(document: Document) -> str:
    """Return what the image is called, and its shape."""
    shape = document.image.shape
    return f"{document.image_title}: {counted(shape[0], 'channel')} of {times(shape[1:])} cells"
