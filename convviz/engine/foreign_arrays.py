"""Numbers that other libraries hold, as NumPy arrays; none of these libraries is imported.

Whoever has a tensor of torch has imported torch, so `sys.modules` has it. All others hand over
their numbers by `__array__` or DLPack.
"""

import sys
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from convviz.engine.problems import LayerError

LONGEST_CAUSE = 120


def as_numpy(values: ArrayLike) -> NDArray[Any]:
    """Return what holds numbers as a NumPy array, without a copy where that can be.

    Tensors of torch come from their device, without their history; numbers that NumPy has no type
    for, such as bfloat16, as wider ones.

    Raises
    ------
    LayerError
        When it holds no numbers, or its library does not hand them out.

    Examples
    --------
    >>> as_numpy([1, 2]).dtype.kind
    'i'
    """
    if type(values) is np.ndarray:
        return _widened(values)
    if isinstance(values, np.ndarray):
        return _widened(_unmasked(values))
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(values, torch.Tensor):
        return _from_torch(torch, values)
    if isinstance(values, (list, tuple)) and any(map(_is_foreign, values)):
        return _from_numpy([as_numpy(part) for part in values])
    return _widened(_from_numpy(values))


def holds_axes(values: object) -> bool:
    """Return whether it is an array or tensor of any library, with one axis or more.

    >>> holds_axes(np.ones(2)), holds_axes(np.float64(1)), holds_axes([1, 2])
    (True, False, False)
    """
    return len(getattr(values, "shape", ())) > 0


def _is_foreign(part: object) -> bool:
    return not isinstance(part, (np.ndarray, np.generic, int, float)) and hasattr(part, "shape")


def _from_torch(torch: Any, tensor: Any) -> NDArray[Any]:  # noqa: ANN401
    if tensor.is_meta:
        raise LayerError("the tensor is on torch's meta device, which holds no numbers")
    try:
        return _plain(torch, tensor)
    except (TypeError, ValueError, RuntimeError) as error:
        raise _kept_back(tensor, error) from None


def _plain(torch: Any, tensor: Any) -> NDArray[Any]:  # noqa: ANN401
    plain = tensor.detach()
    plain = plain.dequantize() if plain.is_quantized else plain
    plain = plain if plain.layout == torch.strided else plain.to_dense()
    plain = plain.cpu().resolve_conj().resolve_neg()
    known = (torch.float16, torch.float32, torch.float64)
    if plain.is_floating_point() and plain.dtype not in known:
        plain = plain.double()
    numbers: NDArray[Any] = plain.numpy()
    return numbers


def _from_numpy(values: Any) -> NDArray[Any]:  # noqa: ANN401
    try:
        array = np.asarray(values)
        by_dlpack = array.dtype == object and hasattr(values, "__dlpack__")
        return np.from_dlpack(values) if by_dlpack else array
    except (TypeError, ValueError, RuntimeError, BufferError) as error:
        if isinstance(error, ValueError) and isinstance(values, (list, tuple)):
            ragged = "the numbers form no grid: some rows are longer than others"
            raise LayerError(ragged) from None
        raise _kept_back(values, error) from None


def _kept_back(values: object, error: Exception) -> LayerError:
    cause = (str(error).splitlines() or [""])[0][:LONGEST_CAUSE].rstrip(". ")
    return LayerError(
        f"this {type(values).__name__} does not hand out its numbers ({cause}): "
        "copy them into a NumPy array"
    )


def _unmasked(array: NDArray[Any]) -> NDArray[Any]:
    if np.ma.is_masked(array):
        raise LayerError("some numbers are masked: fill them, as in array.filled(0)")
    return np.asarray(array)


def _widened(array: NDArray[Any]) -> NDArray[Any]:
    """Return numbers of a type that only another library knows, such as bfloat16, as float64."""
    if array.dtype.kind != "V" or array.dtype.names or not np.can_cast(array.dtype, np.float64):
        return array
    return array.astype(np.float64)
