"""Scene files: the whole document and the view of it, as JSON that people can read and write."""

import codecs
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from convviz.engine.layers import Activation, Conv, ConvTranspose, Layer, Pool
from convviz.engine.padding import Array
from convviz.files.errors import LiteralError, Refusal, one_line
from convviz.files.nested import json_kind, refuse_constant
from convviz.files.read import boundary
from convviz.files.scene_activations import activation_fields, read_activation
from convviz.files.scene_arrays import in_one_file, label_of, parts_of, put_back, taken_out
from convviz.files.scene_learning import learning_fields, read_learner, read_learning
from convviz.files.scene_values import (
    ARRAY,
    FLAG,
    SETTINGS,
    TEXT,
    Json,
    at,
    fields_of,
    inner,
    one_of,
    read_list,
    unique_fields,
)
from convviz.files.scene_views import place_fields, view_fields, viewed
from convviz.files.source import MAX_FILE_BYTES, open_regular
from convviz.model.document import Document
from convviz.model.learning import LOOKING
from convviz.model.pages import is_first, page_of
from convviz.model.session import (
    Page,
    Session,
)

FORMAT = "convviz scene"
VERSION = 1
SCENE_SUFFIX = ".convviz"
MAX_SCENE_BYTES = 64 * 2**20
MOST_IN_TEXT = 2**18  # numbers of large arrays: as many as 512 rows of 512 cells, a few MB
WITH_ARRAYS = f"{FORMAT} with arrays"
LINE = 96  # characters of a list that stands in one line

LAYER_TYPES: Mapping[str, type[Layer]] = {
    "conv": Conv,
    "conv_transpose": ConvTranspose,
    "pool": Pool,
    "activation": Activation,
}
NEEDED = {"conv": ("weight",), "conv_transpose": ("weight",), "pool": ("kind", "kernel_size")}


def is_scene(path: Path) -> bool:
    """Return whether a file is a scene, by its name."""
    return path.suffix.lower() == SCENE_SUFFIX


# Writing


def scene_bytes(session: Session) -> bytes:
    """Return the scene file of what a session shows; the same session gives the same bytes.

    It is text, and of a scene with many numbers text that its large arrays follow. The page aside
    has a file of its own, unless the scene came with both.

    Raises
    ------
    Refusal
        When it would be larger than the scene files that are read.
    """
    scene = _scene(session, both=session.shares_file)
    arrays: list[Array] = []
    beside = taken_out(scene, arrays)
    _check_size(session, arrays)
    if sum(array.size for array in arrays) <= MOST_IN_TEXT:
        return _file_text(scene)
    label = {"format": WITH_ARRAYS, "version": VERSION}
    return b"".join(in_one_file(label, _file_text(beside), tuple(arrays)))


def _file_text(scene: Json) -> bytes:
    text = f"{_text(scene, '')}\n".encode()
    if len(text) > MAX_SCENE_BYTES:
        most = MAX_SCENE_BYTES // 2**20
        raise Refusal(f"the scene would have more than {most} MiB of text; take layers out")
    return text


def _check_size(session: Session, arrays: Sequence[Array]) -> None:
    """Refuse what would be larger than the files that are read, and say what is large in it."""
    size, most = sum(array.nbytes for array in arrays), MAX_FILE_BYTES // 2**20
    if size <= MAX_FILE_BYTES:
        return
    weights = [getattr(layer, "weight", None) for layer in session.document.layers]
    sizes = [0 if weight is None else weight.nbytes for weight in weights]
    number = int(np.argmax(sizes))
    what, way = f"the weight of layer {number + 1}", "take a part of it"
    if session.document.image.nbytes > sizes[number]:
        what, way = "the image", "scale it down"
    raise Refusal(
        f"the scene would take {size / 2**20:,.0f} MiB, at most {most:,} are read; {what} is the "
        f"largest part: {way}"
    )


def scene_beside_arrays(session: Session) -> tuple[bytes, tuple[Array, ...]]:
    """Return both pages; large arrays are not in the scene but beside it: `read_beside_arrays`.

    This takes no time worth speaking of, and no more memory, however large the image is.
    """
    arrays: list[Array] = []
    scene = taken_out(_scene(session, both=True), arrays)
    return _text(scene, "").encode(), tuple(arrays)


