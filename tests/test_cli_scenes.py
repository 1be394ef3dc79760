"""Scenes on the command line: an INPUT that brings its layers."""

import json
from pathlib import Path

import numpy as np
import pytest

from convviz.cli import main
from convviz.files.scene_schema import scene_schema
from convviz.files.scenes import read_scene, scene_bytes
from convviz.model.document import results
from convviz.model.examples import EXAMPLES
from convviz.model.session import Session

KEPT = Path(__file__).parent / "files" / "scenes"
EVERY_KIND = KEPT / "every-kind-of-layer.convviz"


@pytest.fixture
def convviz_does(capsys):
    """Run the command line in this process; return code, standard output and standard error."""

    def run(*arguments):
        return (main([str(argument) for argument in arguments]), *capsys.readouterr())

    return run


@pytest.fixture
def scene(tmp_path):
    """Return a function that saves an example with the layer `focus` in focus, by index."""

    def save(name, focus=0):
        path = tmp_path / f"{name}.convviz"
        path.write_bytes(scene_bytes(Session(EXAMPLES[name].make(), layer=focus)))
        return path

    return save


def test_a_scene_brings_its_image_and_its_layers(convviz_does, scene):
    code, out, _ = convviz_does("compute", scene("lenet"), "--json")
    assert code == 0
    assert out.replace("lenet.convviz", "lenet") == convviz_does("compute", "lenet", "--json")[1]


def test_disabled_layers_are_left_out_and_that_is_said(convviz_does):
    code, out, told = convviz_does("compute", EVERY_KIND, "--json")
    assert code == 0
    assert told == f"convviz: {EVERY_KIND}: disabled layers are left out\n"
    document = read_scene(EVERY_KIND).document
    made = results(document).entering(len(document.layers))
    found = json.loads(out)
    assert len(found["layers"]) == len(document.layers) - 1
    np.testing.assert_allclose(found["values"], made, rtol=1e-6)


def test_a_scene_without_enabled_layers_is_refused(convviz_does, tmp_path):
    document = EXAMPLES["overlaps"].make()
    document = document.with_stack((layer, True) for layer in document.layers)
    path = tmp_path / "off.convviz"
    path.write_bytes(scene_bytes(Session(document)))
    code, out, told = convviz_does("compute", path)
    assert (code, out) == (4, "")
    assert told.endswith("all its layers are disabled; enable one\n")


def test_the_layer_that_the_scene_looks_at_is_traced(convviz_does, scene):
    path = scene("lenet", focus=2)
    looked = convviz_does("trace", path, "--at", "1,1", "--json")
    assert json.loads(looked[1])["focus"] == 3
    other = convviz_does("trace", path, "--at", "1,1", "--focus", "1", "--json")
    assert json.loads(other[1])["focus"] == 1


def test_with_a_kernel_its_image_alone_is_taken_and_that_is_said(convviz_does, scene):
    path = scene("lenet")
    code, out, told = convviz_does("compute", path, "-k", "blur", "--json")
    assert code == 0
    assert told == f"convviz: {path}: its image alone is taken, without its layers\n"
    assert out == convviz_does("compute", "digit-7", "-k", "blur", "--json")[1].replace(
        '"digit-7"', '"lenet"', 1
    )


def test_settings_for_its_layers_are_refused(convviz_does, scene):
    path = scene("lenet")
    code, _, told = convviz_does("compute", path, "--stride", "2")
    assert code == 2
    assert f"the scene {path} brings its layers" in told


def test_the_steps_of_a_scene_are_rendered(convviz_does, scene, tmp_path):
    path, out = scene("overlaps"), tmp_path / "out"
    code, _, _ = convviz_does("render", path, "-o", out, "--steps", "1:2")
    assert code == 0
    names = sorted(path.name for path in out.iterdir())
    assert names == ["overlaps_step-0001.png", "overlaps_step-0002.png"]


def test_a_broken_scene_is_said_in_a_line(convviz_does, tmp_path):
    path = tmp_path / "mine.convviz"
    path.write_text('{"format": "convviz scene", "version": 1, "image": 3, "layers": []}')
    code, out, told = convviz_does("compute", path)
    assert (code, out) == (4, "")
    assert told == f"convviz: {path}: image: it holds a single number, an object is needed\n"
    code, out, told = convviz_does("compute", tmp_path / "gone.convviz")
    assert code == 4
    assert told.endswith("gone.convviz: there is no such file; check its name and folder\n")


def test_list_prints_the_schema_of_scene_files(convviz_does):
    code, out, _ = convviz_does("list", "--schema")
    assert code == 0
    assert json.loads(out) == scene_schema()
