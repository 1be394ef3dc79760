"""What the second opinion on a map says: the same but for rounding, or by how much it differs."""

from math import isinf

from convviz.engine.verify import LIBRARIES, Verdict


def short_verdict(verdict: Verdict) -> str:
    """Return the verdict in a few words with its mark.

    >>> short_verdict(Verdict("scipy", 4.44e-16, 256)), short_verdict(Verdict("scipy", 0.0, 256))
    ('✓ SciPy: largest difference 4e-16', '✓ SciPy: the same')
    """
    title = LIBRARIES[verdict.library].title
    if not verdict.agrees:
        by = "in shape" if _in_shape(verdict) else f"by {_rounded(verdict.difference)}"
        return f"✗ {title} differs {by}"
    if verdict.difference == 0:
        return f"✓ {title}: the same"
    return f"✓ {title}: largest difference {_rounded(verdict.difference)}"


def _in_shape(verdict: Verdict) -> bool:
    return isinf(verdict.difference) and verdict.wrong == verdict.cells


def full_verdict(verdict: Verdict) -> str:
    """Return the verdict with how many cells were compared, or are wrong.

    >>> full_verdict(Verdict("scipy", 2e-9, 256, wrong=3))
    '✗ SciPy differs by 2e-9 (3 of 256 cells)'
    """
    cells = f"{verdict.cells:,} {'cell' if verdict.cells == 1 else 'cells'}"
    if not verdict.agrees:
        return f"{short_verdict(verdict)} ({verdict.wrong:,} of {cells})"
    rounding = "" if verdict.difference == 0 else ", each within the rounding of its own sum"
    return f"{short_verdict(verdict)} ({cells}{rounding})"


def _rounded(value: float) -> str:
    """Return a difference with one digit, as one compares such numbers.

    >>> _rounded(4.44e-16), _rounded(0.5)
    ('4e-16', '0.5')
    """
    return f"{value:.1g}".replace("e-0", "e-")


def report(asked: tuple[str, ...], verdicts: tuple[Verdict, ...]) -> str:
    """Return a line for each library that was asked."""
    found = {verdict.library: full_verdict(verdict) for verdict in verdicts}
    return "\n".join(
        found.get(name, f"{LIBRARIES[name].title} does not compute such a layer") for name in asked
    )
