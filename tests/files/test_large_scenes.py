"""Scenes with more numbers than text is good for: the arrays follow the text as bytes."""

import json
import random

import numpy as np
import pytest

from convviz.cli import main
from convviz.engine.layers import Activation, Conv, ConvTranspose
from convviz.engine.settings import frozen_array
from convviz.files import scene_arrays, scenes
from convviz.files.checked_scenes import checked_scene_bytes
from convviz.files.errors import FileError, Refusal
from convviz.files.scenes import read_scene, scene_bytes
from convviz.model.document import Document, same_document
from convviz.model.session import Session, new_session

RNG = np.random.default_rng(0)
MUTANTS = 400


def random_array(*shape, dtype=np.float64):
    return frozen_array(RNG.normal(size=shape).astype(dtype))


def scene_of(*layers, image=(1, 8, 8), dtype=np.float64):
    return Session(Document(random_array(*image, dtype=dtype), "noise", layers))


def large():
    return scene_of(Conv(random_array(80, 64, 8, 8)), Activation("relu"), image=(64, 9, 9))


@pytest.mark.parametrize(
    "session",
    [
        scene_of(Conv(random_array(512, 512, 3, 3, dtype=np.float32), padding=1),
                 image=(512, 4, 4), dtype=np.float32),
        scene_of(Conv(np.ones((1, 1, 3, 3))), image=(1, 700, 600)),
        scene_of(Conv(np.ones((1, 1, 9))), image=(1, 300_000)),
        scene_of(ConvTranspose(random_array(96, 80, 6, 7)), image=(96, 3, 3)),
        scene_of(Conv(random_array(64, 64, 7, 7), random_array(64), padding=3),
                 Conv(random_array(64, 64, 7, 7, dtype=np.float32)), image=(64, 9, 9)),
    ],
)  # fmt: skip
def test_a_scene_with_many_numbers_comes_back_to_the_last_bit(session):
    data = checked_scene_bytes(session)
    found = read_scene(data)
    assert same_document(found.document, session.document)
    assert found.document.image.dtype == session.document.image.dtype
    assert scene_bytes(read_scene(scene_bytes(found))) == scene_bytes(found)
    numbers = session.document.image.nbytes + sum(
        getattr(layer, "weight", np.empty(0)).nbytes for layer in session.document.layers
    )
    assert len(data) < numbers + 20_000


def test_a_file_of_it_is_a_line_and_text_that_people_can_read(tmp_path):
    session, path = large(), tmp_path / "large.convviz"
    path.write_bytes(scene_bytes(session))
    with path.open("rb") as file:
        label = json.loads(file.readline())
        scene = json.loads(file.read(label["scene"]))
        weight = np.frombuffer(file.read(), "<f8")[64 * 9 * 9 :]
    assert label["format"] == "convviz scene with arrays"
    assert label["arrays"] == [["float64", [64, 9, 9]], ["float64", [80, 64, 8, 8]]]
    assert scene["layers"][0]["weight"] == {"dtype": "float64", "values": {"beside": 1}}
    assert np.array_equal(weight, session.document.layers[0].weight.ravel())


def test_a_scene_of_some_numbers_is_still_nothing_but_text():
    for session in (new_session(), scene_of(Conv(np.ones((1, 1, 3, 3))), image=(1, 512, 512))):
        json.loads(scene_bytes(session))


def test_the_command_line_takes_it(tmp_path, capsys):
    path = tmp_path / "large.convviz"
    path.write_bytes(scene_bytes(large()))
    assert main(["trace", str(path), "--at", "0,0", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["value"]


@pytest.mark.parametrize(
    ("session", "sentence"),
    [
        (scene_of(Conv(random_array(80, 64, 8, 8)), image=(64, 9, 9)),
         ("the scene would take 3 MiB, at most 1 are read; the weight of layer 1 is the largest "
         "part: take a part of it")),
        (scene_of(Activation("relu"), image=(1, 700, 700)),
         ("the scene would take 4 MiB, at most 1 are read; the image is the largest part: scale it "
         "down")),
    ],
)  # fmt: skip
def test_what_would_be_too_large_to_open_says_what_is_large(monkeypatch, session, sentence):
    monkeypatch.setattr(scenes, "MAX_FILE_BYTES", 2**20)
    with pytest.raises(Refusal) as caught:
        scene_bytes(session)
    assert str(caught.value) == sentence


def small_with_arrays(monkeypatch):
    monkeypatch.setattr(scenes, "MOST_IN_TEXT", 0)
    monkeypatch.setattr(scene_arrays, "MOST_INSIDE", 8)
    return scene_bytes(new_session())


def parts(data):
    line, _, rest = data.partition(b"\n")
    label = json.loads(line)
    return label, rest[: label["scene"]], rest[label["scene"] :]


def together(label, scene, arrays):
    return json.dumps({**label, "scene": len(scene)}).encode() + b"\n" + scene + arrays


def refusal(data):
    with pytest.raises(FileError) as caught:
        read_scene(data, "mine.convviz")
    text = str(caught.value)
    assert text.isprintable()
    assert text.startswith("mine.convviz: ")
    return text.removeprefix("mine.convviz: ")


HUGE = [["float64", [2**40, 2**40]]]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda la, s, a: together(la, s, a[:-1]), "it is cut short"),
        (lambda la, s, a: together(la, s, a + b"\0"), "something follows its end"),
        (lambda la, s, a: together({**la, "arrays": HUGE}, s, a), "it is cut short"),
        (lambda la, s, a: together({**la, "arrays": [["float64", [-1, 8]]]}, s, a), "it is cut"),
        (lambda la, s, a: together({**la, "arrays": [["object", [1]]]}, s, a), "it holds numbers"),
        (lambda la, s, a: together({**la, "version": 9}, s, a), "version: the scene is of versi"),
        (lambda la, s, a: together({**la, "arrays": []}, s, a[:0]), "image.values: it holds an"),
        (lambda la, s, a: together(la, s.replace(b'"beside": 0', b'"beside": 7'), a),
         "beside: the file has 2 arrays beside it"),
        (lambda la, s, a: together(la, s.replace(b'"beside": 0', b'"beside": -1'), a),
         "beside: the file has 2 arrays beside it"),
        (lambda la, s, a: together(la, s, b"\xff" * len(a)), "image.values: all numbers must be"),
    ],
)  # fmt: skip
def test_a_file_that_claims_what_it_has_not_is_refused_in_a_line(monkeypatch, change, reason):
    assert refusal(change(*parts(small_with_arrays(monkeypatch)))).startswith(reason)


def test_text_alone_has_nothing_beside_it():
    scene = json.loads(scene_bytes(new_session()))
    scene["image"]["values"] = {"beside": 0}
    assert refusal(json.dumps(scene).encode()).startswith("image.values: it holds an object")


def test_a_damaged_file_is_refused_or_opens_and_nothing_else(monkeypatch):
    data, dice = small_with_arrays(monkeypatch), random.Random(0)
    for _ in range(MUTANTS):
        mutant = bytearray(data)
        for _ in range(dice.choice((1, 1, 2, 8))):
            mutant[dice.randrange(len(mutant))] = dice.randrange(256)
        found = outcome(bytes(mutant))
        assert found.isprintable() if isinstance(found, str) else not found.document.problem


def outcome(data):
    try:
        return read_scene(data, "mine.convviz")
    except FileError as error:
        return str(error)
