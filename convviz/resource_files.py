"""The one place that knows where resources/ is: inside the wheel, or beside the package."""

from pathlib import Path

_PACKED = Path(__file__).parent / "_resources"
_CHECKOUT = Path(__file__).parent.parent / "resources"


def resource(*parts: str) -> Path:
    """Return the path of a file that the program ships."""
    root = _PACKED if _PACKED.is_dir() else _CHECKOUT
    return root.joinpath(*parts)
