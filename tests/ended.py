"""How a command ended."""

from typing import NamedTuple


class Ended(NamedTuple):
    """Exit code, standard output, standard error."""

    code: int
    out: str
    err: str
