"""Arrays of other libraries as those of NumPy, without importing these libraries."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from convviz.engine.problems import LayerError


def as_numpy(values: ArrayLike) -> NDArray[Any]:
    """Return `values` as an array of NumPy; a tensor of torch need not be detached, nor on the CPU.

    Raises
    ------
    LayerError
        When they are no grid, or hold no numbers.

    Examples
    --------
    >>> as_numpy([[1, 2]]).shape
    (1, 2)
    """
    try:
        return np.asarray(_from_torch(values) if hasattr(values, "detach") else values)
    except ValueError:
        raise LayerError("the numbers form no grid: some rows are longer than others") from None
    except (RuntimeError, TypeError, NotImplementedError) as error:
        reason = str(error).splitlines()[0]
        raise LayerError(f"the numbers cannot be had from {_kind(values)}: {reason}") from None


def _from_torch(tensor: Any) -> Any:  # noqa: ANN401  # torch is not imported
    """Return numbers that NumPy has a type for: bfloat16 and the like become float32."""
    tensor = tensor.detach()
    if tensor.is_quantized:
        tensor = tensor.dequantize()
    if str(tensor.layout) != "torch.strided":
        tensor = tensor.to_dense()
    if tensor.is_floating_point() and tensor.element_size() < np.dtype(np.float32).itemsize:
        tensor = tensor.float()
    return tensor.cpu().resolve_conj().resolve_neg().numpy()


def _kind(values: object) -> str:
    return f"a {type(values).__module__}.{type(values).__name__}"
