"""Scene files: all that is worked on comes back as it was, and what is damaged says where."""

import json
import random
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from scene_cases import sessions

from convviz.engine.layers import Conv, ConvTranspose, Pool
from convviz.files.errors import FileError, Refusal
from convviz.files.scene_schema import scene_schema
from convviz.files.scenes import LAYER_TYPES, read_scene, scene_bytes
from convviz.model.changes import set_cell
from convviz.model.derive import derive_scene
from convviz.model.document import Document, same_document
from convviz.model.examples import EXAMPLES
from convviz.model.invariants import broken_invariants
from convviz.model.pages import on_page, show_workspace
from convviz.model.session import Session, View, Zoom, new_session
from convviz.model.transitions import seek, zoom

KEPT = Path(__file__).parent / "scenes"
MUTANTS = 600


def opening():
    return json.loads(scene_bytes(new_session()))


def refusal(scene):
    data = scene if isinstance(scene, bytes) else json.dumps(scene).encode()
    with pytest.raises(FileError) as caught:
        read_scene(data, "mine.convviz")
    text = str(caught.value)
    assert text.isprintable()
    assert len(text) < 600
    assert text.startswith("mine.convviz: ")
    return text.removeprefix("mine.convviz: ")


def put(scene, place, value):
    """Return the scene with `value` at a place such as "layers.0.stride"."""
    *path, last = [int(part) if part.isdecimal() else part for part in place.split(".")]
    inner = scene
    for part in path:
        inner = inner[part]
    inner[last] = value
    return scene


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(sessions())
def test_any_session_is_the_same_when_it_is_opened_again(session):
    data = scene_bytes(session)
    found = read_scene(data)
    expected = replace(session.document, image_name=found.document.image_name)
    assert same_document(found.document, expected)
    assert scene_bytes(found) == data
    assert derive_scene(found).sentence == derive_scene(session).sentence
    for one, other in zip(found.document.layers, session.document.layers, strict=True):
        assert getattr(one, "weight", 0).__class__ is getattr(other, "weight", 0).__class__


def test_a_step_beyond_the_samples_that_a_transposed_convolution_reads_is_kept():
    layer = ConvTranspose(np.ones((1, 1, 3)))
    shown = Session(
        Document(np.ones((1, 2)), "a", (layer,)), scatter=True, view=View(workspace="signals")
    )
    assert read_scene(scene_bytes(seek(shown, 3))).playhead.step == 3


@pytest.mark.parametrize("name", list(EXAMPLES))
def test_so_are_the_examples(name):
    session = Session(EXAMPLES[name].make())
    found = read_scene(scene_bytes(session))
    assert same_document(found.document, session.document)


def test_signs_of_zero_and_the_last_digit_are_kept():
    image = np.array([[[-0.0, 0.1 + 0.2, 5e-324, 1e22, 2.0**60 + 2**8]]])
    document = Document(image, "Digits", (Pool("max", 1),))
    found = read_scene(scene_bytes(Session(document))).document.image
    assert found.tobytes() == image.tobytes()


def test_where_one_looks_is_kept_and_the_theme_is_not():
    session = replace(new_session(), view=replace(new_session().view, theme="light"))
    session = zoom(session, "input", Zoom(2.5, 0.25, 0.75))
    found = read_scene(scene_bytes(session))
    assert found.playhead.step == 116
    assert found.view.zooms == {"input": Zoom(2.5, 0.25, 0.75)}
    assert found.view.theme == "system"


def test_the_scene_of_the_readme_is_one():
    text = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    found = read_scene(example.encode())
    assert found.document.shapes == ((1, 3, 3), (1, 3, 3), (1, 3, 3), (1, 1, 1))
    assert found.playhead.step == 4


def test_a_person_can_write_one_by_hand():
    found = read_scene(
        b"""{"format": "convviz scene", "version": 1,
        "image": {"name": "Mine", "values": [[[1, 2], [3, 4]]]},
        "layers": [{"type": "conv", "weight": {"values": [[[[1, 1]]]]}, "padding": 1}]}"""
    )
    assert found.document.shapes == ((1, 2, 2), (1, 4, 3))
    assert found.document.image.dtype == np.float64


