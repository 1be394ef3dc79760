"""Signals on the command line: --mode does as NumPy, whatever the operands are and where from."""

import json

import numpy as np
import openpyxl
import pytest
from PySide6.QtGui import QImage
from scipy.io import wavfile

from convviz.engine.numpy_modes import MODES
from convviz.export.frames import FrameOptions, frame_image
from convviz.model.examples import open_example
from convviz.model.session import new_session
from convviz.model.transitions import seek
from convviz.render.theme import THEMES

CASES = 600
NUMPY = {"--flip": np.convolve, "--no-flip": np.correlate}


@pytest.fixture(autouse=True)
def in_an_empty_folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


def typed(samples):
    return ",".join(map(repr, samples.tolist()))


def values_of(ended):
    assert ended.code == 0, ended.err
    return np.array(json.loads(ended.out)["values"])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("way", NUMPY)
def test_every_mode_prints_what_numpy_makes_of_signals_of_any_length(convviz_does, mode, way):
    dice = np.random.default_rng(list(mode.encode()))
    longer = 0
    for _ in range(CASES // len(MODES) // len(NUMPY)):
        a, b = (dice.normal(size=dice.integers(1, 12)) for _ in range(2))
        made = convviz_does("compute", typed(a), "-k", typed(b), "--mode", mode, way, "--json")
        np.testing.assert_allclose(values_of(made), NUMPY[way](a, b, mode), rtol=0, atol=1e-12)
        assert ("NumPy swaps them" in made.err) == (len(b) > len(a))
        longer += len(b) > len(a)
    assert longer > CASES / 20


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("lengths", [(1, 1), (1, 9), (9, 1), (4, 4), (2, 7), (7, 2)])
def test_whole_numbers_are_printed_as_numpy_prints_them(convviz_does, mode, lengths):
    a, b = (np.arange(1, length + 1) for length in lengths)
    made = convviz_does("compute", typed(a), "-k", typed(b), "--mode", mode)
    assert made.out == f"{np.convolve(a, b, mode)}\n"


@pytest.mark.parametrize(
    ("mode", "way", "said"),
    [
        ("full", "--flip", "which changes no value"),
        ("full", "--no-flip", "which changes the order alone, and it turns that back"),
        ("same", "--flip", "so same has 4 values"),
        ("valid", "--flip", "so valid has 2 values"),
    ],
)
def test_a_longer_kernel_is_told_of_in_one_line(convviz_does, mode, way, said):
    made = convviz_does("compute", "1,2,3", "-k", "4,5,6,7", "--mode", mode, way)
    assert made.err == (
        f"convviz: the kernel is longer than the input, 4 samples to 3: NumPy swaps them, {said}\n"
    )


def test_a_kernel_as_long_as_the_input_is_not_told_of(convviz_does):
    assert convviz_does("compute", "1,2,3", "-k", "4,5,6", "--mode", "same").err == ""


A = np.array([3.0, -1, 0.5, 2, 8, -4])


def tone_file():
    wavfile.write("a.wav", 8000, (A * 1000).astype(np.int16))
    return (A * 1000).astype(np.int16) / 2**15


def in_file(name):
    match name:
        case "row.csv":
            np.savetxt(name, A[None], delimiter=",")
        case "column.csv":
            np.savetxt(name, A)
        case "a.npy":
            np.save(name, A)
        case "a.wav":
            return tone_file()
    return A


@pytest.mark.parametrize("name", ["row.csv", "column.csv", "a.npy", "a.wav"])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("b", [[4, 5, 6], list(range(1, 10))])
def test_files_go_with_typed_kernels(convviz_does, name, mode, b):
    a = in_file(name)
    made = convviz_does("compute", name, "-k", typed(np.array(b)), "--mode", mode, "--json")
    np.testing.assert_allclose(values_of(made), np.convolve(a, b, mode), rtol=0, atol=1e-12)


def test_a_file_may_be_the_kernel_too(convviz_does):
    in_file("row.csv")
    made = convviz_does("compute", "1,2,3", "-k", "row.csv", "--mode", "valid", "--json")
    np.testing.assert_allclose(values_of(made), np.convolve([1, 2, 3], A, "valid"), atol=1e-12)


def test_a_stride_takes_every_second_value_of_numpy(convviz_does):
    made = convviz_does("compute", "1,2,3,4", "-k", "1,2", "--mode", "full", "--stride", 2)
    assert made.out == f"{np.convolve([1, 2, 3, 4], [1, 2])[::2]}\n"


def test_dilation_puts_zeros_between_the_weights_that_numpy_sees(convviz_does):
    made = convviz_does("compute", "1,2,3", "-k", "4,5,6", "--mode", "same", "--dilation", 2)
    assert made.out == f"{np.convolve([1, 2, 3], [4, 0, 5, 0, 6], 'same')}\n"
    assert "5 samples to 3" in made.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["1,2", "-k", "1,1", "--padding", "1"], 2, "leave it out, or --padding"),
        (["1,2", "-k", "1,1", "--padding-mode", "reflect"], 2, "leave it out, or --padding-mode"),
        (["1,2", "-k", "1,1", "--padding-value", "3"], 2, "leave it out, or --padding-value"),
        (["1,2", "-k", "1,1", "--transpose"], 2, "leave it out, or --transpose"),
        (["1,2", "--pool", "max"], 2, "leave it out, or --pool"),
        (["1,2", "--layer", "relu"], 2, "--mode is of the layer that KERNEL or --pool gives"),
        (["full-signal"], 2, "--mode: the example full-signal brings its layers"),
        (["letter-h", "-k", "blur"], 4, "give --padding full, same or valid"),
        (["1,2,3", "-k", "blur"], 4, "INPUT or KERNEL is an image"),
    ],
)
def test_what_does_not_go_with_a_mode_is_said_in_one_line(convviz_does, arguments, code, said):
    ended = convviz_does("compute", *arguments, "--mode", "same")
    assert (ended.code, ended.out) == (code, "")
    assert said in ended.err
    assert ended.err.count("\n") == 1


