"""See every multiplication of a convolution layer.

>>> import convviz
>>> convviz.conv([1, 2, 3], [4, 5, 6], padding="full", flip=True)
array([ 4., 13., 28., 27., 18.])

Everything is imported when it is first used: `import convviz` loads neither NumPy nor Qt.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from convviz.engine.convolve import conv
    from convviz.engine.gradients import Gradients, gradients
    from convviz.engine.inputs import INPUTS
    from convviz.engine.kernels import KERNELS
    from convviz.engine.layers import Activation, Conv, ConvTranspose, LayerError, Pool
    from convviz.engine.learning import learn_kernel
    from convviz.engine.network import Network
    from convviz.engine.pooling import avg_pool, max_pool
    from convviz.engine.trace import Trace, trace
    from convviz.engine.transposed import conv_transpose
    from convviz.files.weights import read_weights

__version__ = "0.1.0"

__all__ = [
    "INPUTS",
    "KERNELS",
    "Activation",
    "Conv",
    "ConvTranspose",
    "Gradients",
    "LayerError",
    "Network",
    "Pool",
    "Trace",
    "__version__",
    "avg_pool",
    "conv",
    "conv_transpose",
    "gradients",
    "learn_kernel",
    "max_pool",
    "read_weights",
    "trace",
]

_HOMES = {
    "INPUTS": "engine.inputs",
    "KERNELS": "engine.kernels",
    "Activation": "engine.layers",
    "Conv": "engine.layers",
    "ConvTranspose": "engine.layers",
    "Gradients": "engine.gradients",
    "LayerError": "engine.layers",
    "Network": "engine.network",
    "Pool": "engine.layers",
    "Trace": "engine.trace",
    "avg_pool": "engine.pooling",
    "conv": "engine.convolve",
    "conv_transpose": "engine.transposed",
    "gradients": "engine.gradients",
    "learn_kernel": "engine.learning",
    "max_pool": "engine.pooling",
    "read_weights": "files.weights",
    "trace": "engine.trace",
}

if not TYPE_CHECKING:  # which else would take every name for one of ours

    def __getattr__(name: str) -> object:
        """Import a public name from its home, once."""
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(f"convviz.{_HOMES[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """Return what there is, imported or not."""
    return sorted({*globals(), *__all__})
