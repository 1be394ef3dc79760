"""The badge in the status bar: a second opinion on the shown map, in the background."""

import threading
from dataclasses import replace

import numpy as np
import pytest

from convviz.engine.padding import PADDING_MODES, PADDING_RULES
from convviz.engine.poolings import POOLINGS
from convviz.engine.verify import LIBRARIES, Verdict, available_libraries
from convviz.model import changes, stacking
from convviz.ui import verify_badge

PATIENCE = 20_000  # milliseconds, for importing SciPy


@pytest.fixture
def badge(person):
    """The badge with its debounce run out by hand, and a person who waits for the verdict."""
    return person.window.verify


def due(badge):
    """Let the quiet time be over."""
    assert badge.timer.isActive()
    badge.timer.stop()
    badge.timer.timeout.emit()


def settle(badge, qtbot):
    due(badge)
    qtbot.waitUntil(lambda: badge._thread is None, timeout=PATIENCE)


def test_scipy_makes_the_same_map(badge, qtbot):
    assert badge.text() == "SciPy …"
    settle(badge, qtbot)
    assert badge.text() == "✓ SciPy: the same"
    assert badge.accessibleName() == "Second opinion: ✓ SciPy: the same"
    assert "Click" in badge.toolTip()


def test_a_difference_of_rounding_is_no_difference(person, badge, qtbot):
    person.apply(changes.set_input_preset, "random-5x5")
    person.apply(changes.set_kernel_preset, "box")
    settle(badge, qtbot)
    assert badge.text().startswith("✓ SciPy: ")


@pytest.mark.parametrize("kind", list(stacking.LAYER_KINDS))
def test_every_kind_of_layer_is_checked(person, badge, qtbot, kind):
    person.apply(stacking.set_kind, kind)
    person.apply(changes.set_input_preset, "random-5x5")
    settle(badge, qtbot)
    assert badge.text().startswith("✓ SciPy")


def other_map(library, difference, wrong=0):
    return lambda *_arguments: (Verdict(library, difference, 256, wrong),)


def test_a_map_that_differs_is_said_to_by_how_much(badge, qtbot, monkeypatch):
    monkeypatch.setattr(verify_badge, "verify", other_map("scipy", 0.5, wrong=3))
    settle(badge, qtbot)
    assert badge.text() == "✗ SciPy differs by 0.5"
    assert badge.property("wrong")


def padded_wrongly(monkeypatch):
    rule = PADDING_RULES["same_upper"]
    turned = replace(rule, amounts=lambda *asked: rule.amounts(*asked)[::-1])
    monkeypatch.setitem(PADDING_RULES, "same_upper", turned)


def mirrored_wrongly(monkeypatch):
    wrong = replace(PADDING_MODES["reflect"], made_of=PADDING_MODES["symmetric"].made_of)
    monkeypatch.setitem(PADDING_MODES, "reflect", wrong)


def pooled_wrongly(monkeypatch):
    monkeypatch.setitem(POOLINGS, "avg", replace(POOLINGS["avg"], reduce=np.maximum))


@pytest.mark.parametrize("break_rule", [padded_wrongly, mirrored_wrongly, pooled_wrongly])
def test_a_rule_of_ours_that_is_wrong_is_found(person, badge, qtbot, monkeypatch, break_rule):
    break_rule(monkeypatch)
    person.apply(changes.set_input_preset, "random-5x5")
    person.apply(changes.set_kernel_size, (2, 2))
    person.apply(changes.set_padding, "same_upper")
    person.apply(changes.set_padding_mode, "reflect")
    if break_rule is pooled_wrongly:
        person.apply(stacking.set_kind, "avg")
    settle(badge, qtbot)
    assert badge.text().startswith("✗ SciPy differs by ")


def test_one_change_after_the_other_is_checked_once(person, badge, qtbot, monkeypatch):
    asked = []
    verify = verify_badge.verify
    monkeypatch.setattr(verify_badge, "verify", lambda *a: asked.append(a) or verify(*a))
    for cells in (5, 7, 9):
        person.apply(changes.set_kernel_size, (cells, cells))
    settle(badge, qtbot)
    assert [layer.kernel_size for layer, *_ in asked] == [(9, 9)]


