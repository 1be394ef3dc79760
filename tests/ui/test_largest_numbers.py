"""Numbers near the largest that there are, in the window, with its histograms."""

import json

import pytest
from person import pixels

from convviz.model import pages

SCENE = {
    "format": "convviz scene",
    "version": 1,
    "image": {"name": "Huge", "values": [[[1e308, -1e308, 0], [5e307, 1e307, -5e307]]]},
    "layers": [{"type": "conv", "weight": {"values": [[[[0.5]]]]}}],
}


@pytest.mark.usefixtures("histograms")
def test_a_scene_of_the_largest_numbers_is_shown_in_many_colours(person_with, tmp_path):
    file = tmp_path / "huge.convviz"
    file.write_text(json.dumps(SCENE))
    person = person_with(file)
    histogram = person.stage._histograms["input"]
    assert histogram.accessibleDescription().startswith("6 values, most of them near ")
    assert "inf" not in histogram.accessibleDescription()
    assert len(histogram._curve.getData()[1].nonzero()[0]) == 6
    pane = next(pane for pane in person.stage.panes if pane.name == "input")
    shown = pixels(pane.grab().toImage())
    assert len({tuple(colour) for colour in shown.reshape(-1, shown.shape[-1])}) > 50
    for workspace in ("layers", "learn", "convolve"):
        person.apply(pages.show_workspace, workspace)
        assert not person.window.grab().isNull()
