"""How records look in a Python session: in one line, arrays as their type and shape."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from convviz.engine.geometry import PerAxis

LONGEST_TEXT = 40


def record_repr(record: Any) -> str:  # noqa: ANN401
    """Return a record with its fields, arrays as JAX writes their types.

    Examples
    --------
    >>> from convviz.engine.gradients import Gradients
    >>> print(record_repr(Gradients(np.ones((1, 5, 5)))))
    Gradients(image=float64[1,5,5], weight=None, bias=None)
    """
    assert is_dataclass(record)
    shown = (f"{part.name}={_short(getattr(record, part.name))}" for part in fields(record))
    return f"{type(record).__name__}({', '.join(shown)})"


def _short(value: object) -> str:
    match value:
        case np.ndarray():
            return f"{value.dtype}[{','.join(map(str, value.shape))}]"
        case str() if len(value) > LONGEST_TEXT:
            return repr(f"{value[: LONGEST_TEXT - 3]}...")
        case tuple() if any(isinstance(part, np.ndarray) for part in value):
            return f"({', '.join(map(_short, value))}{',' * (len(value) == 1)})"
        case Mapping():
            return f"{{{', '.join(f'{key!r}: {_short(part)}' for key, part in value.items())}}}"
        case _:
            return repr(value)


def layer_repr(layer: Any, begins: str, plain: Mapping[str, object]) -> str:  # noqa: ANN401
    """Return a layer with those settings that are not as in `plain`.

    Examples
    --------
    >>> from convviz.engine.conv_layer import Conv
    >>> Conv(np.ones((64, 3, 7, 7)), stride=2, padding=3)
    Conv(3 -> 64, 7x7, stride 2, padding 3)
    """
    values = {name: getattr(layer, name) for name in plain}
    settings = [
        _said(name, value)
        for name, value in values.items()
        if _setting(value) != _setting(plain[name])
    ]
    return f"{type(layer).__name__}({', '.join((begins, *settings))})"


def _said(name: str, value: object) -> str:
    match value:
        case True | np.ndarray():
            return name
        case False:
            return f"no {name}"
        case _:
            return f"{name} {_setting(value)}"


def kernel_text(size: PerAxis) -> str:
    """Return the cells of a kernel per axis.

    >>> kernel_text((7, 7))
    '7x7'
    """
    return "x".join(map(str, size))


def _setting(value: object) -> str:
    """Return a setting, once where it is the same on each axis and side."""
    while isinstance(value, tuple) and len(set(value)) == 1:
        value = value[0]
    return str(value)
