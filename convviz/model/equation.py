"""One dot product, and one output size, as lines of coloured words."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from convviz.engine.convolve import without_dust
from convviz.engine.geometry import Axis
from convviz.engine.layers import Activation
from convviz.engine.padding import Array
from convviz.engine.trace import Trace
from convviz.model.numbers import exact_text, factor, number_text, signed

Role = Literal["plain", "dim", "input", "kernel", "output", "result"]
MOST_TERMS = 49


@dataclass(frozen=True)
class Token:
    """A piece of text with the colour of what it stands for."""

    text: str
    role: Role = "plain"


Line = tuple[Token, ...]


@dataclass(frozen=True)
class Term:
    """One product as written; `lit` is the one being formed, `pending` ones are still to come."""

    tokens: Line
    lit: bool = False
    pending: bool = False


@dataclass(frozen=True)
class Equation:
    """Products, the sum of those that are not zero, and the result."""

    terms: tuple[Term, ...]
    more: str
    sums: Line
    result: Line


@dataclass(frozen=True)
class Numbers:
    """Turns numbers into text, and remembers whether one had to be rounded."""

    rounded: list[float] = field(default_factory=list)

    def text(self, value: float) -> str:
        """Return `value` as shown."""
        if exact_text(value) is None:
            self.rounded.append(value)
        return number_text(value)

    @property
    def equals(self) -> str:
        """The sign between the terms and their sum: wavy when a number was rounded."""
        return "≈" if self.rounded else "="


def place_text(cell: tuple[int, int], rank: int) -> str:
    """Return where a cell is: a signal has no rows.

    >>> place_text((7, 4), 2), place_text((0, 4), 1)
    ('row 7, column 4', 'sample 4')
    """
    return f"row {cell[0]}, column {cell[1]}" if rank == 2 else f"sample {cell[1]}"


def equation(trace: Trace, activation: Activation, term: int | None, place: str) -> Equation:
    """Return the dot product of `trace` as far as stage `term` (None: all of it)."""
    numbers = Numbers()
    window, weight = trace.window.ravel().tolist(), trace.weight.ravel().tolist()
    products = trace.products.ravel().tolist()
    formed = len(products) if term is None else min(term + 1, len(products))
    first, last = _shown_range(len(products), formed if term is not None else 0)
    terms = tuple(
        _term(numbers, window[i], weight[i], lit=i == term, pending=i >= formed)
        for i in range(first, last)
    )
    left_out = len(products) - (last - first)
    nonzero = [p for p in products[:formed] if p] or [0.0]
    sums = " + ".join(numbers.text(p) for p in nonzero[:MOST_TERMS])
    rest = " + …" if formed < len(products) or len(nonzero) > MOST_TERMS else ""
    return Equation(
        terms=terms,
        more=f"… and {left_out} more" if left_out else "",
        sums=(Token(f"{numbers.equals} {_joined(sums)}{rest}"),),
        result=_result(numbers, trace, activation, term, formed, place),
    )


def _shown_range(count: int, formed: int) -> tuple[int, int]:
    first = min(max(formed - MOST_TERMS, 0), max(count - MOST_TERMS, 0))
    return first, min(first + MOST_TERMS, count)


def _term(numbers: Numbers, cell: float, weight: float, *, lit: bool, pending: bool) -> Term:
    zero = cell == 0 or weight == 0
    left, right = signed(factor(numbers.text(cell))), signed(factor(numbers.text(weight)))
    roles: tuple[Role, Role, Role] = ("dim",) * 3 if zero or pending else ("input", "dim", "kernel")
    tokens = tuple(map(Token, (left, "·", right), roles))
    return Term(tokens, lit=lit, pending=pending)


def _joined(text: str) -> str:
    return signed(text.replace("+ -", "- ").replace(" - ", " − "))


def _result(
    numbers: Numbers,
    trace: Trace,
    activation: Activation,
    term: int | None,
    formed: int,
    place: str,
) -> Line:
    if formed < trace.products.size:
        partial = _sum(trace.products.ravel()[:formed])
        done = f"after {formed} of {trace.products.size} products"
        return (_equals(numbers, partial, "result"), Token(done, "dim"))
    stages = stages_after_sum(trace.bias, activation)
    shown = len(stages) if term is None else term - trace.products.size + 1
    steps: list[Token] = [_equals(numbers, _sum(trace.products))]
    for stage in stages[:shown]:
        if stage == "bias":
            bias = signed(numbers.text(trace.bias))
            steps += [Token(f"+ bias {bias}", "dim"), _equals(numbers, _value(trace))]
        else:
            value = float(activation.function.apply(np.array(_value(trace))))
            name = activation.function.title
            text = numbers.text(value)
            wavy = "≈ " if numbers.rounded else ""
            steps += [Token(f"→ {name} →", "dim"), Token(f"{wavy}{signed(text)}")]
    steps[-1] = Token(steps[-1].text, "result")
    if shown == len(stages):
        steps.append(Token(f"→ {place}", "dim"))
    elif shown == 0:
        steps.append(Token(f"after all {trace.products.size} products", "dim"))
    return tuple(steps)


def _sum(terms: Array) -> float:
    return float(without_dust(np.cumsum(terms)[-1], np.abs(terms).sum()))


def _value(trace: Trace) -> float:
    return _sum(np.append(trace.products, trace.bias))


def _equals(numbers: Numbers, value: float, role: Role = "plain") -> Token:
    text = numbers.text(value)
    return Token(f"{numbers.equals} {signed(text)}", role)


def stages_after_sum(bias: float, activation: Activation) -> tuple[str, ...]:
    """Return what happens to the sum of the products: nothing, bias, activation, or both."""
    return ("bias",) * bool(bias) + ("activation",) * (activation.name != "none")


def sentence(trace: Trace, activation: Activation, place: str) -> str:
    """Return the dot product as plain text for screen readers and for copying."""
    numbers = Numbers()
    pairs = zip(trace.window.ravel().tolist(), trace.weight.ravel().tolist(), strict=True)
    products = [
        f"{factor(numbers.text(cell))}·{factor(numbers.text(weight))}"
        for cell, weight in pairs
        if cell and weight
    ]
    shown = products[:MOST_TERMS] + [f"({len(products) - MOST_TERMS} more)"] * (
        len(products) > MOST_TERMS
    )
    text = f"{place}: {' + '.join(shown) or '0'}"
    if trace.bias:
        text += f" + bias {factor(numbers.text(trace.bias))}"
    value = numbers.text(_value(trace))
    text += f" {numbers.equals} {value}"
    if activation.name != "none":
        after = numbers.text(float(activation.function.apply(np.array(_value(trace)))))
        text += f", {activation.function.title}: {'≈ ' if numbers.rounded else ''}{after}"
    return text


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
    padding = f"2·{axis.before}" if axis.before == axis.after else f"({axis.before} + {axis.after})"
    return (
        Token("⌊(", "dim"),
        Token(f"{axis.size}", "input"),
        Token(" − ", "dim"),
        Token(f"{axis.span}", "kernel"),
        Token(" + ", "dim"),
        Token(padding, "input"),
        Token(") / ", "dim"),
        Token(f"{axis.stride}", "output"),
        Token("⌋ + 1", "dim"),
    )


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
    return (
        f"{axis.padded} − {axis.span} is no multiple of {axis.stride}: the last {last} never read"
    )
