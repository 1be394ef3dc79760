"""Menus: every command in its place, enabled where it makes sense, and what it does."""

import numpy as np
import pytest
from PySide6.QtWidgets import QAbstractSpinBox

from convviz.engine.kernel_tools import KERNEL_CHANGES, random_kernel
from convviz.engine.kernels import KERNELS
from convviz.model import changes, pages, stacking, transitions
from convviz.model.examples import EXAMPLES, show_example
from convviz.ui.commands import COMMANDS
from convviz.ui.menus import plain

SOBEL = KERNELS["sobel-x"].kernel


def entries(menu):
    """Return what a menu shows: texts, and submenus as (text, entries)."""
    return [
        (plain(action.text()), entries(action.menu())) if action.menu() else plain(action.text())
        for action in menu.actions()
        if not action.isSeparator()
    ]


@pytest.fixture
def menus(person):
    """The texts of all menus, by the title of the menu."""
    bar = person.window.menuBar().actions()
    return {plain(action.text()): entries(action.menu()) for action in bar}


def submenu(menu, title):
    return next(shown[1] for shown in menu if isinstance(shown, tuple) and shown[0] == title)


def kernel(person):
    return person.session.conv.weight[0, 0]


def action(person, name):
    return person.window.actions_by_name[name]


def test_menus_are_those_of_the_design(menus):
    assert list(menus) == ["File", "Edit", "View", "Layer", "Kernel", "Playback", "Learn", "Help"]


def test_every_command_is_in_a_menu_once(menus):
    def flat(shown):
        for entry in shown:
            yield from flat(entry[1]) if isinstance(entry, tuple) else [entry]

    texts = sorted(text for shown in menus.values() for text in flat(shown))
    assert texts == sorted(plain(command.text) for command in COMMANDS.values())


def test_mnemonics_are_told_apart_in_every_menu(person):
    def check(menu):
        shown = [a for a in menu.actions() if not a.isSeparator()]
        marks = [a.text().replace("&&", "") for a in shown]
        letters = [text[text.index("&") + 1].lower() for text in marks if "&" in text]
        assert sorted(letters) == sorted(set(letters)), menu.title()
        for entry in shown:
            if entry.menu():
                check(entry.menu())

    for entry in person.window.menuBar().actions():
        check(entry.menu())


def test_layers_of_every_kind_can_be_added(person, menus):
    adding = submenu(menus["Layer"], "Add layer")
    assert adding == [kind.title for kind in stacking.LAYER_KINDS.values()]
    for name in stacking.LAYER_KINDS:
        action(person, f"add-{name}").trigger()
        assert person.problem_text is None
        assert stacking.kind_of(person.session.focus) == name
    assert len(person.session.document.layers) == 1 + len(adding)


def test_the_stack_is_rearranged_from_the_menu(person):
    run = person.window.run
    for name in ("move-earlier", "move-later", "remove-layer", "next-layer", "previous-layer"):
        assert not action(person, name).isEnabled()
    run("add-max")
    assert not action(person, "move-later").isEnabled()
    run("move-earlier")
    kinds = [stacking.kind_of(layer) for layer in person.session.document.layers]
    assert (kinds, person.session.layer) == (["max", "conv"], 0)
    run("duplicate-layer")
    run("disable-layer")
    assert action(person, "disable-layer").isChecked()
    assert person.session.document.disabled == {1}
    run("remove-layer")
    assert len(person.session.document.layers) == 2
    person.key("Ctrl+]")
    assert person.session.layer == 1
    person.key("Ctrl+[")
    assert person.session.layer == 0


def test_feature_maps_are_added_walked_and_removed(person):
    run = person.window.run
    assert not action(person, "remove-map").isEnabled()
    assert not action(person, "next-map").isEnabled()
    run("duplicate-map")
    assert person.session.channel == 1
    assert (person.session.conv.weight[1, 0] == SOBEL).all()
    run("add-map")
    assert person.session.channel == 2
    assert not person.session.conv.weight[2].any()
    person.key("[")
    assert person.session.channel == 1
    person.key("]")
    assert person.session.channel == 2
    run("remove-map")
    assert person.session.output_count == 2


