"""Run: a small network while it is trained, and what a person chose for it."""

from dataclasses import dataclass, replace
from functools import lru_cache

from convviz.engine.descent import Descent
from convviz.engine.image_sets import IMAGE_SETS, ImageSet
from convviz.engine.training import BATCH, EPOCHS, RATE, TrainState, small_network, train_task

JUDGED_EACH_EPOCH = 4  # how often the images held back are looked at
MOST_KERNELS, MOST_KERNEL_SIZE, MOST_BATCH, MOST_EPOCHS = 32, 7, 1024, 500


@dataclass(frozen=True)
class Plan:
    """The settings of TRAIN_SETTINGS, by their names."""

    images: str = "bars"
    kernels: int = 8
    kernel_size: int = 3
    activation: str = "relu"
    pool: str = "max"
    optimizer: str = "adam"
    lr: float = RATE
    batch_size: int = BATCH
    epochs: int = EPOCHS
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Run:
    """A training as far as it has come.

    `losses` has the loss of each batch so far, `accuracies` (step, share) of the images held back
    at the beginning, a few times in each epoch, and at the end.
    """

    plan: Plan
    state: TrainState
    losses: tuple[float, ...]
    accuracies: tuple[tuple[int, float], ...]

    @property
    def is_new(self) -> bool:
        """Whether no batch has been seen."""
        return self.state.step == 0

    @property
    def is_over(self) -> bool:
        """Whether every epoch has been seen."""
        return self.state.is_last


@lru_cache(maxsize=4)
def _images(name: str, seed: int) -> ImageSet:
    return IMAGE_SETS[name].load(seed)


def begin(plan: Plan) -> Run:
    """Return the training before its first batch; the same plan makes the same.

    Raises
    ------
    MissingImages
        When the images come with a package that is not installed.
    LayerError
        When a setting cannot be.
    """
    images = _images(plan.images, plan.seed)
    layers = small_network(
        images.images.shape[1:],
        len(images.classes),
        kernels=plan.kernels,
        kernel_size=plan.kernel_size,
        activation=plan.activation,
        pool=plan.pool,
        seed=plan.seed,
    )
    task = train_task(
        images,
        layers,
        descent=Descent(plan.optimizer, lr=plan.lr),
        batch_size=plan.batch_size,
        epochs=plan.epochs,
        seed=plan.seed,
    )
    return Run(plan, task.first, (), ((0, task.first.accuracy),))


def advance(run: Run) -> Run:
    """Return the training after one more batch; after the last one it stays.

    Raises
    ------
    LayerError
        When it diverges, since the learning rate is too large.
    """
    if run.is_over:
        return run
    state = run.state.task.after(run.state)
    assert state.loss is not None
    run = replace(run, state=state, losses=(*run.losses, state.loss))
    if state.is_last or state.step % max(state.task.batches // JUDGED_EACH_EPOCH, 1) == 0:
        run = replace(run, accuracies=(*run.accuracies, (state.step, state.accuracy)))
    return run
