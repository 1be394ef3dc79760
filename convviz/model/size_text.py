"""The output size of a layer as lines of coloured words, and what its formula hides."""

from convviz.engine.geometry import Axis
from convviz.engine.layers import ConvTranspose
from convviz.model.equation import Line, Token

ARROWS = {1: ("→",), 2: ("↓", "→")}


def size_formula(axes: tuple[Axis, ...]) -> tuple[Line, ...]:
    """Return the output size with its numbers: one line, or one per axis where they differ."""
    if len(set(axes)) == 1:
        return (_size_line(axes[0]),)
    return tuple(
        (Token(f"{arrow} ", "dim"), *_size_line(axis), Token(f" = {axis.out}", "output"))
        for axis, arrow in zip(axes, ARROWS[len(axes)], strict=True)
    )


def _size_line(axis: Axis) -> Line:
    opening, closing = ("⌈(", "⌉ + 1") if axis.ceil else ("⌊(", "⌋ + 1")
    padding = f"2·{axis.before}" if axis.before == axis.after else f"({axis.before} + {axis.after})"
    return (
        Token(opening, "dim"),
        Token(f"{axis.size}", "input"),
        Token(" − ", "dim"),
        Token(f"{axis.span}", "kernel"),
        Token(" + ", "dim"),
        Token(padding, "input"),
        Token(") / ", "dim"),
        Token(f"{axis.stride}", "output"),
        Token(closing, "dim"),
    )


def transposed_size(layer: ConvTranspose, spatial: tuple[int, ...]) -> tuple[Line, ...]:
    """Return the output size of a transposed convolution with its numbers, one line per axis."""
    sizes = layer.output_shape((layer.in_channels, *spatial))[1:]
    lines = [_transposed_line(layer, number, size) for number, size in enumerate(spatial)]
    if len({"".join(token.text for token in line) for line in lines}) == 1:
        return ((*lines[0], Token(f" = {sizes[0]}", "output")),)
    return tuple(
        (Token(f"{arrow} ", "dim"), *line, Token(f" = {size}", "output"))
        for line, arrow, size in zip(lines, ARROWS[len(lines)], sizes, strict=True)
    )


def _transposed_line(layer: ConvTranspose, number: int, size: int) -> Line:
    span = layer.dilation[number] * (layer.kernel_size[number] - 1) + 1
    return (
        Token(f"({size} − 1)·", "input"),
        Token(f"{layer.stride[number]}", "output"),
        Token(" − ", "dim"),
        Token(f"2·{layer.padding[number]}", "input"),
        Token(" + ", "dim"),
        Token(f"{span}", "kernel"),
        Token(f" + {layer.output_padding[number]}", "output"),
    )


def _stamps(kernel: int, stride: int, dilation: int) -> list[int]:
    """Return how many stamps reach an output cell inside, for each of its places in a stride.

    >>> _stamps(3, 2, 1), _stamps(4, 2, 2), _stamps(3, 4, 1)
    ([2, 1], [4, 0], [1, 1, 1, 0])
    """
    counts = [0] * stride
    for offset in range(kernel):
        counts[offset * dilation % stride] += 1
    return counts


def transposed_notes(layer: ConvTranspose) -> tuple[str, ...]:
    """Return what the formula of a transposed convolution hides."""
    notes = []
    if max(layer.dilation) > 1:
        spans = [d * (k - 1) + 1 for d, k in zip(layer.dilation, layer.kernel_size, strict=True)]
        notes.append(f"dilation spreads the kernel over {' × '.join(map(str, spans))} cells")
    overlaps = [
        _stamps(*sizes)
        for sizes in zip(layer.kernel_size, layer.stride, layer.dilation, strict=True)
    ]
    if any(min(counts) == 0 for counts in overlaps):
        notes.append("stamps leave gaps: some cells get nothing but the bias")
    elif any(min(counts) != max(counts) for counts in overlaps):
        notes.append("stamps overlap unevenly (checkerboard)")
    return tuple(notes)


def size_notes(axes: tuple[Axis, ...]) -> tuple[str, ...]:
    """Return what the formula hides: the span of a dilated kernel, the rest of a division."""
    arrows = ARROWS[len(axes)] if len(set(axes)) > 1 else ("",)
    named = list(zip(axes, arrows, strict=False))
    spans = [f"{arrow} {_span_note(axis)}".strip() for axis, arrow in named if axis.dilation > 1]
    rests = [f"{arrow} {_unread_note(axis)}".strip() for axis, arrow in named if axis.unread]
    return (*spans, *rests)


def _span_note(axis: Axis) -> str:
    return (
        f"dilation {axis.dilation} spreads {axis.kernel} weights over "
        f"{axis.dilation}·({axis.kernel} − 1) + 1 = {axis.span} cells"
    )


def _unread_note(axis: Axis) -> str:
    last = "cell is" if axis.unread == 1 else f"{axis.unread} cells are"
    if axis.ceil:
        return f"the last {last} never read: a window would begin beyond the input"
    return (
        f"{axis.padded} − {axis.span} is no multiple of {axis.stride}: the last {last} never read"
    )
