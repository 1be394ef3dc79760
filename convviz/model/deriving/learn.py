"""A kernel that is learnt: maps, one update as arithmetic, the loss, the kernel over time."""

from functools import lru_cache

import numpy as np

from convviz.engine.geometry import counted
from convviz.engine.kernels import KERNELS
from convviz.engine.learn_task import FOUND, LearnState, LearnTask, conclusion
from convviz.engine.losses import LOSSES
from convviz.engine.padding import Array
from convviz.engine.problems import times
from convviz.model.cell_changes import read_only
from convviz.model.deriving.learn_insight import insight_scene
from convviz.model.deriving.learn_step import LearnStep
from convviz.model.deriving.marks import brushed, marked
from convviz.model.deriving.still import one_cell, zoom_of
from convviz.model.document import Document
from convviz.model.equation import place_text
from convviz.model.learn_run import Run, learnt_images, run_of
from convviz.model.learn_scene import (
    FilmScene,
    LearnScene,
    LossScene,
    RateScene,
    RunScene,
    UpdateScene,
)
from convviz.model.learning import MOST_IMAGES, OWN
from convviz.model.numbers import equals_text, power_of, rounded_text, signed
from convviz.model.scene import Cells, CellSet, GridScene, Scale, scale_of
from convviz.model.session import PaneName, Session

FRAMES = 18  # of the film
DIGITS, MOST_DIGITS = 9, 30  # after the point
HUGE, LARGE = 1e300, 1e100  # what stands for infinity, and from when on nothing is rounded
PATIENT = "closer together at the beginning · click or drag to go there"


def learn_scene(session: Session) -> LearnScene:
    """Return what the workspace "learn" shows of the present update."""
    found = run_of(session.document)
    if not isinstance(found, Run):
        return LearnScene(_image(session, None), None, f"{found[:1].upper()}{found[1:]}")
    step = LearnStep(session, found)
    return LearnScene(_image(session, step), _run_scene(step))


def _run_scene(step: LearnStep) -> RunScene:
    run, state = step.run, step.state
    maps, kernels = _maps(run, step.step, step.image), _kernels(run, step.step)
    hidden, at = run.hidden, step.lit_window
    lit = None if at is None else one_cell(at)
    every = CellSet(*map(tuple, map(range, run.map_sizes[step.image])))
    whole = every if step.weight and not lit else None
    return RunScene(
        target=_target(step, _target_cells(run, step.image)),
        prediction=_grid(step, "prediction", "Prediction", maps[0], lit),
        error=_grid(step, "error", "Error", maps[1], lit, whole),
        update=_update(step, kernels),
        insight=insight_scene(step),
        loss=LossScene(
            run.losses,
            step.step,
            step.session.learner.log,
            signed(rounded_text(state.loss, 3)),
        ),
        film=_film(step),
        rate=_rate(run.task),
        distance=None if hidden is None else state.distance(hidden),
        counter=f"update {step.step:,} / {run.last:,}",
        place=_place(step),
        sentence=_sentence(step),
    )


def _place(step: LearnStep) -> str:
    """Return the phase, and the loss where there is room for it."""
    if step.term is not None:
        return step.phase_text
    if step.phase is None:
        return f"loss {signed(rounded_text(step.state.loss, 3))}"
    return f"{step.phase_text} · loss {signed(rounded_text(step.state.loss, 3))}"


@lru_cache(maxsize=MOST_IMAGES)
def _image_cells(document: Document, number: int) -> Cells:
    image = learnt_images(document)[number]
    return Cells(image, scale_of(image))


def _image(session: Session, step: LearnStep | None) -> GridScene:
    number = step.image if step else 0
    cells = _image_cells(session.document, number)
    window = None
    if step:
        window = step.met if step.term is None else step.window
    count = 1 + len(session.document.learning.more)
    several = f" · {number + 1} of {count}" if count > 1 else ""
    grey = " · grey" if number == 0 and len(session.document.image) > 1 else ""
    return GridScene(
        "input",
        "Image",
        f"{times(cells.shape)}{grey}{several}",
        cells,
        window=window,
        lit=step.lit if step else None,
        zoom=zoom_of(session, "input"),
        read_only=read_only(session, "input"),
    )


@lru_cache(maxsize=16)
def _maps(run: Run, step: int, image: int) -> tuple[Cells, ...]:
    """Return prediction and error."""
    state, scale = run.state(step), map_scale(run)
    planes = (state.predictions, state.errors)
    return tuple(Cells(_finite(plane[image][0]), scale) for plane in planes)


@lru_cache(maxsize=MOST_IMAGES)
def _target_cells(run: Run, image: int) -> Cells:
    return Cells(_finite(run.task.targets[image][0]), map_scale(run))


