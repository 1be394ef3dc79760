"""How a kernel is learnt, in a scene file: settings, and where one looks; left out where usual."""

from collections.abc import Mapping
from dataclasses import fields

import numpy as np

from convviz.engine.descent import OPTIMIZERS
from convviz.engine.kernels import KERNELS
from convviz.engine.losses import LOSSES
from convviz.engine.padding import Array
from convviz.files.errors import LiteralError
from convviz.files.scene_activations import SPEC
from convviz.files.scene_values import (
    ARRAY,
    ARRAY_OR_NONE,
    FLAG,
    NUMBER,
    WHOLE,
    WHOLE_OR_NONE,
    WHOLES,
    Json,
    Value,
    at,
    fields_of,
    one_of,
    read_list,
    read_number,
)
from convviz.files.scene_values import SETTINGS as LAYER_SETTINGS
from convviz.model.learning import (
    FIRSTS,
    GEOMETRY,
    LEARNING,
    LOOKING,
    MOST_IMAGES,
    MOST_STEPS,
    OWN,
    Learner,
    Learning,
)
from convviz.model.session import Session

PLACE = "learning"
_NONE: Json = {"type": "null"}


def _plane(value: object, place: str) -> Array | None:
    array: Array | None = ARRAY_OR_NONE.read(value, place)
    if array is not None and array.ndim != 2:
        raise LiteralError("write rows of numbers", place)
    return array


def _planes(value: object, place: str) -> tuple[Array, ...]:
    found = [_plane(entry, f"{place}[{n}]") for n, entry in enumerate(read_list(value, place))]
    if any(plane is None for plane in found):
        raise LiteralError("write images, not null", place)
    return tuple(plane for plane in found if plane is not None)


def _betas(value: object, place: str) -> tuple[float, float]:
    numbers = [read_number(n, place) for n in read_list(value, place)]
    if len(numbers) != 2:
        raise LiteralError("write two numbers", place)
    return numbers[0], numbers[1]


def _pair(value: object, place: str) -> tuple[int, int]:
    numbers = WHOLES.read(value, place)
    if not isinstance(numbers, tuple) or len(numbers) != 2:
        raise LiteralError("write two numbers, rows and columns", place)
    return numbers[0], numbers[1]


def _or_none(kind: Value) -> Value:
    return Value(
        lambda value, place: None if value is None else kind.read(value, place),
        {"anyOf": [_NONE, kind.schema]},
    )


PLANE = Value(_plane, {"anyOf": [_NONE, ARRAY.schema]})
PAIR = Value(_pair, {"type": "array", "items": WHOLE.schema, "minItems": 2, "maxItems": 2})
PLANES = Value(_planes, {"type": "array", "items": ARRAY.schema, "maxItems": MOST_IMAGES - 1})
BETAS = Value(_betas, {"type": "array", "items": NUMBER.schema, "minItems": 2, "maxItems": 2})
HIDDEN = (*(name for name, preset in KERNELS.items() if preset.kernel.ndim == 2), OWN)
SETTINGS: Mapping[str, Value] = {
    "hidden": one_of(HIDDEN),
    "kernel": PLANE,
    "target": PLANE,
    "more": PLANES,
    "kernel_size": PAIR,
    "initial": one_of(FIRSTS),
    "first": PLANE,
    "bias": FLAG,
    "activation": SPEC,
    "loss": one_of(LOSSES),
    "optimizer": one_of(OPTIMIZERS),
    "lr": _or_none(NUMBER),
    "momentum": NUMBER,
    "betas": BETAS,
    "eps": NUMBER,
    "weight_decay": NUMBER,
    "noise": NUMBER,
    "seed": WHOLE,
    "steps": Value(WHOLE.read, {"type": "integer", "minimum": 0, "maximum": MOST_STEPS}),
    **{name: LAYER_SETTINGS[name] for name in GEOMETRY},
}
LOOKED: Mapping[str, Value] = {
    "step": WHOLE,
    "term": WHOLE_OR_NONE,
    "weight": _or_none(PAIR),
    "revealed": FLAG,
    "log": FLAG,
    "image": WHOLE,
}
LEARNT: Mapping[str, Value] = {**SETTINGS, **LOOKED}


def learning_fields(session: Session) -> Json:
    """Return what differs from what is usual, as a field of a scene; nothing where nothing does.

    It belongs to the image, be it on the page that is shown or on the one aside.
    """
    page = session.aside if session.rank == 1 and session.aside else session
    parts = ((page.document.learning, LEARNING), (session.learner, LOOKING))
    found = {
        setting.name: _plain(getattr(part, setting.name))
        for part, usual in parts
        for setting in fields(part)
        if _differs(getattr(part, setting.name), getattr(usual, setting.name))
    }
    return {PLACE: found} if found else {}


def _differs(value: object, usual: object) -> bool:
    return isinstance(value, np.ndarray) or value != usual


def _plain(value: object) -> object:
    if isinstance(value, np.ndarray):
        return {"dtype": value.dtype.name, "values": value}
    return list(map(_plain, value)) if isinstance(value, tuple) else value


def read_learning(value: object) -> Learning:
    """Return how a kernel is learnt."""
    found = _read(value, SETTINGS)
    with at(PLACE):
        return Learning(**found)


def read_learner(value: object) -> Learner:
    """Return at which update one looks, and how."""
    return Learner(**_read(value, LOOKED))


def _read(value: object, kinds: Mapping[str, Value]) -> Json:
    given = fields_of(value, PLACE, tuple(LEARNT))
    return {
        name: kind.read(given[name], f"{PLACE}.{name}")
        for name, kind in kinds.items()
        if name in given
    }
