"""What a person typed to `convviz learn`, as a task; how it ended, as text and as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from math import prod
from typing import Any

import numpy as np

from convviz.cli.assembly import assembled
from convviz.cli.description import json_text
from convviz.cli.failures import DataFailure
from convviz.cli.learn_parameters import LearnParameters
from convviz.cli.operands import Operand, read_input, read_kernel
from convviz.cli.specs import LayerSpec, SettingError, checked_settings, option_name
from convviz.cli.streams import note
from convviz.engine.descent import Descent
from convviz.engine.geometry import counted
from convviz.engine.kernels import KERNELS
from convviz.engine.layers import Conv, LayerError
from convviz.engine.learn_settings import FIRST_KERNELS
from convviz.engine.learn_task import LearnState, LearnTask, conclusion
from convviz.engine.learning import check_kernel_size
from convviz.engine.padding import Array
from convviz.engine.problems import times
from convviz.model.document import Document
from convviz.model.learn_run import task_of
from convviz.model.learning import GEOMETRY, OWN, Learning

PLAIN = (  # options that are fields of Learning as they are
    *("bias", "seed", "steps", "activation", "loss", "noise"),
    *(field.name for field in fields(Descent)),
)
DIGITS = 6  # of weights, for people
SIDE = 3  # of a kernel, where nothing is said


@dataclass(frozen=True, eq=False)
class Told:
    """A task with what its image and its hidden kernel are called; `hidden` is None with a map.

    `is_bare` says that the image had no axis for channels.
    """

    source: Operand
    is_bare: bool
    target: str
    document: Document
    task: LearnTask
    hidden: Array | None

    @cached_property
    def told(self) -> tuple[LearnState, ...]:
        """The states that are printed: 0, 1, 2, 5, 10, 20, ... and the last."""
        kept: list[LearnState] = []
        for state in self.task.states():
            if kept and kept[-1].step and not _is_round(kept[-1].step):
                kept.pop()
            kept.append(state)
        return tuple(kept)

    @property
    def last(self) -> LearnState:
        """How it ended."""
        return self.told[-1]


def _is_round(step: int) -> bool:
    """Return whether a number begins with 1, 2 or 5, and zeros follow.

    >>> [step for step in range(60) if _is_round(step)]
    [1, 2, 5, 10, 20, 50]
    """
    return str(step).rstrip("0") in ("1", "2", "5")


def read_learning(given: LearnParameters) -> Told:
    """Return what is to be learnt.

    Raises
    ------
    click.UsageError, DataFailure, FileError
        When something cannot be read, or does not belong together.
    """
    source = read_input(given["source"])
    settings = _geometry(given)
    spec = LayerSpec("conv", _kernel_text(given, source), settings=settings, by_options=True)
    document, _, bare = assembled(
        source, [spec], channels=given["channels"], max_side=given["max_side"]
    )
    (layer,) = document.layers
    if not isinstance(layer, Conv):
        raise DataFailure("only the kernel of a convolution is learnt, not of a transposed one")
    if layer.bias is not None:
        note(f"{given['target_kernel']}: its bias is left out of the target")
    hidden = None if given["target_kernel"] is None else layer.weight
    try:
        chosen = replace(document, learning=_learning(given, layer, hidden))
        task = task_of(chosen.learning, [document.image])
    except LayerError as error:
        raise DataFailure(str(error)) from None
    return Told(source, bare, given["target_kernel"] or "the target", chosen, task, hidden)


def check_drawn(learning: Told) -> None:
    """Refuse to draw what the workspace of learning does not show.

    Raises
    ------
    DataFailure
        When there are several channels, or signals.
    """
    layer = learning.task.layer
    if layer.rank != 2 or layer.weight.shape[:2] != (1, 1):
        raise DataFailure(
            "frames show one channel of rows and columns: leave -o out, or give --channels grey "
            'or a signal as one row, "[[1,2,3]]"'
        )


def _learning(given: LearnParameters, layer: Conv, hidden: Array | None) -> Learning:
    words: dict[str, Any] = {name: getattr(layer, name) for name in GEOMETRY}
    words |= {name: value for name, value in given.items() if name in PLAIN and value is not None}
    if hidden is None:
        words["target"] = _target(given, layer.rank)
    else:
        preset = given["target_kernel"]
        words |= {"hidden": preset} if preset in KERNELS else {"hidden": OWN, "kernel": hidden}
    initial = given["initial"]
    if initial is not None and initial not in FIRST_KERNELS:
        words["first"] = _own_first(initial, layer.rank)
        initial = OWN
    return Learning(**words, initial=initial or Learning.initial, kernel_size=layer.kernel_size)


def _geometry(given: LearnParameters) -> Mapping[str, Any]:
    settings = {name: value for name, value in given.items() if name in GEOMETRY}
    settings = {name: value for name, value in settings.items() if value is not None}
    try:
        return checked_settings("conv", settings, by_options=True)
    except SettingError as error:
        raise DataFailure(f"{option_name(error.setting)}: {error.reason}") from None


def _kernel_text(given: LearnParameters, source: Operand) -> str:
    """Return the hidden kernel, or zeros of the size of the one that is looked for."""
    if given["target_kernel"] is not None:
        return given["target_kernel"]
    size = given["kernel_size"] or SIDE
    if not isinstance(size, tuple):
        size = (size,) if source.may_be_signal else (size, size)
    try:
        check_kernel_size(size)
    except LayerError as error:
        raise DataFailure(f"--kernel-size: {error}") from None
    return ";".join([",".join("0" * size[-1])] * prod(size[:-1]))


def _target(given: LearnParameters, rank: int) -> Array:
    assert given["target"] is not None
    target = read_input(given["target"])
    return target.array.ravel() if rank == 1 and target.may_be_signal else target.array


def _own_first(text: str, rank: int) -> Array:
    kernel = read_kernel(text)
    return kernel.array.ravel() if rank == 1 and kernel.may_be_signal else kernel.array


def learn_text(learning: Told) -> str:
    """Return the run as a person reads it."""
    task, last = learning.task, learning.last
    rows = [f"{'step':>8}  {'loss':<10}"]
    rows += [f"{state.step:>8}  {state.loss:<10.3g}" for state in learning.told]
    kernels = [("learnt", last.kernel)]
    if learning.hidden is not None:
        kernels.append((learning.target, learning.hidden))
    parts = [
        "\n".join(_opening(learning, task)),
        "\n".join(row.rstrip() for row in rows),
        _side_by_side(kernels),
    ]
    if last.bias is not None:
        parts.append(f"bias {_numbers(last.bias)}")
    end = conclusion(last, learning.hidden)
    return "\n\n".join([*parts, f"{end[0].upper()}{end[1:]}."])


def _opening(learning: Told, task: LearnTask) -> list[str]:
    bound = "" if task.bound is None else f", stable up to {task.bound:.3g}"
    behind = "the target" if learning.hidden is None else f"what {learning.target} makes of it"
    known = f"{counted(task.columns.shape[1], 'window')}: {task.determined.sentence}"
    way = f"{task.descent.rule.title} on the {task.loss.title.lower()}"
    size = times(task.layer.kernel_size)
    return [
        f"{learning.source.title}: learn the kernel, {size}, behind {behind}",
        f"{way}, learning rate {task.learning_rate:g}{bound}",
        known,
    ]


def _side_by_side(kernels: list[tuple[str, Array]]) -> str:
    """Return kernels beside each other, each below its name; of several channels one below."""
    columns = []
    for title, kernel in kernels:
        lines = [title, *_numbers(_plain(kernel)).splitlines()]
        width = max(map(len, lines))
        columns.append([line.ljust(width) for line in lines])
    return "\n".join("   ".join(row).rstrip() for row in zip(*columns, strict=True))


def _numbers(values: Array) -> str:
    near = values.round(DIGITS) + 0.0
    return np.array2string(near, precision=DIGITS, suppress_small=True, max_line_width=1000)


def _plain(kernel: Array) -> Array:
    """Return a weight without its axes for channels where there is one each."""
    only: Array = kernel[0, 0] if kernel.shape[:2] == (1, 1) else kernel
    return only


def learn_json(learning: Told) -> str:
    """Return the run with all digits as JSON."""
    task, first, last = learning.task, learning.told[0], learning.last
    shape = task.images[0].shape[learning.is_bare :]
    return json_text(
        {
            "input": {"name": learning.source.name, "shape": shape},
            "kernel": _plain(last.kernel).tolist(),
            "bias": None if last.bias is None else last.bias.tolist(),
            "loss": last.loss,
            "steps": last.step,
            "learning_rate": task.learning_rate,
            "bound": task.bound,
            "rank": task.determined.rank,
            "numbers": task.determined.numbers,
            "diverged": last.has_diverged,
            "distance": None if learning.hidden is None else last.distance(learning.hidden),
            "first": {"kernel": _plain(first.kernel).tolist(), "loss": first.loss},
            "conclusion": conclusion(last, learning.hidden),
        }
    )
