"""What can be read is one table: dialogs, messages and the clipboard go by it."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtWidgets import QFileDialog

from convviz.files.errors import FileError
from convviz.files.read import FORMATS, HEAD_BYTES, SUFFIXES, UNKNOWN, find_format, read_array
from convviz.files.scenes import SCENE_SUFFIX
from convviz.files.weights import SUFFIXES as WEIGHTS
from convviz.ui import dialogs, incoming

OPENED_ELSEWHERE = {".onnx"}  # as layers, not as an array


@pytest.fixture
def filters(monkeypatch):
    """Return a function that asks by a dialog, and returns the kinds that it lists."""
    seen = []

    def asked(_parent, _title, _folder, listed):
        seen.append(listed)
        return "", ""

    monkeypatch.setattr(QFileDialog, "getOpenFileName", asked)

    def listed_by(ask):
        ask(None, Path())
        return seen[-1].split(";;")

    return listed_by


def suffixes(kinds):
    return [kind.removeprefix("*") for kind in kinds.partition("(")[2].rstrip(")").split()]


def test_the_dialog_lists_every_kind_that_is_read(filters):
    everything, scenes, others, last = filters(dialogs.ask_open)
    assert suffixes(everything) == [SCENE_SUFFIX, *SUFFIXES]
    assert suffixes(scenes) == [SCENE_SUFFIX]
    assert suffixes(others) == list(SUFFIXES)
    assert last == "All (*)"
    assert {".wav", ".png", ".csv", ".npy"} < set(SUFFIXES)


def test_the_dialog_for_weights_lists_kinds_of_the_same_table(filters):
    assert suffixes(filters(dialogs.ask_weights)[0]) == list(WEIGHTS)
    assert set(WEIGHTS) < set(SUFFIXES)


def test_the_message_about_another_kind_names_each_that_is_read(tmp_path):
    path = tmp_path / "sound.flac"
    path.write_bytes(b"fLaC\0\0\0\42rest")
    with pytest.raises(FileError) as raised:
        read_array(path)
    for kind in FORMATS:
        named = kind.suffixes[0][1:].upper() in str(raised.value)
        assert named is not (kind.suffixes[0] in OPENED_ELSEWHERE), kind.name


@pytest.mark.parametrize("kind", incoming.FORMATS)
def test_each_kind_of_picture_that_is_pasted_is_read(kind):
    stream = io.BytesIO()
    Image.fromarray(np.zeros((3, 3), np.uint8)).save(stream, kind.partition("/")[2])
    found = find_format(stream.getvalue()[:HEAD_BYTES], "")
    assert found is not UNKNOWN
    assert f".{kind.partition('/')[2]}" in found.suffixes
