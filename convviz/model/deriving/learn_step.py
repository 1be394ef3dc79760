"""LearnStep: which part of which update is shown."""

from collections.abc import Sequence
from functools import cached_property

from convviz.engine.geometry import Axis
from convviz.engine.learn_task import LearnState
from convviz.engine.padding import Array
from convviz.engine.windows import Windows
from convviz.model.equation import Term, Token
from convviz.model.learn_run import Run
from convviz.model.learn_scene import PHASES
from convviz.model.numbers import factor, rounded_text, signed
from convviz.model.scene import CellSet
from convviz.model.session import Cell, Session


class LearnStep:
    """One update of a run as a session looks at it; `weight` is the one that is explained."""

    def __init__(self, session: Session, run: Run) -> None:
        self.session, self.run = session, run
        self.head, self.weight = session.head, session.learnt_weight
        self.step = self.head.step

    @cached_property
    def state(self) -> LearnState:
        """All numbers of the update."""
        return self.run.state(self.step)

    @property
    def phase(self) -> int | None:
        """The number of the phase in PHASES, None where all of the update is shown."""
        if self.head.term is None:
            return None
        if self.head.term == 0:
            return 0
        return 2 if self.head.term == self.session.stage_count - 1 else 1

    @property
    def phase_text(self) -> str:
        """The phase in a word or two."""
        if self.phase is None:
            return "whole update"
        if self.term is None:
            return PHASES[self.phase]
        return f"gradient, term {self.term + 1} of {len(self.windows)}"

    @property
    def term(self) -> int | None:
        """The number of the term of the weight's gradient that is being formed."""
        if self.phase != 1 or self.weight is None or self.head.term is None:
            return None
        return self.head.term - 1

    @property
    def windows(self) -> tuple[int, ...]:
        """The windows whose terms are not 0."""
        return self.run.windows_at(self.weight) if self.weight else ()

    @cached_property
    def lit_window(self) -> Cell | None:
        """The place of the present term's window in the maps of its image."""
        return None if self.term is None else self.run.place_of(self.windows[self.term])[1]

    @cached_property
    def image(self) -> int:
        """The number of the image that is shown: that of the present term, else the chosen one."""
        if self.term is not None:
            return self.run.place_of(self.windows[self.term])[0]
        return min(self.session.learner.image, len(self.run.map_sizes) - 1)

    @property
    def met(self) -> CellSet | None:
        """The cells of the image that the chosen weight meets; None where all is padding."""
        if self.weight is None:
            return None
        windows = self.run.windows(self.image)
        return _cells(windows, windows.reached_by(self._offset))

    @property
    def window(self) -> CellSet | None:
        """The cells of the image in the present term's window; None where all are padding."""
        if self.lit_window is None:
            return None
        windows = self.run.windows(self.image)
        return _cells(windows, tuple(map(Axis.reads, windows.axes, self.lit_window)))

    @property
    def lit(self) -> CellSet | None:
        """The cell of the image in the present term; None in the padding."""
        if self.lit_window is None:
            return None
        windows = self.run.windows(self.image)
        places = zip(windows.axes, self.lit_window, self._offset, strict=True)
        return _cells(windows, tuple((axis.reads(at)[n],) for axis, at, n in places))

    @property
    def _offset(self) -> Cell:
        """Where the chosen weight lies in a window: turned round where the kernel is flipped."""
        assert self.weight is not None
        if not self.run.task.layer.flip:
            return self.weight
        return self.run.size[0] - 1 - self.weight[0], self.run.size[1] - 1 - self.weight[1]

    @cached_property
    def cells(self) -> Array:
        """The cells that the chosen weight meets in each of `windows`."""
        assert self.weight is not None
        found: Array = self.run.cells_at(self.weight)[list(self.windows)]
        return found

    @cached_property
    def errors(self) -> Array:
        """What each of `windows` is weighed with: errors, times the slope of what comes after."""
        found: Array = self.state.flat.slope[0][list(self.windows)] / self.share
        return found

    @property
    def share(self) -> float:
        """What all terms are multiplied by: 2/N for squares, 1/N else."""
        return self._above / int(self.run.task.columns.shape[1])

    @property
    def share_text(self) -> str:
        """The same as it is written."""
        return f"{self._above}/{self.run.task.columns.shape[1]}"

    @property
    def _above(self) -> int:
        return 2 if self.run.task.loss.name == "mse" else 1

    @property
    def weight_name(self) -> str:
        """Where the chosen weight is."""
        assert self.weight is not None
        return f"row {self.weight[0]}, column {self.weight[1]}"

    @property
    def term_text(self) -> str:
        """The present term as a product with its value."""
        assert self.term is not None
        cell, error = float(self.cells[self.term]), float(self.errors[self.term])
        product = rounded_text(cell * error, 3)
        return f"{short(cell)} · {short(error)} = {product}"

    def written(self, number: int) -> Term:
        """Return one term of the gradient in numbers."""
        pending = self.term is not None and number > self.term
        cell, error = float(self.cells[number]), float(self.errors[number])
        tokens = (
            Token(signed(short(cell)), "dim" if pending else "input"),
            Token("·", "dim"),
            Token(signed(short(error)), "dim" if pending else "error"),
        )
        return Term(tokens, lit=number == self.term, pending=pending)


def _cells(windows: Windows, places: Sequence[Sequence[int]]) -> CellSet | None:
    """Return the cells of the image at places of the padded image, copies in the padding too.

    None where all of these places are padding that copies no cell.
    """
    rows, columns = (
        sources.cells_of(along) for sources, along in zip(windows.sources, places, strict=True)
    )
    return CellSet(rows, columns) if rows and columns else None


def short(value: float) -> str:
    """Return a number with two digits, in brackets where it is negative."""
    return factor(rounded_text(value, 2))
