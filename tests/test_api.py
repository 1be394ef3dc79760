"""What `import convviz` offers to a Python program."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import convviz

ROOT = Path(__file__).resolve().parent.parent
HEAVY = ("numpy", "scipy", "PIL", "PySide6", "pyqtgraph")
LETTER_H = convviz.INPUTS["letter-h"].image
BLUR = convviz.KERNELS["blur"].kernel


def run_python(code):
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return found.stdout.split()


@pytest.mark.parametrize("module", ["convviz", "convviz.cli", "convviz.__main__"])
def test_importing_loads_nothing_heavy(module):
    code = f"import sys, {module}; print(*sys.modules)"
    assert not {name.partition(".")[0] for name in run_python(code)}.intersection(HEAVY)


def test_the_engine_is_loaded_on_first_use_and_qt_never():
    code = "import sys, convviz; convviz.conv([1, 2], [1]); print(*sys.modules)"
    loaded = {name.partition(".")[0] for name in run_python(code)}
    assert "numpy" in loaded
    assert not loaded & {"PySide6", "pyqtgraph", "click"}


@pytest.mark.parametrize("name", convviz.__all__)
def test_every_public_name_is_there_and_documented(name):
    value = getattr(convviz, name)
    assert name in dir(convviz)
    assert name == "__version__" or value.__doc__


def test_a_name_that_is_not_public_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'convolve2d'"):
        convviz.convolve2d  # noqa: B018
    assert not hasattr(convviz, "numpy")


def test_a_public_name_can_be_imported_and_is_always_the_same():
    from convviz import Conv, conv

    assert conv is convviz.conv
    assert Conv is convviz.Conv


def test_the_lectures_feature_map_takes_one_call():
    from scipy.signal import convolve2d

    found = convviz.conv(LETTER_H, BLUR, padding="same", flip=True)
    np.testing.assert_allclose(found, convolve2d(LETTER_H, BLUR, mode="same"), atol=1e-15)


def test_a_trace_adds_up_to_the_cell_of_the_feature_map():
    settings = {"padding": "same", "flip": True}
    found = convviz.trace(LETTER_H, BLUR, 0.5, at=(7, 4), **settings)
    assert isinstance(found, convviz.Trace)
    assert found.value == pytest.approx(convviz.conv(LETTER_H, BLUR, 0.5, **settings)[7, 4])
    assert found.total == found.partial_sums.flat[-1]


def test_a_layer_that_does_not_fit_is_a_layer_error_with_the_numbers():
    with pytest.raises(convviz.LayerError, match="spans 5 cells, the padded input has 3"):
        convviz.conv(np.ones((3, 3)), np.ones((5, 5)))


def test_a_wrong_activation_names_the_right_ones():
    assert convviz.Activation("relu").function.apply(np.array([-1.0, 2.0])).tolist() == [0, 2]
    with pytest.raises(convviz.LayerError, match="leaky_relu, sigmoid"):
        convviz.Activation("rely")


def test_the_version_is_that_of_the_package():
    from importlib.metadata import PackageNotFoundError, version

    try:
        assert convviz.__version__ == version("convviz")
    except PackageNotFoundError:
        pytest.skip("convviz is not installed")