def test_braces_walk_the_input_channels(person):
    assert not action(person, "next-source").isEnabled()
    person.apply(changes.set_image, np.zeros((3, 6, 6)), "Black")
    seen = []
    for key in "}}}{":
        person.key(key)
        seen.append(person.session.shown_source)
    assert seen == [1, 2, 2, 1]


@pytest.mark.parametrize("name", list(KERNEL_CHANGES))
def test_a_kernel_is_changed_and_undo_names_the_change(person, name):
    own = np.array([[1.0, 2, 3], [4, 0, 6], [-7, 8, 10]])
    person.apply(changes.set_kernel, own)
    person.window.run(f"kernel-{name}")
    assert np.array_equal(kernel(person), KERNEL_CHANGES[name].function(own))
    assert action(person, "undo").text() == f"&Undo {KERNEL_CHANGES[name].title}"


def test_what_has_no_kernel_has_no_changes_of_it(person):
    person.window.run("add-max")
    names = [name for name in COMMANDS if name.startswith("kernel-")]
    names += ["scale-kernel", "random-kernel", "impulse-test", "convolution", "add-map", "scatter"]
    assert [name for name in names if action(person, name).isEnabled()] == []


def test_an_impulse_makes_the_kernel_come_out(person):
    person.window.run("impulse-test")
    assert person.message_text == (
        "A single 1 in the input: the kernel itself comes out, since convolution flips it twice."
    )
    middle = person.window._scene.output.cells.values[2:5, 2:5]
    assert (middle == SOBEL).all()
    person.press(person.message_button("Undo"))
    assert person.title.startswith("Letter H")


# The strip of the kernel


def test_the_divisor_divides_and_the_offset_is_the_bias(person):
    strip = person.window.kernel_strip
    action(person, "scale-kernel").trigger()
    assert person.focus is strip.divisor
    person.type("4")
    strip.offset.setFocus()
    strip.offset.selectAll()
    person.type("0.5")
    person.press(strip.apply)
    assert (kernel(person) == SOBEL / 4).all()
    assert person.session.conv.bias.tolist() == [0.5]
    assert not strip.isVisible()
    assert action(person, "undo").text() == "&Undo Divide and offset"
    person.key("Ctrl+Z")
    assert (kernel(person) == SOBEL).all()
    assert person.session.conv.bias.tolist() == [0]


def test_return_applies_what_is_typed_and_escape_leaves_it(person):
    strip = person.window.kernel_strip
    person.window.run("scale-kernel")
    person.type("2")
    person.key("Escape")
    assert not strip.isVisible()
    assert (kernel(person) == SOBEL).all()
    person.window.run("scale-kernel")
    person.type("2")
    person.key("Return")
    assert not strip.isVisible()
    assert (kernel(person) == SOBEL / 2).all()
    person.key("Space")
    assert person.session.playback.playing


@pytest.mark.parametrize(
    ("name", "divisor"), [("vertical-line", 3), ("sobel-x", 8), ("gaussian-3", 1), ("box", 1)]
)
def test_normalise_divides_by_the_sum_or_by_that_of_the_sizes(person, name, divisor):
    person.apply(changes.set_kernel_preset, name)
    person.window.run("scale-kernel")
    strip = person.window.kernel_strip
    person.press(strip.normalise)
    assert strip.divisor.value() == pytest.approx(divisor)
    person.press(strip.apply)
    assert np.abs(kernel(person)).sum() == pytest.approx(1)


def test_normalise_is_exact_where_the_field_cannot_be(person):
    person.apply(changes.set_kernel, np.full((3, 3), 1 / 7))
    person.window.run("scale-kernel")
    person.press(person.window.kernel_strip.normalise)
    person.press(person.window.kernel_strip.apply)
    assert kernel(person).sum() == pytest.approx(1, abs=1e-15)


def test_a_kernel_cannot_be_divided_by_nothing(person):
    person.window.run("scale-kernel")
    person.type("0")
    person.key("Return")
    strip = person.window.kernel_strip
    assert strip.isVisible()
    assert strip._hint.text() == "This cannot be: a kernel cannot be divided by 0"
    assert (kernel(person) == SOBEL).all()