def test_a_file_is_read_by_its_path(tmp_path):
    path = tmp_path / "mine.convviz"
    path.write_bytes(scene_bytes(new_session()))
    assert same_document(read_scene(path).document, new_session().document)
    assert same_document(read_scene(str(path)).document, new_session().document)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileError, match=r"gone\.convviz: there is no such file; check its name"):
        read_scene(tmp_path / "gone.convviz")


@pytest.mark.parametrize("path", sorted(KEPT.glob("*.convviz")), ids=lambda path: path.stem)
def test_files_of_version_1_are_read_for_ever_and_written_the_same(path):
    assert scene_bytes(read_scene(path)) == path.read_bytes()


def test_there_is_a_file_of_version_1_with_every_kind_of_layer():
    texts = "".join(path.read_text() for path in KEPT.glob("*.convviz"))
    assert '"version": 1' in texts
    assert all(f'"type": "{kind}"' in texts for kind in LAYER_TYPES)


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        ("format", "other", 'it does not say "format": "convviz scene"; choose a scene'),
        ("version", 2, "version: the scene is of version 2, this convviz reads up to 1; open it"),
        ("version", "1", "version: it must be a whole number, such as 1"),
        ("image.values", [[1, 2]], "layers[0]: the "),
        ("image.values", [[[1], [2, 3]]], "image.values: row 2 has 2 numbers, but row 1 has 1"),
        ("image.values", [[["a"]]], "image.values: it holds the text 'a' in place 1 of a list"),
        ("image.values", 5, "image.values: it holds a single number; write a list"),
        ("image.values", [], "image.values: there are no numbers in it"),
        ("image.dtype", "int8", "image.dtype: write one of float32, float64"),
        ("image.name", 3, "image.name: it holds a single number; write a text"),
        ("layers", [], "layers: there is no layer; write one"),
        ("layers.0.type", "dense", "layers[0].type: 'dense' is none of conv, conv_transpose"),
        ("layers.0.stride", [0, 1], "layers[0]: stride must be 1 or more, not 0; correct it"),
        ("layers.0.stride", 1.5, "layers[0].stride: 1.5 is no whole number from 0"),
        ("layers.0.stride", [1, True], "layers[0].stride[1]: it holds true; write a number"),
        ("layers.0.padding", "some", "layers[0]: 'some' is no padding rule: choose one of"),
        ("layers.0.flip", 1, "layers[0].flip: it holds a single number; write true or false"),
        ("layers.0.strid", 1, "layers[0]: 'strid' is not known here; take it out, or write one"),
        ("layers.0.groups", 1e300, "layers[0].groups: 1e+300 is no whole number from 0 to"),
        ("view.layer", "last", "view.layer: it holds the text 'last'; write a number"),
        ("view.workspace", "none", "view.workspace: 'none' is none of convolve, signals, layers"),
        ("view.zooms", {"input": {"factor": 0}}, "view.zooms.input.factor: write a number from 1"),
        ("view.zooms", {"here": {}}, "view.zooms: 'here' is not known here"),
    ],
)
def test_what_is_wrong_is_said_with_its_place_and_the_way_out(place, value, message):
    assert refusal(put(opening(), place, value)).startswith(message)


@pytest.mark.parametrize("place", ["layer", "source", "step", "term"])
def test_what_is_looked_at_and_is_not_there_is_the_last_that_is(place):
    found = read_scene(json.dumps(put(opening(), f"view.{place}", 10**6)).encode())
    assert broken_invariants(found) == ()
    assert derive_scene(found).sentence


def test_a_page_aside_that_looks_at_what_is_gone_opens_too():
    session = set_cell(new_session(), "input", (0, 0), 7.0)
    both = replace(show_workspace(session, "signals"), together=True)
    scene = json.loads(scene_bytes(both))
    gone = {"layer": 2, "source": 1, "scatter": False, "step": 400, "term": 99}
    found = read_scene(json.dumps(put(scene, "aside.view", gone)).encode())
    assert (found.aside.layer, found.aside.source) == (0, 0)
    assert broken_invariants(found) == ()
    assert derive_scene(on_page(found, 2)).title == "Letter H, edited ∗ Sobel x"


def test_a_layer_that_does_not_fit_says_so_as_in_the_window():
    scene = put(put(opening(), "layers.0.dilation", [9, 9]), "layers.0.padding", "valid")
    assert refusal(scene) == (
        "layers[0]: the kernel spans 19 cells after dilation 9, the padded input has 16; "
        "reduce dilation to 7 or pad by 2 or reduce the kernel to 2 × 2"
    )