def test_an_unknown_mode_is_answered_with_those_that_there_are(convviz_does):
    ended = convviz_does("compute", "1,2", "-k", "1,1", "--mode", "sama")
    assert ended.code == 2
    assert "none of full, same, valid; did you mean same?" in ended.err


def test_trace_lists_the_terms_of_numpys_value(convviz_does):
    ended = convviz_does("trace", "1,2,3", "-k", "4,5,6,7", "--mode", "same", "--at", 1, "--json")
    told = json.loads(ended.out)
    assert told["value"] == np.convolve([1, 2, 3], [4, 5, 6, 7], "same")[1]
    assert [term["product"] for term in told["terms"]] == [0, 6, 10, 12]


def test_render_has_as_many_frames_as_numpy_has_values(convviz_does, tmp_path):
    ended = convviz_does("render", "1,2,3", "-k", "4,5,6,7", "--mode", "valid", "-o", "frames")
    assert ended.code == 0, ended.err
    assert len(list((tmp_path / "frames").iterdir())) == 2


@pytest.mark.parametrize("source", ["1-to-5", "1,2,3,4,5"])
def test_a_signal_alone_is_filmed_with_the_kernel_of_the_lecture(convviz_does, tmp_path, source):
    assert convviz_does("render", source, "-o", "frames").code == 0
    assert len(list((tmp_path / "frames").iterdir())) == 7


def test_help_says_what_a_mode_is(convviz_does):
    said = " ".join(convviz_does("compute", "--help").out.split())
    assert "what numpy.convolve makes of INPUT and KERNEL" in said
    assert "numpy.correlate: full, same, valid." in said


@pytest.mark.parametrize("name", ["map.npy", "map.csv", "map.tsv"])
def test_the_output_goes_into_a_file_that_is_a_signal_again(convviz_does, name):
    arguments = ("compute", "1,2,3", "-k", "4,5,6,7", "--mode", "same", "-o", name)
    assert convviz_does(*arguments).code == 0
    again = convviz_does("compute", name, "-k", "1", "--mode", "full", "--json")
    assert values_of(again).tolist() == [13, 28, 34, 32]


def test_a_spreadsheet_of_signals_has_the_line_for_torch(convviz_does):
    arguments = ("compute", "1,2,3", "-k", "4,5,6,7", "--mode", "same", "-o", "a.xlsx")
    assert convviz_does(*arguments).code == 0
    book = openpyxl.load_workbook("a.xlsx")
    cells = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row]
    assert any("torch.nn.Conv1d(1, 1, (4,)" in cell and "weight flipped" in cell for cell in cells)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_frames_show_signals_as_the_window_does(convviz_does, tmp_path, theme):
    arguments = ("render", "signal-1-2-3", "-o", "frames", "--theme", theme, "--steps", 3)
    assert convviz_does(*arguments).code == 0
    session = seek(open_example(new_session(), "signal-1-2-3"), 2)
    shown = frame_image(session, FrameOptions(1280, 720, 1, THEMES[theme]))
    (path,) = (tmp_path / "frames").iterdir()
    found = QImage(str(path)).convertToFormat(QImage.Format.Format_RGB32)
    assert found == shown.convertToFormat(QImage.Format.Format_RGB32)