def _scene(session: Session, *, both: bool) -> Json:
    """Return what is shown, and where `both` are wanted the page aside, if it is not the first."""
    shown = session if both else _alone(session)
    page = shown.aside
    kept = page is not None and not is_first(page.document)
    return {
        "format": FORMAT,
        "version": VERSION,
        **_document_fields(shown.document),
        "view": view_fields(shown),
        **learning_fields(shown),
        **({"aside": _page_fields(page)} if page and kept else {}),
    }


def _alone(session: Session) -> Session:
    """Return the shown page alone; a kernel is learnt from images."""
    return replace(session, aside=None, learner=session.learner if session.rank == 2 else LOOKING)


def _page_fields(page: Page) -> Json:
    return {**_document_fields(page.document), "view": place_fields(page)}


def _document_fields(document: Document) -> Json:
    return {
        "image": {"name": one_line(document.image_name), **_plain(document.image)},
        "layers": [_layer_fields(*pair) for pair in document.stack],
    }


def _layer_fields(layer: Layer, disabled: bool) -> Json:
    kind = next(name for name, made in LAYER_TYPES.items() if isinstance(layer, made))
    if isinstance(layer, Activation):
        settings = activation_fields(layer)
    else:
        settings = {setting.name: _plain(getattr(layer, setting.name)) for setting in fields(layer)}
    return {"type": kind, **settings, **({"disabled": True} if disabled else {})}


def _plain(value: object) -> Any:  # noqa: ANN401
    if isinstance(value, np.ndarray):
        return {"dtype": value.dtype.name, "values": value}
    return value


def _text(value: object, indent: str) -> str:
    """Return JSON with a line for each field and each row of numbers."""
    deeper = f"{indent}  "
    match value:
        case dict() if value:
            parts = [f"{json.dumps(name)}: {_text(part, deeper)}" for name, part in value.items()]
            return _in_lines("{", parts, "}", indent)
        case np.ndarray():
            return _list_text(value.tolist(), indent)
        case list() | tuple():
            return _list_text(value, indent)
        case float():
            return repr(float(value)).removesuffix(".0")  # all digits that matter; -0.0 is -0
        case _:
            return json.dumps(value, ensure_ascii=False)


def _list_text(value: list[Any] | tuple[Any, ...], indent: str) -> str:
    parts = [_text(part, f"{indent}  ") for part in value]
    numbers = not value or isinstance(value[0], int | float)
    short = sum(map(len, parts)) < LINE and not any("\n" in part for part in parts)
    if numbers or short:
        return f"[{', '.join(parts)}]"
    return _in_lines("[", parts, "]", indent)


def _in_lines(opening: str, parts: list[str], closing: str, indent: str) -> str:
    separator = f",\n{indent}  "
    return f"{opening}\n{indent}  {separator.join(parts)}\n{indent}{closing}"


# Reading


def read_scene(source: Path | str | bytes, name: str = "the scene") -> Session:
    """Return the session in a scene file, or in the bytes of one, which errors call `name`.

    Raises FileError, and nothing else, whatever the file holds.
    """
    if isinstance(source, bytes):
        with boundary(name):
            return _read(BytesIO(source))
    path = Path(source)
    with boundary(path), open_regular(path, MAX_FILE_BYTES + MAX_SCENE_BYTES) as stream:
        return _read(stream)


def _read(stream: BinaryIO) -> Session:
    label = label_of(stream)
    if label is None or label.get("format") != WITH_ARRAYS:
        stream.seek(0)
        return _session(stream.read(MAX_SCENE_BYTES + 1))
    _checked_version({**label, "version": float(label.get("version", 0))})
    return _session(*parts_of(stream, label))


def read_beside_arrays(data: bytes, arrays: tuple[Array, ...], name: str) -> Session:
    """Return the session of a scene whose large arrays are beside it; raises FileError."""
    with boundary(name):
        return _session(data, arrays)


def _session(data: bytes, arrays: tuple[Array, ...] = ()) -> Session:
    scene = _parsed(data)
    if arrays:
        scene = put_back(scene, arrays)
    return READERS[_checked_version(scene)](scene)


