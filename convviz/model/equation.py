"""One dot product, and one output size, as lines of coloured words."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from convviz.engine.layers import Activation
from convviz.engine.padding import Array
from convviz.engine.rounding import denoised, is_whole, largest_whole
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
class Addends:
    """What a shown sum adds, in order, so that a part that has no room is told by its own sum.

    >>> Addends((1.0, 2.5, -0.5)).after(1)
    '2 more: 2'
    >>> Addends((1.0, 2.5), pending=1).after(2)
    '1 more'
    """

    values: tuple[float, ...]
    pending: int = 0
    style: NumberFormat = AUTOMATIC

    def after(self, shown: int) -> str:
        """Return how many follow the first `shown`, and what those that are known add up to."""
        rest = self.values[shown:]
        count = f"{len(rest) + self.pending} more"
        return f"{count}: {signed(Numbers(self.style).total(np.array(rest)))}" if rest else count


@dataclass(frozen=True)
class Equation:
    """Terms with `joint` between them, their sum, that of every input channel, and the result.

    `names` are the terms by names instead of numbers, where samples have names. What a line has
    no room for is told by `of_terms`, `of_sums` and `of_channels`.
    """

    terms: tuple[Term, ...]
    more: str
    sums: Line
    result: Line
    channels: Line = ()
    joint: str = " + "
    names: tuple[Term, ...] = ()
    of_terms: Addends | None = None
    of_sums: Addends | None = None
    of_channels: Addends | None = None


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

    def sum(self, terms: Array) -> float:
        """Return what `terms` add up to as shown: rounding noise is 0, which counts as rounded."""
        if not terms.size:
            return 0.0
        exact, sizes = float(np.cumsum(terms)[-1]), float(np.abs(terms).sum())
        if is_whole(terms) and sizes < largest_whole(terms.dtype):
            return exact
        found = float(denoised(exact, sizes, terms.size))
        if found != exact:
            self.rounded.append(exact)
        return found

    def total(self, terms: Array) -> str:
        """Return the same as text."""
        return self.text(self.sum(terms))

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
    *,
    noisy: bool = False,
) -> Equation:
    """Return the dot product of `trace` as far as stage `term` (None: all of it).

    `noisy` says that rounding noise in the window is shown as 0.
    """
    numbers = numbers_of(style, noisy=noisy)
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
    addends = shown_addends(products, (first, last), formed, style)
    nonzero = [p for p in products[:formed] if p]
    return Equation(
        terms=terms,
        more=what_follows(addends, len(terms), products),
        sums=_sum_line(numbers, nonzero, pending=formed < len(products)),
        channels=_channel_line(numbers, trace, shown, term) if shown.several else (),
        result=_result(numbers, trace, activation, term, formed, place, shown),
        of_terms=addends,
        of_sums=Addends(tuple(nonzero), style=style),
        of_channels=_of_channels(trace, shown, term, style),
    )


def numbers_of(style: NumberFormat, *, noisy: bool) -> Numbers:
    """Return numbers of which one is rounded already where noise is shown as 0."""
    return Numbers(style, [0.0] * noisy)


def shown_addends(
    terms: list[float], shown: tuple[int, int], formed: int, style: NumberFormat
) -> Addends:
    """Return terms with those that are shown first; what is not formed yet adds nothing."""
    first, last = shown
    known = [value if n < formed else 0.0 for n, value in enumerate(terms)]
    return Addends((*known[first:last], *known[:first], *known[last:]), style=style)


def what_follows(addends: Addends, shown: int, terms: Sequence[float]) -> str:
    """Return the words after the terms that are shown, "" where these are all."""
    return f"+ {addends.after(shown)}" if shown < len(terms) else ""


def how_many_more(left_out: int) -> str:
    return f"… and {left_out} more" if left_out else ""


def _sum_line(numbers: Numbers, nonzero: list[float], *, pending: bool) -> Line:
    sums = " + ".join(numbers.text(p) for p in nonzero[:MOST_TERMS] or [0.0])
    if len(nonzero) > MOST_TERMS:
        left_out = numbers.total(np.array(nonzero[MOST_TERMS:]))
        sums += f" + {len(nonzero) - MOST_TERMS} more: {signed(left_out)}"
    return (Token(f"{numbers.equals} {_joined(sums)}{' + …' if pending else ''}"),)


MOST_CHANNELS = 12


def _known_channels(trace: Trace, shown: Shown, term: int | None) -> int:
    """Return of how many input channels all products are formed."""
    count = len(shown.names)
    return count if term is None else min((term + 1) // trace.window[0].size, count)


def _of_channels(
    trace: Trace, shown: Shown, term: int | None, style: NumberFormat
) -> Addends | None:
    if not shown.several:
        return None
    known = _known_channels(trace, shown, term)
    sums = tuple(trace.channel_sums[:known].tolist())
    return Addends(sums, len(shown.names) - known, style)


def _channel_line(numbers: Numbers, trace: Trace, shown: Shown, term: int | None) -> Line:
    """Return the partial sums of the input channels that are known, by name."""
    known = _known_channels(trace, shown, term)
    tokens: list[Token] = []
    for number, name in enumerate(shown.names[:MOST_CHANNELS]):
        if number:
            tokens.append(Token("+", "dim"))
        tokens.append(Token(name, "dim"))
        formed = number < known
        text = signed(factor(numbers.total(trace.products[number].ravel()))) if formed else "…"
        tokens.append(Token(text, "input" if number == shown.index else "plain"))
    if len(shown.names) > MOST_CHANNELS:
        addends = _of_channels(trace, shown, term, numbers.style)
        assert addends is not None
        tokens += [Token("+", "dim"), Token(addends.after(MOST_CHANNELS), "dim")]
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
        return (equals_token(numbers, numbers.sum(products[:formed]), "result"), Token(done, "dim"))
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
    steps: list[Token] = [equals_token(numbers, numbers.sum(trace.products))]
    for stage in stages[:reached]:
        if stage == "bias":
            bias = signed(numbers.text(trace.bias))
            steps += [Token(f"+ bias {bias}", "dim"), equals_token(numbers, _value(numbers, trace))]
        elif stage == "activation":
            steps += activated_tokens(numbers, activation, _value(numbers, trace))
    steps[-1] = Token(steps[-1].text, "result")
    if reached == len(stages):
        steps.append(Token(f"→ {place}", "dim"))
    elif reached == 0:
        steps.append(Token(f"after all {trace.products.size} products", "dim"))
    return tuple(steps)


def activated_tokens(numbers: Numbers, activation: Activation, value: float) -> list[Token]:
    text = numbers.text(float(activation.apply(np.array(value))))
    wavy = "≈ " if numbers.rounded else ""
    return [Token(f"→ {activation.title} →", "dim"), Token(f"{wavy}{signed(text)}")]


def _value(numbers: Numbers, trace: Trace) -> float:
    return numbers.sum(np.append(trace.products, trace.bias))


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
    *,
    noisy: bool = False,
) -> str:
    """Return the dot product as plain text for screen readers and for copying."""
    numbers = numbers_of(style, noisy=noisy)
    parts = _channel_words(numbers, trace, shown) if shown.several else _products(numbers, trace)
    text = f"{place}: {' + '.join(parts) or '0'}"
    if trace.bias:
        text += f" + bias {factor(numbers.text(trace.bias))}"
    result = _value(numbers, trace)
    value = numbers.text(result)
    text += f" {numbers.equals} {value}"
    return text + activation_words(numbers, activation, result)


def _channel_words(numbers: Numbers, trace: Trace, shown: Shown) -> list[str]:
    sums = [numbers.sum(products.ravel()) for products in trace.products]
    words = [
        f"channel {name} {factor(numbers.text(value))}"
        for name, value in zip(shown.names, sums[:MOST_TERMS], strict=False)
    ]
    return words + left_out_words(numbers, sums)


def left_out_words(numbers: Numbers, terms: list[float]) -> list[str]:
    """Return what follows the first MOST_TERMS of `terms`, with its sum; [] where that is none."""
    left_out = terms[MOST_TERMS:]
    if not left_out:
        return []
    return [f"({len(left_out)} more: {factor(numbers.total(np.array(left_out)))})"]


def _products(numbers: Numbers, trace: Trace) -> list[str]:
    pairs = zip(trace.window.ravel().tolist(), trace.weight.ravel().tolist(), strict=True)
    shown = [(cell, weight) for cell, weight in pairs if cell and weight]
    products = [
        f"{factor(numbers.text(cell))}·{factor(numbers.text(weight))}"
        for cell, weight in shown[:MOST_TERMS]
    ]
    return products + left_out_words(numbers, [cell * weight for cell, weight in shown])


def activation_words(numbers: Numbers, activation: Activation, value: float) -> str:
    if activation.name == "none":
        return ""
    after = numbers.text(float(activation.apply(np.array(value))))
    return f", {activation.title}: {'≈ ' if numbers.rounded else ''}{after}"
