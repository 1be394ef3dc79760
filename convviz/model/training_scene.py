"""TrainingScene: all that is shown of a training, as frozen data that painters read."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from convviz.engine.geometry import counted
from convviz.engine.image_sets import ImageSet
from convviz.engine.layers import Activation, Conv, Layer
from convviz.engine.nearest import nearest_presets
from convviz.engine.padding import Array
from convviz.model.document import Document, Results
from convviz.model.numbers import rounded_text, signed
from convviz.model.scene import Cells, Scale, Thumbnail, Thumbnails, scale_of
from convviz.model.training_run import Run

MOST_POINTS = 200  # of a curve
MOST_WRONG = 12  # pictures of images that are judged wrong
LEAST_SHARE = 0.0005  # what is less would round to 0.0 %
UNSEEN = Scale("grey", 0.0, 1.0)
Point = tuple[float, float]


@dataclass(frozen=True)
class Looking:
    """Which kernel and which of the images held back a person looks at, both from 0."""

    kernel: int = 0
    image: int = 0


@dataclass(frozen=True)
class Curves:
    """Loss and accuracy over the epochs; each loss is the mean of some batches."""

    losses: tuple[Point, ...]
    accuracies: tuple[Point, ...]
    epochs: int
    sentence: str


@dataclass(frozen=True, eq=False)
class Confusion:
    """How many images of class row were taken for class column, and where the chosen one is."""

    names: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    chosen: tuple[int, int]
    sentence: str


@dataclass(frozen=True)
class Share:
    """The probability of a class."""

    name: str
    share: float
    is_right: bool
    is_guess: bool


@dataclass(frozen=True, eq=False)
class Alike:
    """A kernel made by hand, and how it correlates with the trained one."""

    title: str
    correlation: float
    cells: Cells


@dataclass(frozen=True, eq=False)
class Comparison:
    """A trained kernel beside its nearest presets."""

    title: str
    kernel: Cells
    nearest: tuple[Alike, ...]
    sentence: str


@dataclass(frozen=True, eq=False)
class TrainingScene:
    """A training as it is shown."""

    progress: str
    result: str
    done: float
    curves: Curves
    kernels: Thumbnails
    comparison: Comparison
    image: Thumbnails
    image_text: str
    maps: Thumbnails
    shares: tuple[Share, ...]
    shares_text: str
    confusion: Confusion
    wrong: Thumbnails
    wrong_text: str


def derive_training(run: Run, looking: Looking) -> TrainingScene:
    """Return what is shown of a training."""
    kernel, image = chosen_kernel(run, looking), chosen_image(run, looking)
    shares = _shares(run, image)
    return TrainingScene(
        progress=_progress(run),
        result=_result(run),
        done=run.state.step / max(run.state.task.steps, 1),
        curves=_curves(run),
        kernels=_kernels(run, kernel),
        comparison=_comparison(run, kernel),
        image=Thumbnails((_picture(run, image, "", chosen=True),)),
        image_text=image_text(run, image),
        maps=_maps(run, image, kernel),
        shares=shares,
        shares_text=", ".join(f"{share.name}: {percent(share.share)}" for share in shares),
        confusion=_confusion(run, image),
        wrong=_wrong(run, image),
        wrong_text=_wrong_text(run),
    )


def conv_of(run: Run) -> Conv:
    """Return the convolution as it is trained by now."""
    conv = run.state.layers[0]
    assert isinstance(conv, Conv)
    return conv


def taken_layer(run: Run) -> tuple[Layer, ...]:
    """Return the convolution, with the activation whose maps are shown."""
    conv, activation = run.state.layers[:2]
    return (conv,) if activation == Activation("none") else (conv, activation)


def chosen_kernel(run: Run, looking: Looking) -> int:
    """Return which kernel is looked at, one that there is."""
    return min(looking.kernel, len(conv_of(run).weight) - 1)


def chosen_image(run: Run, looking: Looking) -> int:
    """Return which of the images held back is looked at, one that there is."""
    return min(looking.image, image_count(run) - 1)


def image_count(run: Run) -> int:
    """Return how many images are held back."""
    return len(run.state.task.held_back)


def held_back(run: Run, image: int) -> Array:
    """Return an image (channels, rows, columns) of those that are held back."""
    found: Array = run.state.task.held_back_images[image]
    return found


def image_title(run: Run, image: int) -> str:
    """Return what an image that is held back is called as an input."""
    return f"{_class(run, image)}, held-back image {image + 1}"


def image_text(run: Run, image: int) -> str:
    """Say what an image shows, and what the network takes it for."""
    judged = run.state.judged
    guess = int(judged.guesses[image])
    sure = percent(float(judged.probabilities[image, guess]))
    name = _images(run).classes[guess]
    verdict = "rightly" if guess == judged.labels[image] else "wrongly"
    return f"It is {_class(run, image)}, {verdict} judged as {name}, {sure} sure"


def percent(share: float) -> str:
    """Return a share as a person reads it.

    >>> percent(0.98663), percent(1.0), percent(0.9999), percent(1e-5)
    ('98.7 %', '100 %', '99.9 %', '<0.1 %')
    """
    if share in (0.0, 1.0):
        return f"{share:.0%}".replace("%", " %")
    if share < LEAST_SHARE:
        return "<0.1 %"
    return f"{min(100 * share, 99.9):.1f} %"


def first_of(run: Run, right: int, guess: int) -> int | None:
    """Return the image of class `right` that is most surely taken for `guess`, if there is one."""
    judged = run.state.judged
    places = np.flatnonzero((judged.labels == right) & (judged.guesses == guess))
    if not len(places):
        return None
    return int(places[judged.probabilities[places, guess].argmax()])


def _images(run: Run) -> ImageSet:
    return run.state.task.images


def _class(run: Run, image: int) -> str:
    return _images(run).classes[int(run.state.task.held_back_labels[image])]


def _progress(run: Run) -> str:
    state, task = run.state, run.state.task
    if run.is_over:
        return f"All epochs are done: {counted(state.step, 'batch', 'batches')}"
    return f"Epoch {state.epoch + 1} of {task.epochs} · batch {state.batch} of {task.batches}"


def _result(run: Run) -> str:
    right = percent(run.state.accuracy)
    said = f"{right} of {image_count(run)} held-back images are judged right"
    return f"{said} by chance so far" if run.is_new else said


def _curves(run: Run) -> Curves:
    batches = run.state.task.batches
    losses = np.array(run.losses)
    width = max(-(-len(losses) // MOST_POINTS), 1)
    parts = [losses[at : at + width] for at in range(0, len(losses), width)]
    means = tuple(
        ((n * width + len(part)) / batches, float(part.mean())) for n, part in enumerate(parts)
    )
    accuracies = tuple((step / batches, share) for step, share in run.accuracies)
    loss = (
        f"Loss {rounded_text(means[-1][1], 3)} after the last batches" if means else "No loss yet"
    )
    sentence = f"{loss}, accuracy {percent(accuracies[-1][1])}"
    return Curves(means, accuracies, run.state.task.epochs, sentence)


def _kernels(run: Run, chosen: int) -> Thumbnails:
    weight = conv_of(run).weight
    scale = scale_of(weight, signed=True)
    return Thumbnails(
        tuple(
            Thumbnail(str(n + 1), Cells(kernel[0], scale), n, 0, chosen=n == chosen)
            for n, kernel in enumerate(weight)
        )
    )


@lru_cache(maxsize=64)
def _preset_cells(cells: bytes, shape: tuple[int, int]) -> Cells:
    values = np.frombuffer(cells).reshape(shape)
    return Cells(values, scale_of(values, signed=True))


def _comparison(run: Run, chosen: int) -> Comparison:
    kernel = conv_of(run).weight[chosen, 0]
    nearest = tuple(
        Alike(
            found.preset.title,
            found.correlation,
            _preset_cells(found.kernel.astype(float).tobytes(), found.kernel.shape),
        )
        for found in nearest_presets(kernel)
    )
    sentence = f"Kernel {chosen + 1} is most like " + ", then ".join(
        f"{alike.title} (correlation {correlation_text(alike.correlation)})" for alike in nearest
    )
    title = f"Compare kernel {chosen + 1} with the hand-made"
    return Comparison(title, Cells(kernel, scale_of(kernel, signed=True)), nearest, sentence)


def correlation_text(correlation: float) -> str:
    """Return a correlation with its sign and two decimals.

    >>> correlation_text(0.934), correlation_text(-1.0)
    ('0.93', '−1.00')
    """
    return signed(f"{correlation:.2f}")


def _picture(run: Run, image: int, label: str, *, chosen: bool = False) -> Thumbnail:
    return Thumbnail(label, Cells(held_back(run, image)[0], UNSEEN), image, 0, chosen=chosen)


def _maps(run: Run, image: int, chosen: int) -> Thumbnails:
    """Return the feature maps of an image after the activation, as the main window shows them."""
    document = Document(held_back(run, image), "", run.state.layers[:2])
    maps = Results(document).shown(0).maps  # not cached: the main window's results would go
    scale = scale_of(maps)
    return Thumbnails(
        tuple(
            Thumbnail(str(n + 1), Cells(cells, scale), n, 0, chosen=n == chosen)
            for n, cells in enumerate(maps)
        )
    )


def _shares(run: Run, image: int) -> tuple[Share, ...]:
    judged = run.state.judged
    right, guess = int(judged.labels[image]), int(judged.guesses[image])
    return tuple(
        Share(name, float(share), n == right, n == guess)
        for n, (name, share) in enumerate(
            zip(_images(run).classes, judged.probabilities[image], strict=True)
        )
    )


def _confusion(run: Run, image: int) -> Confusion:
    judged = run.state.judged
    names, counts = _images(run).classes, judged.confusion
    chosen = int(judged.labels[image]), int(judged.guesses[image])
    count = int(counts[chosen])
    right, guess = names[chosen[0]], names[chosen[1]]
    sentence = f"{counted(count, 'image')} of class {right} judged as {guess}"
    return Confusion(names, tuple(map(tuple, counts.tolist())), chosen, sentence)


def _wrong(run: Run, image: int) -> Thumbnails:
    judged, names = run.state.judged, _images(run).classes
    return Thumbnails(
        tuple(
            _picture(
                run,
                place,
                f"{names[judged.labels[place]]} as {names[judged.guesses[place]]}",
                chosen=place == image,
            )
            for place in judged.wrong[:MOST_WRONG]
        )
    )


def _wrong_text(run: Run) -> str:
    count = len(run.state.judged.wrong)
    if not count:
        return "None: all held-back images are judged right"
    shown = f", the {MOST_WRONG} surest are shown" if count > MOST_WRONG else ""
    return f"{counted(count, 'image')} of {image_count(run)}{shown}"
