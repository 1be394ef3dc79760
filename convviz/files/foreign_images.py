"""Pictures that convviz does not read: what they are, and a command that makes TIFF of them.

Each needs the file and Python alone; nothing is run here.
"""

import re
import shlex
from collections.abc import Callable

from convviz.files.foreign_models import ForeignModel

SAVE = "from PIL import Image; f = sys.argv[1]; Image.open(f).save(f + '.tif')"


def _by_pillow(package: str = "", plugin: str = "") -> Callable[[str], str]:
    install = f"python -m pip install {package}, then " if package else ""
    imports = f"import sys, {plugin}" if plugin else "import sys"
    return lambda file: f'{install}python -c "{imports}; {SAVE}" {shlex.quote(file)}'


def _by_heif(file: str) -> str:
    code = f"import sys, pillow_heif; pillow_heif.register_heif_opener(); {SAVE}"
    return f'python -m pip install pillow-heif, then python -c "{code}" {shlex.quote(file)}'


# What begins as AVIF does and is none of the kinds of read.py is HEIF.
FOREIGN_IMAGES: tuple[ForeignModel, ...] = (
    ForeignModel(
        "a HEIC picture, as phones take",
        rb".{4}ftyp(?:he[iv][cmsx]|m[is]f1)",
        (".heic", ".heif", ".hif"),
        _by_heif,
    ),
    ForeignModel(
        "a JPEG XL picture",
        rb"\xff\x0a|\0\0\0\x0cJXL ",
        (".jxl",),
        _by_pillow("pillow-jxl-plugin", "pillow_jxl"),
    ),
    ForeignModel(
        "a JPEG 2000 picture",
        rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51",
        (".jp2", ".j2k", ".jpx"),
        _by_pillow(),
    ),
    ForeignModel("a Photoshop document", rb"8BPS", (".psd",), _by_pillow()),
    ForeignModel("a QOI picture", rb"qoif", (".qoi",), _by_pillow()),
    ForeignModel("a Windows icon", rb"\0\0[\1\2]\0", (".ico", ".cur"), _by_pillow()),
    ForeignModel("a Targa picture", rb"(?!)", (".tga",), _by_pillow()),
)


def find_foreign_image(head: bytes, suffix: str) -> ForeignModel | None:
    """Return the kind of a picture by how it begins, else by its suffix; None for others."""
    for kind in FOREIGN_IMAGES:
        if re.match(kind.beginning, head, re.DOTALL):
            return kind
    return next((kind for kind in FOREIGN_IMAGES if suffix.lower() in kind.suffixes), None)
