"""A line of text that is too long for its place."""

from convviz.ui.short_label import ShortLabel


def test_what_has_no_room_ends_in_dots_and_is_whole_in_the_tip(qtbot):
    label = ShortLabel()
    qtbot.addWidget(label)
    label.resize(120, 20)
    whole = " + ".join(["0.25·4"] * 60)
    label.show_text(whole)
    assert label.text().endswith("…")
    assert label.toolTip() == label.accessibleName() == whole
    label.resize(9000, 20)
    label.show()
    assert (label.text(), label.toolTip()) == (whole, "")
