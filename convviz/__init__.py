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
    from convviz.engine.layers import Activation, Conv, LayerError
    from convviz.engine.trace import Trace, trace

__version__ = "0.1.0"

__all__ = [
    "INPUTS",
    "KERNELS",
    "Activation",
    "Conv",
    "LayerError",
    "Trace",
    "__version__",
    "conv",
    "trace",
]

_HOMES = {
    "INPUTS": "inputs",
    "KERNELS": "kernels",
    "Activation": "layers",
    "Conv": "layers",
    "LayerError": "layers",
    "Trace": "trace",
    "conv": "convolve",
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
