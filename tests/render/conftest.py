"""Goldens: pictures that were looked at once, and that later pictures must equal."""

from pathlib import Path

import pytest
from looks import keep, pixels, unlike
from PySide6.QtGui import QImage

collect_ignore = ["conftest.py"]  # doctests want one module of a name, and this is the third
GOLDENS = Path(__file__).parent.parent / "goldens"


def pytest_addoption(parser):
    parser.addoption(
        "--update-goldens", action="store_true", help="take the pictures of today as right"
    )


@pytest.fixture(autouse=True)
def application(qapp):
    """Painting text needs an application; one with widgets serves the tests of the window too."""
    return qapp


@pytest.fixture
def golden(request, tmp_path):
    """Return the check that a picture is the golden of that name."""
    update = request.config.getoption("--update-goldens", default=False)

    def check(image, name):
        path = GOLDENS / f"{name}.png"
        if update:
            GOLDENS.mkdir(exist_ok=True)
            assert image.save(str(path))
            return
        assert path.exists(), f"{path} is missing: run pytest tests/render --update-goldens"
        actual, expected = pixels(image), pixels(QImage(str(path)))
        if difference := unlike(actual, expected):
            kept = keep(tmp_path, name, actual, expected)
            pytest.fail(f"{name}: {difference}. Actual, expected and difference are in {kept}")

    return check