def test_stepping_and_looking_check_nothing_again(person, badge, qtbot):
    settle(badge, qtbot)
    for key in ("Right", "Down", "9", ".", "Ctrl+M", "Alt+3", "Alt+1"):
        person.key(key)
    assert not badge.timer.isActive()
    assert badge.text() == "✓ SciPy: the same"


def test_an_answer_that_comes_too_late_is_dropped(person, badge, qtbot, monkeypatch):
    go_on = threading.Event()

    def slow(*_arguments):
        assert go_on.wait(10)
        return (Verdict("scipy", 7.0, 256, wrong=1),)

    monkeypatch.setattr(verify_badge, "verify", slow)
    due(badge)
    person.apply(changes.set_bias, 1.0)
    assert badge.text() == "SciPy …"
    go_on.set()
    qtbot.waitUntil(lambda: badge._thread is None, timeout=PATIENCE)
    assert badge.text() == "SciPy …"
    monkeypatch.setattr(verify_badge, "verify", other_map("scipy", 0.0))
    settle(badge, qtbot)
    assert badge.text() == "✓ SciPy: the same"


def test_another_layer_is_checked_when_it_is_shown(person, badge, qtbot):
    person.window.run("add-relu")
    settle(badge, qtbot)
    person.key("Ctrl+[")
    assert badge.timer.isActive()
    assert badge.text() == "SciPy …"


def test_a_click_asks_every_library_and_shows_a_line_for_each(person, badge, qtbot):
    settle(badge, qtbot)
    person.press(badge)
    qtbot.waitUntil(lambda: person.message_text is not None, timeout=60_000)
    lines = person.message_text.splitlines()
    assert [line.split()[1].rstrip(":") for line in lines] == [
        LIBRARIES[name].title.split()[0] for name in available_libraries()
    ]
    assert lines[0] == "✓ SciPy: the same (256 cells)"
    assert all(line.startswith("✓") for line in lines)
    assert person.window.message.property("tone") == "note"


def test_a_library_that_has_no_such_layer_is_said_to_be_silent(person, badge, qtbot, monkeypatch):
    monkeypatch.setattr(verify_badge, "available_libraries", lambda: ("scipy", "torch"))
    monkeypatch.setattr(verify_badge, "verify", other_map("scipy", 0.0))
    badge.timer.stop()
    person.press(badge)
    qtbot.waitUntil(lambda: person.message_text is not None, timeout=PATIENCE)
    assert person.message_text == (
        "✓ SciPy: the same (256 cells)\nPyTorch does not compute such a layer"
    )


def test_a_large_map_is_checked_only_when_asked(person, badge):
    person.apply(changes.set_image, np.zeros((1001, 1000)), "Large")
    due(badge)
    assert badge._thread is None
    assert badge.text() == "Check with SciPy"
    assert "1,001,000 cells" in badge.toolTip()


def test_so_is_one_with_very_many_products(person, badge):
    person.apply(changes.set_image, np.zeros((600, 600)), "Large")
    person.apply(changes.set_kernel_size, (31, 31))
    due(badge)
    assert badge._thread is None
    assert badge.text() == "Check with SciPy"


def test_a_library_that_fails_is_told_and_harms_nothing(person, badge, qtbot, monkeypatch):
    def fail(*_arguments):
        raise RuntimeError("no memory")

    monkeypatch.setattr(verify_badge, "verify", fail)
    settle(badge, qtbot)
    assert badge.text() == "✗ not checked"
    assert "RuntimeError: no memory" in badge.toolTip()
    person.key("Right")
    assert person.step_text == "step 118 / 256"


def test_a_window_that_closes_waits_for_the_check_and_begins_no_other(person, badge, monkeypatch):
    begun, go_on = threading.Event(), threading.Event()

    def slow(*_arguments):
        begun.set()
        assert go_on.wait(10)
        return ()

    monkeypatch.setattr(verify_badge, "verify", slow)
    due(badge)
    assert begun.wait(10)
    person.press(badge)
    threading.Timer(0.05, go_on.set).start()
    person.window.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "verify"]


def test_tab_reaches_the_badge(person, badge):
    person.tab_to(badge)
    assert badge.hasFocus()