@lru_cache(maxsize=16)
def _kernels(run: Run, step: int) -> tuple[Cells, ...]:
    """Return gradient, change, kernel and new kernel."""
    state, scale = run.state(step), kernel_scale(run)
    gradient, change = state.gradient[0, 0], state.change[0, 0]
    before = _finite(state.kernel[0, 0])
    after = _finite(state.kernel[0, 0] + change)
    known = max(power_of(float(np.abs((before, after)).max())), 0)
    return (
        *(_small_cells(numbers, scale) for numbers in (gradient, change)),
        *(Cells(kernel, scale, power=known) for kernel in (before, after)),
    )


def _small_cells(values: Array, scale: Scale) -> Cells:
    """Return numbers that become ever smaller, in the unit in which they can be read."""
    power = power_of(min(float(np.abs(values).max()), HUGE))
    return Cells(_finite(values, min(DIGITS - power, MOST_DIGITS)), scale, power=power)


def _finite(values: Array, digits: int = DIGITS) -> Array:
    """Return values as they are shown: finite, and without what rounding leaves of a found kernel.

    Else 0.9999999999 would take the room of a long number, or be none.
    """
    known = np.nan_to_num(values, nan=0.0, posinf=HUGE, neginf=-HUGE)
    return known + 0.0 if np.abs(known).max() >= LARGE else known.round(digits) + 0.0


@lru_cache(maxsize=4)
def map_scale(run: Run) -> Scale:
    """Return the one scale of target, prediction and error."""
    return scale_of(np.concatenate([np.ravel(t) for t in run.task.targets]), signed=True)


@lru_cache(maxsize=4)
def kernel_scale(run: Run) -> Scale:
    """Return the one scale of all kernels, gradients and changes: that of the hidden kernel.

    For a map of one's own it is that of the first and of the last kernel.
    """
    last = run.state(run.last)
    known = [run.kernel(0)] + ([] if run.hidden is None else [run.hidden])
    if run.hidden is None and not last.has_diverged:
        known.append(run.kernel(run.last))
    return scale_of(np.concatenate([np.ravel(kernel) for kernel in known]), signed=True)


def _target(step: LearnStep, cells: Cells) -> GridScene:
    session, learning = step.session, step.session.document.learning
    noisy = f" · noise {learning.noise:g}" if learning.noise else ""
    return GridScene(
        "target",
        "Target",
        f"{times(cells.shape)}{noisy}",
        cells,
        selected=marked(session, "target", cells),
        brush=brushed(session, "target", cells),
        zoom=zoom_of(session, "target"),
        read_only=read_only(session, "target"),
    )


def _grid(
    step: LearnStep,
    pane: PaneName,
    title: str,
    cells: Cells,
    lit: CellSet | None,
    window: CellSet | None = None,
) -> GridScene:
    details = {"prediction": _through(step.run.task), "error": "prediction − target"}
    zoom = zoom_of(step.session, pane)
    return GridScene(pane, title, details[pane], cells, lit=lit, window=window, zoom=zoom)


def _through(task: LearnTask) -> str:
    title = task.activation.title
    return "of this kernel" if task.activation.name == "none" else f"through {title}"


def _update(step: LearnStep, cells: tuple[Cells, ...]) -> UpdateScene:
    gradient, change, kernel, new = cells
    session, task = step.session, step.run.task
    lit = None if step.weight is None else one_cell(step.weight)
    hidden_gradient = 0 if step.phase == 0 else None
    hidden_update = 0 if step.phase in (0, 1) else None
    grids = {
        "gradient": GridScene("gradient", "gradient", "", gradient, hidden_gradient, lit=lit),
        "step": GridScene("weight", "step", "", change, hidden_update),
        "kernel": GridScene(
            *("first", "kernel", "", kernel),
            lit=lit,
            selected=marked(session, "first", kernel),
            brush=brushed(session, "first", kernel),
            read_only=read_only(session, "first"),
        ),
        "new": GridScene("output", "new kernel", "", new, hidden_update),
    }
    descent = task.descent
    names: tuple[str, ...] = ("gradient", "step", "kernel", "new")
    signs: tuple[str, ...] = ("→", "+", "=")
    if descent.optimizer == "sgd" and not descent.weight_decay:
        names, signs = ("kernel", "gradient", "new"), (f"− {task.learning_rate:g} ×", "=")
    return UpdateScene(
        f"After {counted(step.step, 'update')}",
        _formula(task),
        step.phase,
        tuple(grids[name] for name in names),
        signs,
        _bias_text(step),
    )


def _formula(task: LearnTask) -> str:
    descent, rate = task.descent, f"{task.learning_rate:g}"
    gradient = "gradient"
    if descent.weight_decay:
        gradient = f"(gradient + {descent.weight_decay:g} × kernel)"
    match descent.optimizer:
        case "sgd" if not descent.weight_decay:
            return "kernel − learning rate × gradient"
        case "sgd":
            return f"step = − {rate} × {gradient}"
        case "momentum":
            return f"step = {descent.momentum:g} × step before − {rate} × {gradient}"
        case _:
            return f"− {rate} × mean gradient / usual size"