def test_a_random_kernel_comes_from_its_seed(person):
    strip = person.window.kernel_strip
    person.window.run("random-kernel")
    assert person.focus is strip.seed
    assert not strip.divisor.isVisible()
    person.type("7")
    person.key("Return")
    assert np.array_equal(kernel(person), random_kernel((1, 1, 3, 3), 7)[0, 0])
    person.press(strip.another)
    assert strip._hint.text() == "Drawn with seed 8"
    assert np.array_equal(kernel(person), random_kernel((1, 1, 3, 3), 8)[0, 0])
    person.key("Escape")
    assert not strip.isVisible()


def test_one_strip_takes_the_place_of_the_other(person):
    person.window.run("scale-kernel")
    person.window.run("go-to")
    assert not person.window.kernel_strip.isVisible()
    person.window.run("random-kernel")
    assert not person.window.go_to.isVisible()


# Workspaces


def test_tabs_and_alt_with_a_digit_choose_the_workspace(person):
    tabs = person.window.tabs
    assert [tabs.tabText(n).replace("&&", "&") for n in range(tabs.count())] == [
        "Convolve 2-D",
        "Convolve 1-D",
        "Layer & channels",
        "Learn a kernel",
    ]
    person.key("Alt+3")
    assert person.session.view.workspace == "layers"
    assert tabs.currentIndex() == 2
    assert action(person, "workspace-layers").isChecked()
    tabs.setCurrentIndex(0)
    assert person.session.view.workspace == "convolve"
    assert action(person, "workspace-convolve").isChecked()
    person.key("Alt+3", "Alt+1")
    assert tabs.currentIndex() == 0


def test_arrows_choose_a_tab_that_tab_has_reached(person):
    person.tab_to(person.window.tabs)
    step = person.session.playhead.step
    person.key("Right")
    assert person.session.view.workspace == "signals"
    person.key("Left")
    assert person.session.view.workspace == "convolve"
    assert person.session.playhead.step == step


def test_tabs_have_names_and_tips(person):
    tabs = person.window.tabs
    assert tabs.accessibleName() == "Workspace"
    assert [tabs.tabToolTip(n) for n in range(4)] == [
        "Convolve 2-D (Alt+1)",
        "Convolve 1-D (Alt+2)",
        "Layer & channels (Alt+3)",
        "Learn a kernel (Alt+4)",
    ]


def test_use_counts_are_shown_and_hidden(person):
    person.key("Ctrl+U")
    assert person.session.view.use_counts
    assert action(person, "use-counts").isChecked()
    assert person.window._scene.input.cells.values.max() == 9
    person.key("Ctrl+U")
    assert person.window._scene.input.cells.values.max() == 1


# Examples


@pytest.mark.parametrize("name", list(EXAMPLES))
def test_an_example_opens_and_undo_leads_back(person, name):
    document = EXAMPLES[name].make()
    person.apply(pages.on_page, document.rank)
    title = person.title
    person.apply(changes.set_bias, 2.0)
    person.apply(show_example, name)
    assert person.session.document.image.shape == document.image.shape
    assert len(person.session.document.layers) == len(document.layers)
    assert person.problem_text is None
    assert person.window.stage.isVisible()
    person.key("Ctrl+Z")
    assert person.title.replace("*", "") == title
    assert person.session.conv.bias.tolist() == [2]
    person.key("Ctrl+Y")
    assert person.session.document.image.shape == document.image.shape


def test_every_action_says_in_its_tip_what_it_does(person):
    for name in COMMANDS:
        assert action(person, name).toolTip().strip(), name


def test_the_strip_has_no_field_without_a_name(person):
    fields = person.window.kernel_strip.findChildren(QAbstractSpinBox)
    assert all(field.accessibleName() for field in fields)


def test_scatter_is_a_choice_in_the_menu_too(person):
    assert not action(person, "scatter").isEnabled()
    person.choose(person.panel.kind, "Transposed")
    action(person, "scatter").trigger()
    assert person.session.stamping
    assert person.panel.scatter.isChecked()
    assert action(person, "scatter").isChecked()
    assert not action(person, "gather").isChecked()


def test_go_to_counts_the_steps_of_all_maps(person):
    person.apply(stacking.set_output_channels, 2)
    person.key("G")
    assert person.window.go_to._hint.text() == (
        "a step from 1 to 512, or row,column up to 15,15 of this map"
    )
    person.type("300")
    person.key("Return")
    assert person.session.channel == 1
    person.apply(transitions.first)
    assert person.step_text == "step 1 / 512"