def test_what_is_missing_is_named():
    scene = opening()
    del scene["layers"][0]["weight"]
    assert refusal(scene) == "layers[0].weight: it is missing; add it"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "line 1, column 1: this is not JSON: Expecting value; correct it there"),
        (b"\xff\xfe", "it is not UTF-8 text"),
        (b"[" * 100_000, "its brackets are nested too deep"),
        (b'{"a":' * 100_000, "its brackets are nested too deep"),
        (b'{"format": NaN}', "NaN is not a finite number"),
        (b'{"a": 1, "a": 2}', "a: it is there twice; take one out"),
        (b"[1, 2]", 'it does not say "format"'),
        (b"1" * 10_000, 'it does not say "format"'),
    ],
)
def test_what_is_no_scene_is_refused_in_a_line(data, message):
    assert refusal(data).startswith(message)


@pytest.mark.parametrize("number", ["1e400", "-1e400", "9" * 5000])
def test_numbers_beyond_all_numbers_are_refused(number):
    text = scene_bytes(new_session()).replace(b"[0, 0, 0, 0, ", f"[{number}, 0, 0, 0, ".encode(), 1)
    assert refusal(text) == "image.values: a number in it is too large"


def test_a_float32_that_would_be_infinite_is_refused():
    scene = put(opening(), "image", {"name": "", "dtype": "float32", "values": [[[1e39]]]})
    assert refusal(scene).startswith("image.values: all numbers must be finite")


def test_what_would_be_too_large_to_open_is_not_saved(monkeypatch):
    monkeypatch.setattr("convviz.files.scenes.MAX_SCENE_BYTES", 1000)
    with pytest.raises(Refusal, match="more than 0 MiB of text; take layers out"):
        scene_bytes(new_session())


def test_a_step_beyond_the_last_is_the_last():
    scene = put(put(opening(), "view.step", 10**6), "view.term", 10**6)
    found = read_scene(json.dumps(scene).encode())
    assert found.playhead.step == 255
    assert found.playhead.term == found.stage_count - 1


def mutated(data, dice):
    """Return a scene after an accident: bytes lost, doubled, changed; words and numbers swapped."""
    pieces = re.findall(rb'"[^"]*"|[-0-9.e+]+|[][{},:]|\s+|true|false|null', data)
    for _ in range(dice.choice((1, 1, 2, 5))):
        place = dice.randrange(len(pieces))
        match dice.randrange(4):
            case 0:
                del pieces[place]
            case 1:
                pieces[place] = dice.choice(pieces)
            case 2:
                pieces[place] = dice.choice(
                    [b"1e999", b"-1", b"1e300", b"null", b"true", b'""', b"[]", b"{}", b"0.5",
                     b"2147483647", b"NaN", b'"\\ud800"', b"[[[[[1]]]]]", b"\xff", b"123456"]
                )  # fmt: skip
            case _:
                pieces[place:place] = pieces[place : place + dice.randint(1, 30)]
    return b"".join(pieces)


def outcome(data):
    """Return the session in a scene, or the sentence that says why there is none."""
    try:
        return read_scene(data, "mine.convviz")
    except FileError as error:
        return str(error)


def test_damaged_scenes_give_one_line_or_a_scene():
    dice = random.Random(7)
    samples = [scene_bytes(Session(EXAMPLES[n].make())) for n in ("overlaps", "dilated-causal")]
    samples += [path.read_bytes() for path in KEPT.glob("*.convviz")]
    refused = 0
    for _ in range(MUTANTS):
        data = mutated(dice.choice(samples), dice)
        found = outcome(data)
        if isinstance(found, Session):
            assert scene_bytes(read_scene(scene_bytes(found))) == scene_bytes(found)
        else:
            refused += 1
            assert "\n" not in found
            assert "cannot be read" not in found, data
    assert MUTANTS / 2 < refused < MUTANTS


def test_the_schema_names_every_setting_of_every_layer():
    schema = scene_schema()
    assert schema["properties"]["version"] == {"const": 1}
    layers = schema["properties"]["layers"]["items"]["oneOf"]
    kinds = {layer["properties"]["type"]["const"]: layer for layer in layers}
    assert set(kinds) == set(LAYER_TYPES)
    assert set(Conv.__dataclass_fields__) < set(kinds["conv"]["properties"])
    assert kinds["pool"]["required"] == ["type", "kind", "kernel_size"]
