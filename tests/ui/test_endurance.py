"""Hours of playing: no memory is lost, and None keeps its references."""

import gc
import os
import sys
from importlib import import_module
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from convviz.model import changes, transitions
from convviz.model.session import Target

WARM_UP = 2_000
MOST_GROWTH = 5_000_000  # bytes
PAGE = os.sysconf("SC_PAGE_SIZE")


def memory():
    """Return the bytes of memory that the process holds now."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


def wander(person, steps, first=0, *, paint_every):
    """Step, and paint as the screen does; look around, change, undo, turn the light on."""
    for number in range(first, first + steps):
        person.apply(transitions.tick)
        if number % 50 == 0:
            person.apply(transitions.hover, Target("output", (number // 50 % 16, 3)))
        if number % 250 == 0:
            person.apply(changes.set_cell, "kernel", (0, 0), float(number % 7))
            person.apply(changes.undo)
        if number % 1000 == 0:
            person.apply(transitions.set_theme, ("dark", "light")[number // 1000 % 2])
        if number % paint_every == 0:
            QApplication.processEvents()


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
@pytest.mark.usefixtures("histograms")
@pytest.mark.parametrize(
    ("steps", "paint_every"),
    [
        pytest.param(20_000, 4, marks=pytest.mark.timeout(900)),
        pytest.param(100_000, 1, marks=[pytest.mark.slow, pytest.mark.timeout(900)]),
    ],
)
def test_thousands_of_steps_take_no_memory_and_no_reference_to_none(person, steps, paint_every):
    person.apply(transitions.set_loop, True)
    person.apply(transitions.play_forwards)
    import_module("convviz.engine.oracle_scipy")  # which the badge loads when it has time
    wander(person, WARM_UP, paint_every=paint_every)
    before, references = memory(), sys.getrefcount(None)
    wander(person, steps - WARM_UP, WARM_UP, paint_every=paint_every)
    after = memory()
    assert sys.getrefcount(None) > references - 500
    assert after - before < MOST_GROWTH
    assert person.session.playback.playing
    assert person.message_text is None
