"""The sum behind one output value of a signal, with its symbols and indices."""

from dataclasses import dataclass

from convviz.model.equation import Line, Role, Term, Token
from convviz.model.numbers import number_text

DIGITS = str.maketrans("0123456789-+nij", "₀₁₂₃₄₅₆₇₈₉₋₊ₙᵢⱼ")
SIGNS = {True: "∗", False: "⋆"}  # flipped, or not
MOST_NAMED = 24
MOST_BLENDED = 2  # samples that are named in the padding: more are called "pad"


def subscript(text: object) -> str:
    """Return `text` as an index.

    >>> subscript("n-2j"), subscript(-12)
    ('ₙ₋₂ⱼ', '₋₁₂')
    """
    return str(text).translate(DIGITS)


@dataclass(frozen=True)
class Tap:
    """One product of the sum, by the indices of its factors, which begin with 0.

    `sources` are the samples of the signal that the one at `position` is made of, each with its
    weight: itself, or those that padding copies or blends; none where the padding has a number of
    its own. `spread` says that zeros lie between the samples, so that a position is no index.
    """

    position: int
    sources: tuple[tuple[int, float], ...]
    weight: int
    lit: bool = False
    pending: bool = False
    spread: bool = False

    def term(self, first: int, value: float) -> Term:
        """Return the product by names; one that falls outside of the signal is dim."""
        outside = not self.sources
        name = f"a{subscript(self.position + first)}" if outside else self._made(first)
        if outside and value:
            name = "pad"
        elif outside and self.spread:
            name = "0"
        tokens = (
            Token(name, "dim" if outside or self.pending else "input"),
            Token("·", "dim"),
            Token(f"b{subscript(self.weight + first)}", _weight_role(self, outside)),
        )
        return Term(tokens, lit=self.lit, pending=self.pending)

    def _made(self, first: int) -> str:
        """Return the sample that stands here, or the blend of some."""
        if len(self.sources) > MOST_BLENDED:
            return "pad"
        parts = [
            f"{'' if weight == 1 else number_text(weight)}a{subscript(source + first)}"
            for source, weight in self.sources
        ]
        return parts[0] if len(parts) == 1 else f"({' + '.join(parts)})"


def _weight_role(tap: Tap, outside: bool) -> Role:
    return "dim" if outside or tap.pending else "kernel"


def operation(*, flip: bool) -> str:
    """Return what becomes of a and b.

    >>> operation(flip=True), operation(flip=False)
    ('a ∗ b', 'a ⋆ b')
    """
    return f"a {SIGNS[flip]} b"


def symbols(*, flip: bool, dilation: int, stride: int) -> Line:
    """Return the formula of the operation.

    >>> "".join(token.text for token in symbols(flip=True, dilation=1, stride=1))
    '(a ∗ b)ₙ = Σ aᵢ · bₙ₋ᵢ'
    >>> "".join(token.text for token in symbols(flip=False, dilation=2, stride=1))
    '(a ⋆ b)ₙ = Σ aₙ₊₂ⱼ · bⱼ'
    """
    sign = "-" if flip else "+"
    if flip and dilation == 1:
        left, right = "i", "n-i"
    else:
        left, right = f"n{sign}{dilation if dilation > 1 else ''}j", "j"
    steps = f"   every {_ordinal(stride)} n" if stride > 1 else ""
    return (
        Token(f"({operation(flip=flip)}){subscript('n')} = Σ ", "dim"),
        Token(f"a{subscript(left)}", "input"),
        Token(" · ", "dim"),
        Token(f"b{subscript(right)}", "kernel"),
        Token(steps, "dim"),
    )


def spread_symbols(first: Tap, number: int, begin: int, *, stride: int, dilation: int) -> Line:
    """Return the formula of a transposed convolution whose samples lie `stride` apart.

    `first` is a product whose sample is one of the signal, `number` that of the output value;
    indices begin with `begin`.

    >>> tap = Tap(2, ((1, 1.0),), 2)
    >>> "".join(token.text for token in spread_symbols(tap, 6, 1, stride=2, dilation=1))
    '(a ∗ b)ₙ = Σ aᵢ · bⱼ   n = 2i + j − 1'
    """
    rest = number - stride * (first.sources[0][0] + begin) - dilation * (first.weight + begin)
    sign = {-1: f" − {-rest}", 0: "", 1: f" + {rest}"}[(rest > 0) - (rest < 0)]
    sum_of = f"{stride}i + {dilation if dilation > 1 else ''}j{sign}"
    return (
        Token(f"({operation(flip=True)}){subscript('n')} = Σ ", "dim"),
        Token(f"a{subscript('i')}", "input"),
        Token(" · ", "dim"),
        Token(f"b{subscript('j')}", "kernel"),
        Token(f"   n = {sum_of}", "dim"),
    )


def _ordinal(number: int) -> str:
    return {2: "2nd", 3: "3rd"}.get(number, f"{number}th")
