"""What a kernel's weights tell: their sum, whether they separate, whether flipping matters."""

import numpy as np

from convviz.engine.kernel_tools import kernel_rank, separated
from convviz.engine.padding import Array
from convviz.model.numbers import AUTOMATIC, NOISE, NumberFormat, equals_text, number_text, signed

LONGEST_FACTOR = 7  # weights of a vector that is written out


def kernel_facts(kernel: Array, style: NumberFormat = AUTOMATIC) -> tuple[str, ...]:
    """Return the sum of the weights of a kernel (rows, columns), and what follows from them.

    >>> kernel_facts(np.array([[1.0, -1.0]]))
    ('Σ weights = 0', 'flat areas vanish')
    """
    total, noise = float(kernel.sum()), NOISE * float(np.abs(kernel).sum())
    flat = abs(total) <= noise
    facts = [f"Σ weights {equals_text(0.0 if flat else total, style)}"]
    if flat:
        facts.append("flat areas vanish")
    elif abs(total - 1) <= noise:
        facts.append("flat areas stay")
    else:
        facts.append(f"flat areas × {signed(number_text(total, style))}")
    return (*facts, *separable_facts(kernel, style))


def separable_facts(kernel: Array, style: NumberFormat = AUTOMATIC) -> tuple[str, ...]:
    """Return the rank of a kernel; of rank 1, what that saves and the vectors it is made of.

    >>> separable_facts(np.ones((3, 3)))
    ('rank 1: 6 of 9 products', '[1 1 1]ᵀ · [1 1 1]')
    """
    if min(kernel.shape) < 2 or not kernel.any():
        return ()
    factors = separated(kernel)
    if factors is None:
        return (f"rank {kernel_rank(kernel)}: inseparable",)
    apart, whole = sum(kernel.shape), kernel.size
    saved = f": {apart} of {whole} products" if apart < whole else ": separable"
    if max(kernel.shape) > LONGEST_FACTOR:
        return (f"rank 1{saved}",)
    column, row = (_vector(factor, style) for factor in factors)
    return (f"rank 1{saved}", f"{column}ᵀ · {row}")


def _vector(values: Array, style: NumberFormat) -> str:
    return f"[{' '.join(signed(number_text(float(value), style)) for value in values)}]"


def symmetry_facts(kernel: Array) -> tuple[str, ...]:
    """Return that flipping a kernel changes nothing, if that is so.

    >>> symmetry_facts(np.ones((3, 3)))
    ('symmetric: a flip is the same',)
    """
    same = kernel.size > 1 and np.array_equal(kernel, np.flip(kernel))
    return ("symmetric: a flip is the same",) if same else ()
