"""See every multiplication of a convolution layer.

>>> import convviz
>>> convviz.conv([1, 2, 3], [4, 5, 6], padding="full", flip=True)
array([ 4., 13., 28., 27., 18.])

Everything is imported when it is first used: `import convviz` loads neither NumPy nor Qt.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from convviz.engine.convolve import conv
    from convviz.engine.inputs import INPUTS
    from convviz.engine.kernels import KERNELS
    from convviz.engine.layers import Activation, Conv, ConvTranspose, LayerError, Pool
    from convviz.engine.network import Network
    from convviz.engine.pooling import avg_pool, max_pool
    from convviz.engine.trace import Trace, trace
    from convviz.engine.transposed import conv_transpose

__version__ = "0.1.0"

__all__ = [
    "INPUTS",
    "KERNELS",
    "Activation",
    "Conv",
    "ConvTranspose",
    "LayerError",
    "Network",
    "Pool",
    "Trace",
    "__version__",
    "avg_pool",
    "conv",
    "conv_transpose",
    "max_pool",
    "trace",
]

_HOMES = {
    "INPUTS": "inputs",
    "KERNELS": "kernels",
    "Activation": "layers",
    "Conv": "layers",
    "ConvTranspose": "layers",
    "LayerError": "layers",
    "Network": "network",
    "Pool": "layers",
    "Trace": "trace",
    "avg_pool": "pooling",
    "conv": "convolve",
    "conv_transpose": "transposed",
    "max_pool": "pooling",
    "trace": "trace",
}

if not TYPE_CHECKING:  # which else would take every name for one of ours

    def __getattr__(name: str) -> object:
        """Import a public name from the engine, once."""
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(f"convviz.engine.{_HOMES[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """Return what there is, imported or not."""
    return sorted({*globals(), *__all__})
