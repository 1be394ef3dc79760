"""LearnScene: what the workspace "Learn a kernel" shows, as frozen data that painters read."""

from dataclasses import dataclass

from convviz.engine.padding import Array
from convviz.model.equation import Equation, Line
from convviz.model.scene import Cells, GridScene

PHASES = ("forward", "gradient", "update")
PHASE_TIPS = {
    "forward": "The kernel makes the prediction; what it lacks to the target is the error",
    "gradient": "How the loss changes with each weight: input cells times errors, summed",
    "update": "Each weight goes a step against its gradient",
}


@dataclass(frozen=True, eq=False)
class UpdateScene:
    """One update as arithmetic: grids with a sign after each but the last.

    `phase` is the one of PHASES that is shown, None where all of the update is. `note` tells what
    becomes of the bias, where one is learnt.
    """

    title: str
    formula: str
    phase: int | None
    grids: tuple[GridScene, ...]
    signs: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, eq=False)
class SmallKernel:
    """A kernel to look at, with what it is."""

    label: str
    cells: Cells


@dataclass(frozen=True, eq=False)
class InsightScene:
    """Why a weight's gradient is what it is; or what the image can teach, and the hidden kernel.

    `symbols` is the formula and `equation` its numbers, both where a gradient is explained.
    """

    title: str
    detail: str
    lines: tuple[str, ...]
    symbols: Line = ()
    equation: Equation | None = None
    kernels: tuple[SmallKernel, ...] = ()
    hint: str = ""

    @property
    def text(self) -> str:
        """All of it in plain words, for screen readers."""
        parts = [self.title, *self.lines]
        if self.equation:
            words = (self.symbols, self.equation.sums, self.equation.result)
            parts += [" ".join(token.text.strip() for token in line) for line in words]
        parts += [kernel.label for kernel in self.kernels]
        return ". ".join(filter(None, (*parts, self.hint)))


@dataclass(frozen=True, eq=False)
class LossScene:
    """The loss after each number of updates, and at which of them one looks."""

    losses: Array
    at: int
    log: bool
    detail: str


@dataclass(frozen=True, eq=False)
class FilmScene:
    """The kernel after some numbers of updates, and at which (of all) one looks.

    `hidden` is the kernel that made the target, if one did, to be seen once it is
    `revealed`. `warns` tells that `detail`
    says what goes wrong.
    """

    frames: tuple[Cells, ...]
    steps: tuple[int, ...]
    at: int
    detail: str
    warns: bool
    hidden: Cells | None
    revealed: bool

    @property
    def place(self) -> float:
        """Where the present update stands among the frames: at one, or between two."""
        for number in range(len(self.steps) - 1):
            before, after = self.steps[number : number + 2]
            if self.at < after:
                return number + (self.at - before) / (after - before)
        return float(len(self.steps) - 1)

    def step_at(self, place: float) -> int:
        """Return the update at a place among the frames."""
        inside = min(max(place, 0.0), len(self.steps) - 1.0)
        number = min(int(inside), max(len(self.steps) - 2, 0))
        if len(self.steps) == 1:
            return self.steps[0]
        before, after = self.steps[number : number + 2]
        return round(before + (inside - number) * (after - before))


@dataclass(frozen=True)
class RateScene:
    """The learning rate, the largest stable one where there is one, and what that tells."""

    rate: float
    bound: float | None
    text: str
    warns: bool


@dataclass(frozen=True, eq=False)
class RunScene:
    """A kernel that is learnt, at one of its updates.

    `distance` is by how much the weight that is farthest off differs from the hidden kernel's,
    where there is one. `counter` and `place` are for the transport.
    """

    target: GridScene
    prediction: GridScene
    error: GridScene
    update: UpdateScene
    insight: InsightScene
    loss: LossScene
    film: FilmScene
    rate: RateScene
    distance: float | None
    counter: str
    place: str
    sentence: str

    @property
    def kernel(self) -> GridScene:
        """The kernel before the update."""
        return next(grid for grid in self.update.grids if grid.pane == "first")


@dataclass(frozen=True, eq=False)
class LearnScene:
    """The image, and what becomes of the kernel; where it cannot be learnt `problem` says why."""

    image: GridScene
    run: RunScene | None
    problem: str = ""
