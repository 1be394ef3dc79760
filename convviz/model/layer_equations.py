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
    product_term,
    shown_range,
    stages_after_sum,
)
from convviz.model.numbers import AUTOMATIC, NumberFormat, factor, number_text, signed


def pool_equation(
    trace: PoolTrace,
    activation: Activation,
    term: int | None,
    place: str,
    style: NumberFormat = AUTOMATIC,
) -> Equation:
    """Return the largest cell, or the mean, of a window as far as stage `term`."""
    numbers = Numbers(style)
    cells = trace.window.ravel().tolist()
    formed = len(cells) if term is None else min(term + 1, len(cells))
    marked = trace.largest if term is None and trace.kind == "max" else term
    first, last = shown_range(len(cells), formed if term is not None else 0)
    terms = tuple(
        Term(
            (Token(signed(numbers.text(cells[i])), "dim" if i >= formed else "input"),),
            lit=i == marked,
            pending=i >= formed,
        )
        for i in range(first, last)
    )
    so_far = float(trace.partial[formed - 1])
    word = "the largest" if trace.kind == "max" else "their sum"
    return Equation(
        terms=terms,
        more=how_many_more(len(cells) - (last - first)),
        sums=(Token(word, "dim"), equals_token(numbers, so_far)),
        result=_pool_result(numbers, trace, activation, term, place),
        joint=", " if trace.kind == "max" else " + ",
    )


def _pool_result(
    numbers: Numbers, trace: PoolTrace, activation: Activation, term: int | None, place: str
) -> Line:
    count, divided = trace.window.size, trace.kind == "avg"
    if term is not None and term + 1 < count:
        so_far = float(trace.partial[term])
        return (
            equals_token(numbers, so_far, "result"),
            Token(f"after {term + 1} of {count} cells", "dim"),
        )
    stages = stages_after_sum(1, 0.0, activation, divided=divided)
    reached = len(stages) if term is None else term - count + 1
    steps = [equals_token(numbers, float(trace.partial[-1]))]
    for stage in stages[:reached]:
        if stage == "divide":
            steps += [Token(f"/ {trace.divisor}", "dim"), equals_token(numbers, trace.value)]
        else:
            steps += activated_tokens(numbers, activation, trace.value)
    steps[-1] = Token(steps[-1].text, "result")
    return (*steps, Token(f"→ {place}", "dim")) if reached == len(stages) else tuple(steps)


def activation_equation(
    trace: ActivationTrace, place: str, style: NumberFormat = AUTOMATIC
) -> Equation:
    """Return what an activation makes of one cell."""
    numbers = Numbers(style)
    cell = Token(signed(numbers.text(trace.cell)), "input")
    value = equals_token(numbers, trace.value, "result")
    function = trace.activation.function
    return Equation(
        terms=(Term((Token("x = ", "dim"), cell)),),
        more="",
        sums=(Token(f"{function.title}(x) = {signed(function.formula)}", "dim"),),
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
    trace: PoolTrace, activation: Activation, place: str, style: NumberFormat = AUTOMATIC
) -> str:
    """Return a pooled window as plain text."""
    numbers = Numbers(style)
    cells = [numbers.text(cell) for cell in trace.window.ravel().tolist()[:MOST_TERMS]]
    left_out = trace.window.size - len(cells)
    cells += [f"({left_out} more)"] * bool(left_out)
    if trace.kind == "max":
        text = f"{place}: the largest of {', '.join(cells)}"
    else:
        text = f"{place}: ({' + '.join(map(factor, cells))}) / {trace.divisor}"
    value = numbers.text(trace.value)
    text += f" {numbers.equals} {value}"
    return text + activation_words(numbers, activation, trace.value)


def activation_sentence(trace: ActivationTrace, place: str, style: NumberFormat = AUTOMATIC) -> str:
    """Return what an activation makes of one cell as plain text."""
    numbers = Numbers(style)
    cell, value = numbers.text(trace.cell), numbers.text(trace.value)
    return f"{place}: {trace.activation.function.title}({cell}) {numbers.equals} {value}"


def stamp_sentence(cell: float, place: str, style: NumberFormat = AUTOMATIC) -> str:
    """Return what a cell stamps as plain text."""
    return f"{place}: {number_text(cell, style)} times the kernel is added to the output"
