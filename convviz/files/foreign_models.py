"""Files of models and sheets that convviz does not read: what they are, how one has them read.

Each way needs the file alone, not the program that wrote it; nothing is run here.
"""

import json
import re
import shlex
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from convviz.files.errors import Refusal, one_line
from convviz.files.source import Source

HEAD_BYTES = 64
LISTED = 4
MAX_INDEX_BYTES = 10 * 2**20
NOTHING = rb"(?!)"
LEGACY_TORCH = rb"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19\."
CODE_RUNS = ", which can run code when it is read"

SAVE_TENSORS = (
    "d = d.get('state_dict', d); save({k: v.contiguous().clone() for k, v in d.items() "
    "if torch.is_tensor(v)}, sys.argv[1] + '.safetensors')"
)
TORCH = (
    "import sys, torch; from safetensors.torch import save_file as save; "
    f"d = torch.load(sys.argv[1], 'cpu', weights_only=True); {SAVE_TENSORS}"
)
TORCHSCRIPT = (
    "import sys, torch; from safetensors.torch import save_file as save; "
    f"d = torch.jit.load(sys.argv[1], 'cpu').state_dict(); {SAVE_TENSORS}"
)
HDF5 = (
    "import sys, h5py, numpy, zipfile as z; f = sys.argv[1]; a = {}; "
    "h = h5py.File(z.ZipFile(f).open('model.weights.h5') if z.is_zipfile(f) else f); "
    "h.visititems(lambda n, v: a.update({n: v[()]}) if hasattr(v, 'dtype') and "
    "not n.startswith('optimizer') else None); numpy.savez(f + '.npz', **a)"
)
PADDLE = (
    "import sys, numpy, paddle; d = paddle.load(sys.argv[1]); "
    "numpy.savez(sys.argv[1] + '.npz', **{k: v.numpy() for k, v in d.items() "
    "if hasattr(v, 'numpy')})"
)
FLAX = (
    "import sys, numpy; from flax.serialization import msgpack_restore as r; "
    "from flax.traverse_util import flatten_dict as t; "
    "numpy.savez(sys.argv[1] + '.npz', **t(r(open(sys.argv[1], 'rb').read()), sep='/'))"
)


def _python(code: str) -> Callable[[str], str]:
    return lambda file: f'python -c "{code}" {shlex.quote(file)}'


def _as_xlsx(file: str) -> str:
    return f"soffice --headless --convert-to xlsx {shlex.quote(file)}"


@dataclass(frozen=True)
class ForeignModel:
    """A kind of file: what it begins with, or else its suffix, and the command that converts it."""

    name: str
    beginning: bytes  # a regular expression
    suffixes: tuple[str, ...]
    convert: Callable[[str], str]

    def refuse(self, source: Source) -> NoReturn:
        """Say what the file is, and how to make one of it that can be read; raises Refusal."""
        raise Refusal(f"it is {self.name}; convert it: {self.convert(source.file_name)}")


TORCH_FILE = ForeignModel(f"a file of torch.save{CODE_RUNS}", LEGACY_TORCH, (), _python(TORCH))
SCRIPT_FILE = ForeignModel("a TorchScript program", NOTHING, (), _python(TORCHSCRIPT))
KERAS_FILE = ForeignModel("a Keras 3 model", NOTHING, (), _python(HDF5))
PADDLE_FILE = ForeignModel(
    f"a file of paddle.save{CODE_RUNS}", NOTHING, (".pdparams",), _python(PADDLE)
)
OTHER_SHEET = ForeignModel("an OpenDocument file or a binary workbook", NOTHING, (), _as_xlsx)
MISNAMED_SHEET = ForeignModel(
    "a spreadsheet",
    NOTHING,
    (),
    lambda file: f"mv {shlex.quote(file)} {shlex.quote(str(Path(file).with_suffix('.xlsx')))}",
)
PICKLE = ForeignModel(
    f"a pickle of Python objects{CODE_RUNS}",
    rb"\x80[\x02-\x05]",
    (),
    lambda file: f"if torch wrote it, {_python(TORCH)(file)}",
)
FOREIGN_MODELS: tuple[ForeignModel, ...] = (
    TORCH_FILE,
    PADDLE_FILE,
    PICKLE,
    KERAS_FILE,
    ForeignModel("an HDF5 file, as Keras writes", rb"\x89HDF", (), _python(HDF5)),
    ForeignModel(
        "a TensorFlow Lite model",
        rb".{4}TFL3",
        (),
        lambda file: (
            "python -m pip install tf2onnx tensorflow, then python -m tf2onnx.convert --tflite "
            f"{shlex.quote(file)} --output {shlex.quote(Path(file).stem)}.onnx"
        ),
    ),
    ForeignModel(
        "a TensorFlow graph",
        NOTHING,
        (".pb",),
        lambda file: (
            "python -m pip install tf2onnx tensorflow, then python -m tf2onnx.convert "
            f"--saved-model {shlex.quote(str(Path(file).parent))} --output model.onnx"
        ),
    ),
    ForeignModel(
        "a Paddle inference model",
        NOTHING,
        (".pdmodel", ".pdiparams"),
        lambda file: (
            "python -m pip install paddle2onnx, then paddle2onnx --model_dir . --model_filename "
            f"{shlex.quote(Path(file).stem)}.pdmodel --params_filename "
            f"{shlex.quote(Path(file).stem)}.pdiparams --save_file model.onnx"
        ),
    ),
    ForeignModel(
        "an old Excel workbook, or one with a password", rb"\xd0\xcf\x11\xe0", (), _as_xlsx
    ),
    ForeignModel("a Flax checkpoint", NOTHING, (".msgpack",), _python(FLAX)),
)
BY_MEMBER: tuple[tuple[re.Pattern[str], ForeignModel], ...] = (
    (re.compile(r"(?:.*/)?constants\.pkl"), SCRIPT_FILE),
    (re.compile(r"(?:.*/)?data\.pkl"), TORCH_FILE),
    (re.compile(r"model\.weights\.h5"), KERAS_FILE),
    (re.compile(r"xl/workbook\.xml"), MISNAMED_SHEET),
    (re.compile(r"xl/workbook\.bin|content\.xml"), OTHER_SHEET),
)


def find_foreign(head: bytes, suffix: str) -> ForeignModel | None:
    """Return the kind of a model's file by how it begins, else by its suffix; None for others."""
    own = next((kind for kind in FOREIGN_MODELS if suffix.lower() in kind.suffixes), None)
    begun = next((k for k in FOREIGN_MODELS if re.match(k.beginning, head, re.DOTALL)), None)
    return own or begun if begun in (None, PICKLE) else begun


def refuse_archive(members: Iterable[str], source: Source) -> None:
    """Refuse a ZIP archive that is a model by what it holds; raises Refusal."""
    names = list(members)
    for member, kind in BY_MEMBER:
        if any(map(member.fullmatch, names)):
            kind.refuse(source)


def refuse_index(data: bytes) -> None:
    """Refuse the index of a model in several files, and name these; raises Refusal."""
    try:
        found = json.loads(data[:MAX_INDEX_BYTES])
        parts = list(dict.fromkeys(map(str, found["weight_map"].values())))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return
    more = f" and {len(parts) - LISTED} more" if len(parts) > LISTED else ""
    listed = ", ".join(map(one_line, parts[:LISTED])) + more
    raise Refusal(f"it is the index of a model, whose weights are in other files; open {listed}")