def _parsed(data: bytes) -> Json:
    if len(data) > MAX_SCENE_BYTES:
        most = MAX_SCENE_BYTES // 2**20
        raise Refusal(f"it has more than {most} MiB; scenes of at most {most} MiB are read")
    try:
        scene = json.loads(
            data.removeprefix(codecs.BOM_UTF8).decode(),
            parse_int=float,  # int would refuse a number of 5,000 digits in words of its own
            parse_constant=refuse_constant,
            object_pairs_hook=unique_fields,
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise LiteralError(f"this is not JSON: {error.msg}; correct it there", place) from None
    except UnicodeDecodeError:
        raise Refusal("it is not UTF-8 text; this is no scene, or a damaged one") from None
    except RecursionError:
        raise Refusal("its brackets are nested too deep; this is no scene") from None
    if not isinstance(scene, dict) or scene.get("format") != FORMAT:
        raise Refusal(f'it does not say "format": "{FORMAT}"; choose a scene that convviz saved')
    return scene


def _checked_version(scene: Json) -> int:
    """Return the version of a scene, one of those that can be read."""
    version = scene.get("version")
    if not isinstance(version, float) or not version.is_integer() or version < 1:
        raise LiteralError(f"it must be a whole number, such as {VERSION}", "version")
    if version > VERSION:
        raise LiteralError(
            f"the scene is of version {version:.0f}, this convviz reads up to {VERSION}; "
            "open it with a newer convviz",
            "version",
        )
    return int(version)


def _read_first(scene: Json) -> Session:
    """Read version 1."""
    known = ("format", "version", "image", "layers", "view", "learning", "aside")
    fields_of(scene, "", known, "image", "layers")
    session = viewed(Session(_document(scene)), scene.get("view", {}))
    if "aside" in scene:
        aside = _page(scene["aside"], 3 - session.rank)
        session = replace(session, aside=aside, together=True)
    return _learning(session, scene["learning"]) if "learning" in scene else session


def _learning(session: Session, value: object) -> Session:
    """Learn from the image, on whichever page that is, as `value` says."""
    learning, looking = read_learning(value), read_learner(value)
    session = replace(session, learner=looking)
    if session.rank == 1 and session.aside:
        document = replace(session.aside.document, learning=learning)
        return replace(session, aside=replace(session.aside, document=document, saved=document))
    return replace(session, document=replace(session.document, learning=learning))


def _page(value: object, rank: int) -> Page:
    """Return the page that is laid aside: of signals where the scene has images, or images."""
    page = fields_of(value, "aside", ("image", "layers", "view"), "image", "layers")
    found = viewed(Session(_document(page, "aside.")), page.get("view", {}), "aside.")
    if found.rank != rank:
        wanted = "signals, the scene shows images" if rank == 1 else "images, it shows signals"
        raise LiteralError(f"it must hold {wanted}", "aside.image")
    return replace(page_of(found), saved=found.document)


READERS: Mapping[int, Callable[[Json], Session]] = {1: _read_first}


def _document(scene: Json, within: str = "") -> Document:
    image = fields_of(scene["image"], f"{within}image", ("name", "dtype", "values"), "name")
    numbers = {name: image[name] for name in image if name != "name"}
    values = ARRAY.read(numbers, f"{within}image")
    if values.ndim not in (2, 3):
        sizes = " × ".join(map(str, values.shape))
        raise LiteralError(
            f"it has {sizes} numbers; write channels of samples, or of rows and columns",
            f"{within}image.values",
        )
    place = f"{within}layers"
    stack = [
        _layer(layer, f"{place}[{n}]") for n, layer in enumerate(read_list(scene["layers"], place))
    ]
    if not stack:
        raise LiteralError("there is no layer; write one", place)
    bare = Document(values, TEXT.read(image["name"], f"{within}image.name"), ())
    document = bare.with_stack(stack)
    if unfit := document.problem:
        ways = " or ".join(fix.label for fix in unfit.problem.fixes) or "change the layer"
        raise LiteralError(f"{unfit.problem.sentence}; {ways}", f"{place}[{unfit.index}]")
    return document


def _layer(value: object, place: str) -> tuple[Layer, bool]:
    if not isinstance(value, dict):
        raise LiteralError(f"it holds {json_kind(value)}, an object is needed", place)
    kind = one_of(LAYER_TYPES).read(value.get("type"), f"{place}.type")
    made = LAYER_TYPES[kind]
    if made is Activation:
        layer: Layer = read_activation(value, place)
    else:
        layer = _with_fields(kind, made, value, place)
    return layer, FLAG.read(value.get("disabled", False), f"{place}.disabled")


def _with_fields(kind: str, made: Callable[..., Layer], value: Json, place: str) -> Layer:
    names = [setting.name for setting in fields(LAYER_TYPES[kind])]
    given = fields_of(value, place, ("type", *names, "disabled"), *NEEDED.get(kind, ()))
    settings = {
        name: SETTINGS[name].read(given[name], inner(place, name))
        for name in names
        if name in given
    }
    with at(place):
        return made(**settings)
