"""Pooled windows, activated cells and stamps as lines of coloured words, and as plain text."""

from convviz.engine.layers import Activation
from convviz.engine.padding import Array
from convviz.engine.trace import ActivationTrace, PoolTrace
from convviz.model.equation import (
    MOST_TERMS,
    Equation,
    Line,
    Numbers,
    Term,
    Token,
    activated_tokens,
    activation_words,
    equals_token,
    how_many_more,
    left_out_words,
    numbers_of,
    product_term,
    shown_addends,
    shown_range,
    stages_after_sum,
    what_follows,
)
from convviz.model.numbers import AUTOMATIC, NumberFormat, factor, number_text, signed


def pool_equation(
    trace: PoolTrace,
    activation: Activation,
    term: int | None,
    place: str,
    style: NumberFormat = AUTOMATIC,
    *,
    noisy: bool = False,
) -> Equation:
    """Return what becomes of a window, as far as stage `term`."""
    numbers = numbers_of(style, noisy=noisy)
    cells = trace.window.ravel().tolist()
    formed = len(cells) if term is None else min(term + 1, len(cells))
    marked = trace.chosen if term is None else term
    first, last = shown_range(len(cells), formed if term is not None else 0)
    terms = tuple(
        Term(
            (Token(signed(numbers.text(cells[i])), "dim" if i >= formed else "input"),),
            lit=i == marked,
            pending=i >= formed,
        )
        for i in range(first, last)
    )
    added = trace.pooling.adds
    addends = shown_addends(cells, (first, last), formed, style) if added else None
    return Equation(
        terms=terms,
        more=what_follows(addends, len(terms), cells)
        if addends
        else how_many_more(len(cells) - len(terms)),
        sums=(
            Token(trace.pooling.so_far, "dim"),
            equals_token(numbers, _so_far(numbers, trace, formed)),
        ),
        result=_pool_result(numbers, trace, activation, term, place),
        joint=" + " if added else ", ",
        of_terms=addends,
    )


def _so_far(numbers: Numbers, trace: PoolTrace, formed: int) -> float:
    """Return the one of the first cells that is taken, or their sum."""
    if trace.pooling.adds:
        return numbers.sum(trace.window.ravel()[:formed])
    return float(trace.partial[formed - 1])


def pooled(numbers: Numbers, trace: PoolTrace) -> float:
    """Return what is made of the window."""
    end = _so_far(numbers, trace, trace.window.size)
    return float(trace.pooling.ended(end, trace.divisor))


def _pool_result(
    numbers: Numbers, trace: PoolTrace, activation: Activation, term: int | None, place: str
) -> Line:
    count, divided = trace.window.size, trace.pooling.divides
    if term is not None and term + 1 < count:
        return (
            equals_token(numbers, _so_far(numbers, trace, term + 1), "result"),
            Token(f"after {term + 1} of {count} cells", "dim"),
        )
    stages = stages_after_sum(1, 0.0, activation, divided=divided)
    reached = len(stages) if term is None else term - count + 1
    steps = [equals_token(numbers, _so_far(numbers, trace, count))]
    for stage in stages[:reached]:
        if stage == "divide":
            steps += [
                Token(f"/ {trace.divisor}", "dim"),
                equals_token(numbers, pooled(numbers, trace)),
            ]
        else:
            steps += activated_tokens(numbers, activation, pooled(numbers, trace))
    steps[-1] = Token(steps[-1].text, "result")
    return (*steps, Token(f"→ {place}", "dim")) if reached == len(stages) else tuple(steps)


def activation_equation(
    trace: ActivationTrace, place: str, style: NumberFormat = AUTOMATIC, *, noisy: bool = False
) -> Equation:
    """Return what an activation makes of one cell."""
    numbers = numbers_of(style, noisy=noisy)
    cell = Token(signed(numbers.text(trace.cell)), "input")
    value = equals_token(numbers, trace.value, "result")
    return Equation(
        terms=(Term((Token("x = ", "dim"), cell)),),
        more="",
        sums=(Token(f"{trace.activation.title}(x) = {signed(trace.activation.formula)}", "dim"),),
        result=(value, Token(f"→ {place}", "dim")),
    )


def stamp_equation(
    cell: float, kernel: Array, term: int | None, place: str, style: NumberFormat = AUTOMATIC
) -> Equation:
    """Return the kernel times one cell of the input, which is added to the output."""
    numbers = Numbers(style)
    weights = kernel.ravel().tolist()
    formed = len(weights) if term is None else min(term + 1, len(weights))
    first, last = shown_range(len(weights), formed if term is not None else 0)
    terms = tuple(
        product_term(numbers, cell, weights[i], lit=i == term, pending=i >= formed)
        for i in range(first, last)
    )
    return Equation(
        terms=terms,
        more=how_many_more(len(weights) - (last - first)),
        sums=(Token("each product is added to an output cell", "dim"),),
        result=(Token(signed(numbers.text(cell)), "result"), Token(f"stamps {place}", "dim")),
        joint=", ",
    )


def pool_sentence(
    trace: PoolTrace,
    activation: Activation,
    place: str,
    style: NumberFormat = AUTOMATIC,
    *,
    noisy: bool = False,
) -> str:
    """Return a pooled window as plain text."""
    numbers = numbers_of(style, noisy=noisy)
    values = trace.window.ravel().tolist()
    cells = [numbers.text(cell) for cell in values[:MOST_TERMS]]
    if trace.pooling.adds:
        addends = [*map(factor, cells), *left_out_words(numbers, values)]
        divided = f" / {trace.divisor}" if trace.pooling.divides else ""
        text = f"{place}: ({' + '.join(addends)}){divided}"
    else:
        left_out = len(values) - len(cells)
        cells += [f"({left_out} more)"] * bool(left_out)
        text = f"{place}: {trace.pooling.fact} {', '.join(cells)}"
    result = pooled(numbers, trace)
    value = numbers.text(result)
    text += f" {numbers.equals} {value}"
    return text + activation_words(numbers, activation, result)


def activation_sentence(
    trace: ActivationTrace, place: str, style: NumberFormat = AUTOMATIC, *, noisy: bool = False
) -> str:
    """Return what an activation makes of one cell as plain text."""
    numbers = numbers_of(style, noisy=noisy)
    cell, value = numbers.text(trace.cell), numbers.text(trace.value)
    return f"{place}: {trace.activation.title}({cell}) {numbers.equals} {value}"


def stamp_sentence(cell: float, place: str, style: NumberFormat = AUTOMATIC) -> str:
    """Return what a cell stamps as plain text."""
    return f"{place}: {number_text(cell, style)} times the kernel is added to the output"
