"""TrainingWorker: trains in a thread of its own, and tells how far it has come."""

import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Qt, Signal

from convviz.engine.image_sets import MissingImages
from convviz.engine.problems import LayerError
from convviz.model.training_run import Plan, Run, advance, begin
from convviz.ui.verify_badge import garbage_waits

SHOWN_EVERY = 1 / 30  # seconds


@dataclass(eq=False)
class Job:
    """A stretch of training: from a plan or a run, for so many batches (None: to the end).

    `pause` are the seconds that a batch takes at least. The thread writes `latest`, and `problem`
    where it cannot go on; `shown` is set once `latest` has been taken.
    """

    start: Plan | Run
    batches: int | None = None
    pause: float = 0.0
    stop: threading.Event = field(default_factory=threading.Event)
    shown: threading.Event = field(default_factory=threading.Event)
    latest: Run | None = None
    problem: str = ""

    @property
    def trains(self) -> bool:
        """Whether it goes on to the end."""
        return self.batches is None


class TrainingWorker(QObject):
    """Does one job at a time; a new one stops the one before."""

    moved, ended = Signal(object), Signal(object)  # the Job
    _told, _done = Signal(object), Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._thread: threading.Thread | None = None
        self._running: Job | None = None
        self.job: Job | None = None
        self._told.connect(self._show, Qt.ConnectionType.QueuedConnection)
        self._done.connect(self._end, Qt.ConnectionType.QueuedConnection)

    def begin(self, job: Job) -> None:
        """Do `job`, once the one before has stopped; that is forgotten."""
        before, self.job = self.job, job
        if before is not None:
            before.stop.set()
        if self._thread is None:
            self._start(job)

    def pause(self) -> None:
        """Let the job at work end after the batch that it is at."""
        if self.job is not None:
            self.job.stop.set()

    def stop(self) -> None:
        """Wait for the job at work, and forget it."""
        self.pause()
        self.job = None
        if self._thread is not None:
            self._thread.join()
            self._thread = self._running = None

    def _start(self, job: Job) -> None:
        self._running = job
        self._thread = threading.Thread(target=self._run, args=(job,), name="training")
        self._thread.start()

    def _run(self, job: Job) -> None:
        """In the thread: NumPy lets the window go on meanwhile."""
        try:
            with garbage_waits():
                self._train(job)
        except (LayerError, MissingImages) as error:
            job.problem = str(error)
        except Exception as error:  # told like any other, or the window would wait for ever
            job.problem = f"{type(error).__name__}: {error}"
        with suppress(RuntimeError):  # the window is gone
            self._done.emit(job)

    def _train(self, job: Job) -> None:
        run = begin(job.start) if isinstance(job.start, Plan) else job.start
        job.shown.set()
        due, left = 0.0, job.batches
        while True:
            now = time.monotonic()
            if now >= due and job.shown.is_set():
                self._tell(job, run)
                due = now + SHOWN_EVERY
            if run.is_over or left == 0 or job.stop.is_set():
                break
            run, left = advance(run), left and left - 1
            job.stop.wait(max(now + job.pause - time.monotonic(), 0))
        self._tell(job, run)

    def _tell(self, job: Job, run: Run) -> None:
        run.state.judged  # noqa: B018  computed here, not in the window
        job.latest = run
        job.shown.clear()
        with suppress(RuntimeError):
            self._told.emit(job)

    def _show(self, job: Job) -> None:
        taken = job.shown.is_set()
        job.shown.set()  # first: what comes while this is painted must be told of again
        if job is self.job and not taken:
            self.moved.emit(job)

    def _end(self, job: Job) -> None:
        """Go on with the job that came meanwhile, or tell the end."""
        if job is not self._running or self._thread is None:
            return  # it was waited for
        self._thread.join()
        self._thread = self._running = None
        if job is self.job:
            self.job = None
            self.ended.emit(job)
        elif self.job is not None:
            self._start(self.job)