def _bias_text(step: LearnStep) -> str:
    """Return what the update does to the bias, nothing where none is learnt."""
    state = step.state
    if state.bias is None or state.bias_change is None:
        return ""
    before, change = float(state.bias[0]), float(state.bias_change[0])
    text = f"bias {rounded_text(before, 3)}"
    if step.phase in (0, 1):
        return signed(text)
    return signed(f"{text} → {rounded_text(before + change, 3)}")


@lru_cache(maxsize=2)
def _frames(run: Run) -> tuple[tuple[Cells, ...], tuple[int, ...]]:
    """Return the kernel after some numbers of updates, from none to all, as by a ratio."""
    scale = kernel_scale(run)
    spaced = np.geomspace(1, run.last + 1, FRAMES).round().astype(int) - 1
    steps = tuple(sorted({0, run.last, *spaced.tolist(), *range(min(run.last, 3))}))
    return tuple(Cells(_finite(run.kernel(step)), scale) for step in steps), steps


def _film(step: LearnStep) -> FilmScene:
    run = step.run
    frames, steps = _frames(run)
    text, warns = _told(step)
    return FilmScene(
        frames, steps, step.step, text, warns, _hidden(run), step.session.learner.revealed
    )


@lru_cache(maxsize=4)
def _hidden(run: Run) -> Cells | None:
    return None if run.hidden is None else Cells(run.hidden, kernel_scale(run))


def _told(step: LearnStep) -> tuple[str, bool]:
    """Return how the run goes, or where to click, and whether it goes wrong."""
    run, state = step.run, step.state
    if state.warning:
        return _capital(state.warning), True
    if step.step == run.last and run.last:
        if run.last < run.asked:
            ended = f"It ends after {run.last:,} updates, of {run.asked:,}"
            return f"{ended}: for more take fewer or smaller images", False
        return _concluded(step), False
    rate = _rate(run.task)
    return (rate.text, True) if rate.warns else (PATIENT, False)


def _concluded(step: LearnStep) -> str:
    """Return how the run ended; in few words where the image could not tell the kernel."""
    run, determined = step.run, step.run.task.determined
    found = run.hidden is None or step.state.distance(run.hidden) <= FOUND
    if found or determined.is_complete:
        return _capital(conclusion(step.state, run.hidden))
    free = determined.numbers - determined.rank
    return (
        f"Another kernel: the image determines {determined.rank} of {determined.numbers} "
        f"directions, in {free} it can change without any effect"
    )


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


@lru_cache(maxsize=4)
def _rate(task: LearnTask) -> RateScene:
    rate, bound = task.learning_rate, task.bound
    if bound is None:
        why = "each step is as large as the learning rate"
        if task.loss.name != LOSSES["mse"].name:
            why = "the gradient does not fade, so steps stay as large"
        text = f"No rate is too large at once: {why}"
        return RateScene(rate, None, text if task.columns.any() else "The image is 0", False)
    most = rounded_text(bound, 3)
    if rate > bound:
        return RateScene(rate, bound, f"Stable up to {most}: {rate:g} is more, it diverges", True)
    return RateScene(rate, bound, f"Stable up to {most}", False)


def _sentence(step: LearnStep) -> str:
    """Return the present phase in words."""
    state, begun = step.state, f"after {counted(step.step, 'update')}"
    loss = f"the loss is {rounded_text(state.loss, 3)}"
    match step.phase:
        case None:
            return f"{begun}: {loss}, {_largest(state)}"
        case 0:
            return f"{begun}, forward: the kernel makes the prediction, {loss}"
        case 1 if step.term is not None and step.weight is not None:
            return f"{begun}, gradient of {step.weight_name}: {step.term_text}"
        case 1:
            return f"{begun}, gradient: {_largest(state)}"
        case _:
            most = rounded_text(float(np.abs(state.change).max()), 3)
            return f"{begun}, update: each weight changes by at most {most}"


def _largest(state: LearnState) -> str:
    gradient = state.gradient[0, 0]
    row, column = np.unravel_index(int(np.abs(gradient).argmax()), gradient.shape)
    if not gradient[row, column]:
        return "every gradient is 0"
    value = rounded_text(float(gradient[row, column]), 3)
    return f"the largest gradient is {value}, of the weight in row {row}, column {column}"


def learn_status(session: Session, scene: LearnScene) -> str:
    """Return what is under the mouse: place and value."""
    target, run = session.hover, scene.run
    if target is None or run is None:
        return ""
    grids = (scene.image, run.target, run.prediction, run.error, *run.update.grids)
    grid = next((grid for grid in grids if grid.pane == target.pane), None)
    if grid is None or any(n >= end for n, end in zip(target.cell, grid.cells.shape, strict=True)):
        return ""
    value = equals_text(float(grid.cells.values[target.cell]), session.view.numbers)
    return f"{grid.title.lower()} {place_text(target.cell, 2)} {value}"


def learn_title(document: Document) -> str:
    """Return what is learnt from what."""
    learning = document.learning
    if learning.target is not None:
        wanted = "from a map"
    else:
        own = learning.hidden == OWN
        wanted = "a kernel of your own" if own else KERNELS[learning.hidden].title
    return f"{document.image_title} · learn {wanted}"
