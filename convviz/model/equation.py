"""One dot product, and one output size, as lines of coloured words."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from convviz.engine.convolve import without_dust
from convviz.engine.layers import Activation
from convviz.engine.padding import Array
from convviz.engine.trace import Trace
from convviz.model.numbers import AUTOMATIC, NumberFormat, exact_text, factor, number_text, signed

Role = Literal["plain", "dim", "input", "kernel", "output", "result", "error"]
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
    """Terms with `joint` between them, their sum, that of every input channel, and the result.

    `names` are the terms by names instead of numbers, where samples have names.
    """

    terms: tuple[Term, ...]
    more: str
    sums: Line
    result: Line
    channels: Line = ()
    joint: str = " + "
    names: tuple[Term, ...] = ()


@dataclass(frozen=True)
class Numbers:
    """Turns numbers into text, and remembers whether one had to be rounded."""

    style: NumberFormat = AUTOMATIC
    rounded: list[float] = field(default_factory=list)

    def text(self, value: float) -> str:
        """Return `value` as shown."""
        if exact_text(value, self.style) is None:
            self.rounded.append(value)
        return number_text(value, self.style)

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


@dataclass(frozen=True)
class Shown:
    """Which of the input channels of a dot product is written out, and what all are called."""

    index: int = 0
    names: tuple[str, ...] = ("",)

    @property
    def several(self) -> bool:
        """Whether there is more than one."""
        return len(self.names) > 1


ONE = Shown()


def equation(
    trace: Trace,
    activation: Activation,
    term: int | None,
    place: str,
    shown: Shown = ONE,
    style: NumberFormat = AUTOMATIC,
) -> Equation:
    """Return the dot product of `trace` as far as stage `term` (None: all of it)."""
    numbers = Numbers(style)
    window, weight = trace.window[shown.index].ravel(), trace.weight[shown.index].ravel()
    products = (window * weight).tolist()
    before = shown.index * len(products)
    formed = len(products) if term is None else min(max(term + 1 - before, 0), len(products))
    lit = None if term is None else term - before
    first, last = shown_range(len(products), formed if term is not None else 0)
    terms = tuple(
        product_term(numbers, float(window[i]), float(weight[i]), lit=i == lit, pending=i >= formed)
        for i in range(first, last)
    )
    return Equation(
        terms=terms,
        more=how_many_more(len(products) - (last - first)),
        sums=_sum_line(numbers, products, formed),
        channels=_channel_line(numbers, trace, shown, term) if shown.several else (),
        result=_result(numbers, trace, activation, term, formed, place, shown),
    )


def how_many_more(left_out: int) -> str:
    return f"… and {left_out} more" if left_out else ""


def _sum_line(numbers: Numbers, products: list[float], formed: int) -> Line:
    nonzero = [p for p in products[:formed] if p] or [0.0]
    sums = " + ".join(numbers.text(p) for p in nonzero[:MOST_TERMS])
    rest = " + …" if formed < len(products) or len(nonzero) > MOST_TERMS else ""
    return (Token(f"{numbers.equals} {_joined(sums)}{rest}"),)


MOST_CHANNELS = 12


def _channel_line(numbers: Numbers, trace: Trace, shown: Shown, term: int | None) -> Line:
    """Return the partial sums of the input channels that are known, by name."""
    each = trace.window[0].size
    known = len(shown.names) if term is None else min((term + 1) // each, len(shown.names))
    tokens: list[Token] = []
    for number, name in enumerate(shown.names[:MOST_CHANNELS]):
        if number:
            tokens.append(Token("+", "dim"))
        tokens.append(Token(name, "dim"))
        value = float(trace.channel_sums[number])
        text = signed(factor(numbers.text(value))) if number < known else "…"
        tokens.append(Token(text, "input" if number == shown.index else "plain"))
    if len(shown.names) > MOST_CHANNELS:
        left_out = len(shown.names) - MOST_CHANNELS
        tokens += [Token("+", "dim"), Token(f"{left_out} more", "dim")]
    return tuple(tokens)


def shown_range(count: int, formed: int) -> tuple[int, int]:
    first = min(max(formed - MOST_TERMS, 0), max(count - MOST_TERMS, 0))
    return first, min(first + MOST_TERMS, count)


def product_term(numbers: Numbers, cell: float, weight: float, *, lit: bool, pending: bool) -> Term:
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
    shown: Shown,
) -> Line:
    count = trace.products.size
    if term is not None and (term + 1 < count or (shown.several and term + 1 == count)):
        products = trace.products[shown.index].ravel()
        name = f"{shown.names[shown.index]} " if shown.several else ""
        done = f"{name}after {formed} of {products.size} products"
        return (equals_token(numbers, _sum(products[:formed]), "result"), Token(done, "dim"))
    stages = stages_after_sum(len(shown.names), trace.bias, activation)
    reached = len(stages) if term is None else term - count + 1
    return _stage_tokens(numbers, trace, activation, stages, reached, place)


def _stage_tokens(
    numbers: Numbers,
    trace: Trace,
    activation: Activation,
    stages: tuple[str, ...],
    reached: int,
    place: str,
) -> Line:
    steps: list[Token] = [equals_token(numbers, _sum(trace.products))]
    for stage in stages[:reached]:
        if stage == "bias":
            bias = signed(numbers.text(trace.bias))
            steps += [Token(f"+ bias {bias}", "dim"), equals_token(numbers, _value(trace))]
        elif stage == "activation":
            steps += activated_tokens(numbers, activation, _value(trace))
    steps[-1] = Token(steps[-1].text, "result")
    if reached == len(stages):
        steps.append(Token(f"→ {place}", "dim"))
    elif reached == 0:
        steps.append(Token(f"after all {trace.products.size} products", "dim"))
    return tuple(steps)


def activated_tokens(numbers: Numbers, activation: Activation, value: float) -> list[Token]:
    text = numbers.text(float(activation.function.apply(np.array(value))))
    wavy = "≈ " if numbers.rounded else ""
    return [Token(f"→ {activation.function.title} →", "dim"), Token(f"{wavy}{signed(text)}")]


def _sum(terms: Array) -> float:
    return float(without_dust(np.cumsum(terms)[-1], np.abs(terms).sum())) if terms.size else 0.0


def _value(trace: Trace) -> float:
    return _sum(np.append(trace.products, trace.bias))


def equals_token(numbers: Numbers, value: float, role: Role = "plain") -> Token:
    text = numbers.text(value)
    return Token(f"{numbers.equals} {signed(text)}", role)


def stages_after_sum(
    channels: int, bias: float, activation: Activation, *, divided: bool = False
) -> tuple[str, ...]:
    """Return what happens to the sums: they are added up, divided, get a bias, are activated."""
    return (
        ("channels",) * (channels > 1)
        + ("divide",) * divided
        + ("bias",) * bool(bias)
        + ("activation",) * (activation.name != "none")
    )


def sentence(
    trace: Trace,
    activation: Activation,
    place: str,
    shown: Shown = ONE,
    style: NumberFormat = AUTOMATIC,
) -> str:
    """Return the dot product as plain text for screen readers and for copying."""
    numbers = Numbers(style)
    parts = _channel_words(numbers, trace, shown) if shown.several else _products(numbers, trace)
    text = f"{place}: {' + '.join(parts) or '0'}"
    if trace.bias:
        text += f" + bias {factor(numbers.text(trace.bias))}"
    value = numbers.text(_value(trace))
    text += f" {numbers.equals} {value}"
    return text + activation_words(numbers, activation, _value(trace))


def _channel_words(numbers: Numbers, trace: Trace, shown: Shown) -> list[str]:
    sums = trace.channel_sums.tolist()[:MOST_TERMS]
    words = [
        f"channel {name} {factor(numbers.text(value))}"
        for name, value in zip(shown.names, sums, strict=False)
    ]
    left_out = len(shown.names) - len(words)
    return words + [f"({left_out} more)"] * bool(left_out)


def _products(numbers: Numbers, trace: Trace) -> list[str]:
    pairs = zip(trace.window.ravel().tolist(), trace.weight.ravel().tolist(), strict=True)
    products = [
        f"{factor(numbers.text(cell))}·{factor(numbers.text(weight))}"
        for cell, weight in pairs
        if cell and weight
    ]
    left_out = len(products) - MOST_TERMS
    return products[:MOST_TERMS] + [f"({left_out} more)"] * (left_out > 0)


def activation_words(numbers: Numbers, activation: Activation, value: float) -> str:
    if activation.name == "none":
        return ""
    after = numbers.text(float(activation.function.apply(np.array(value))))
    return f", {activation.function.title}: {'≈ ' if numbers.rounded else ''}{after}"
