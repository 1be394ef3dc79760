"""The command line as a person, a pipe and a script meet it."""

import io
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
import types
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from ended import Ended
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

import convviz
from convviz.cli import main, surroundings
from convviz.cli.failures import EnvironmentFailure
from convviz.engine.activations import ACTIVATIONS
from convviz.engine.padding import PADDING_MODES, PADDING_RULES
from convviz.files.read import read_array

ROOT = Path(__file__).resolve().parent.parent
PYTHON = (sys.executable, "-m", "convviz")
LETTER_H = convviz.INPUTS["letter-h"].image
SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
WITHOUT_SCREEN = {
    **{name: value for name, value in os.environ.items() if name not in SCREENS},
    "PYTHONPATH": str(ROOT),
}


@pytest.fixture
def piped(monkeypatch):
    """Put bytes on standard input."""

    def put(data):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))

    return put


@pytest.fixture(autouse=True)
def in_an_empty_folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


def run_process(*arguments, **options):
    """Run the command line as a process of its own, without a screen."""
    found = subprocess.run(
        [*PYTHON, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        **{"env": WITHOUT_SCREEN, **options},
    )
    return Ended(found.returncode, found.stdout, found.stderr)


def names_in(folder):
    return sorted(path.name for path in Path(folder).iterdir())


def values_of(ended):
    assert ended.code == 0, ended.err
    return np.array(strict_json(ended.out)["values"])


def strict_json(text):
    def refuse(constant):
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(text, parse_constant=refuse)


def said_in_one_line(ended, code, *words):
    assert (ended.code, ended.out) == (code, ""), ended
    assert re.fullmatch(r"convviz: [^\n]+\n", ended.err), ended.err
    for word in words:
        assert word in ended.err
    return True


# compute: what is printed


def test_whole_numbers_are_printed_whole_and_others_as_numpy_does(convviz_does):
    assert convviz_does("compute", "1,2;3,4", "-k", "1,1").out == "[[3]\n [7]]\n"
    assert convviz_does("compute", "1,2;3,4", "-k", "1,1/2").out == "[[2.]\n [5.]]\n"
    assert convviz_does("compute", "1,2", "-k", "1", "--bias", "1/2").out == "[1.5 2.5]\n"
    assert convviz_does("compute", "1,2", "-k", "1", "--bias", "2").out == "[3 4]\n"


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        ("none", "[-2  3]"),
        ("relu", "[0 3]"),
        ("leaky_relu", "[-0.02  3.  ]"),
        ("sigmoid", "[0.11920292 0.95257413]"),
        ("tanh", "[-0.96402758  0.99505475]"),
    ],
)
def test_an_activation_decides_whether_numbers_stay_whole(convviz_does, activation, expected):
    found = convviz_does("compute", "-2,3", "-k", "1", "--activation", activation)
    assert found.out == f"{expected}\n"


def test_a_large_map_is_printed_whole_with_a_line_for_each_row(convviz_does):
    np.save("large.npy", np.arange(60 * 70).reshape(60, 70))
    lines = convviz_does("compute", "large.npy", "-k", "1").out.splitlines()
    assert len(lines) == 60
    assert [int(cell) for line in lines for cell in re.findall(r"[0-9]+", line)] == [*range(4200)]


def test_a_large_kernel_of_whole_numbers_gives_whole_numbers(convviz_does):
    generator = np.random.default_rng(0)
    image, kernel = generator.integers(0, 256, (64, 64)), generator.integers(-9, 10, (24, 24))
    np.save("image.npy", image)
    np.save("kernel.npy", kernel)
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    found = convviz_does("compute", "image.npy", "-k", "kernel.npy", "--json")
    assert values_of(found).tolist() == np.einsum("rcij,ij->rc", windows, kernel).tolist()


def test_no_zero_is_negative(convviz_does):
    found = convviz_does("compute", "0,0.5", "-k", "-1,0")
    assert found.out == "[0.]\n"


@pytest.mark.parametrize("command", [("compute",), ("trace", "--at", "0"), ("compute", "--json")])
def test_numbers_beyond_the_largest_float_are_refused(convviz_does, command):
    assert said_in_one_line(convviz_does(*command, "1e200,1", "-k", "1e200"), 4, "too large")


def test_what_rounding_leaves_of_terms_is_printed_as_zero_and_kept_in_json(convviz_does):
    arguments = ("compute", "0.1,0.2,-0.3,1", "-k", "[1,1,1]")
    found = convviz_does(*arguments)
    assert found.out == "[0.  0.9]\n"
    assert found.err == "convviz: 1 number is rounding noise and printed as 0: --json has it\n"
    expected = convviz.conv([0.1, 0.2, -0.3, 1], [1, 1, 1])
    assert 0 < expected[0] < 1e-15
    assert values_of(convviz_does(*arguments, "--json")).tolist() == expected.tolist()


TENTHS = ("0.1,0.2,-0.3,1", "-k", "[1,1,1]")


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        (TENTHS, [0.1 + 0.2 - 0.3, 0.2 - 0.3 + 1]),
        ((*TENTHS, "--layer", "conv 2"), [2 * (0.1 + 0.2 - 0.3), 2 * (0.2 - 0.3 + 1)]),
        ((*TENTHS, "--layer", "max 1"), [0.1 + 0.2 - 0.3, 0.2 - 0.3 + 1]),
        ((*TENTHS, "--activation", "relu"), [0.1 + 0.2 - 0.3, 0.2 - 0.3 + 1]),
        (("0.1,0.2,-0.3,1", "--pool", "avg", "--window", "3", "--stride", "1"), None),
    ],
    ids=str,
)
def test_every_way_out_has_the_same_numbers_and_files_have_all_of_them(
    convviz_does, layers, expected
):
    exact = values_of(convviz_does("compute", *layers, "--json")).tolist()
    if expected is not None:
        assert exact == expected
    for suffix in (".npy", ".csv", ".tsv"):
        convviz_does("compute", *layers, "-o", f"map{suffix}")
        assert read_array(Path(f"map{suffix}")).array.ravel().tolist() == exact
    printed = convviz_does("compute", *layers)
    assert 0 < exact[0] < 2e-16
    assert printed.out.startswith("[0. ")
    assert "1 number is rounding noise" in printed.err


@pytest.mark.parametrize("last", ["1", "2"])
def test_the_numbers_of_a_trace_are_those_of_the_map(convviz_does, last):
    layers = (*TENTHS, "--layer", "conv 2")
    traced = convviz_does("trace", *layers, "--focus", last, "--at", "0", "--json")
    noise = 0.1 + 0.2 - 0.3
    assert strict_json(traced.out)["value"] == (noise if last == "1" else 2 * noise)


def test_sums_of_whole_numbers_that_floats_cannot_hold_are_not_printed_as_exact(convviz_does):
    found = convviz_does("compute", "9007199254740992,1,1", "-k", "1,1,1")
    assert found.out == "[9.00719925e+15]\n"
    found = convviz_does("compute", "9007199254740992,1,-9007199254740992", "-k", "1,1,1")
    assert found.out.endswith(".]\n")
    found = convviz_does("compute", "9007199254740989,1,1", "-k", "1,1,1")
    assert found.out == "[9007199254740991]\n"


def test_what_is_left_of_large_whole_numbers_is_no_noise(convviz_does):
    found = convviz_does("compute", "1000000000000000,1,-1000000000000000", "-k", "1,1,1")
    assert found == (0, "[1]\n", "")


def test_whole_numbers_in_single_precision_are_exact_up_to_its_own_limit(convviz_does):
    np.save("single.npy", np.array([2**24, 1, 1], np.float32))
    np.save("ones.npy", np.ones(3, np.float32))
    assert convviz_does("compute", "single.npy", "-k", "ones.npy").out.endswith("e+07]\n")
    np.save("single.npy", np.array([2**24 - 3, 1, 1], np.float32))
    assert convviz_does("compute", "single.npy", "-k", "ones.npy").out == "[16777215]\n"


@pytest.mark.parametrize("largest", [10**6, 10**15])
@pytest.mark.parametrize("command", [(), ("--json",)])
def test_large_whole_numbers_under_large_kernels_are_exact(convviz_does, largest, command):
    image = np.random.default_rng(0).integers(0, 3, (64, 64))
    image[5, 5] = largest
    np.save("big.npy", image)
    np.save("ones.npy", np.ones((21, 21)))
    found = convviz_does("compute", "big.npy", "-k", "ones.npy", *command)
    expected = np.lib.stride_tricks.sliding_window_view(image, (21, 21)).sum(axis=(2, 3))
    if command:
        assert np.array_equal(values_of(found), expected)
    else:
        assert [*map(int, re.findall(r"\d+", found.out))] == expected.ravel().tolist()


# compute: files


@pytest.mark.parametrize("suffix", [".npy", ".csv", ".tsv", ".NPY"])
def test_a_file_holds_every_digit(convviz_does, suffix):
    out = Path(f"map{suffix}")
    found = convviz_does("compute", "random-5x5", "-k", "box", "-o", out)
    assert found == (0, "", "")
    expected = convviz.conv(convviz.INPUTS["random-5x5"].image, convviz.KERNELS["box"].kernel)
    assert np.array_equal(read_array(out).array, expected)


def test_a_table_is_as_short_as_exact_numbers_can_be(convviz_does):
    convviz_does("compute", "1,2;3,4", "-k", "1,1/10", "-o", "map.csv")
    assert Path("map.csv").read_text() == "1.2\n3.4\n"
    convviz_does("compute", "1,2,3", "-k", "1,1", "-o", "map.tsv")
    assert Path("map.tsv").read_text() == "3\t5\n"


def test_a_file_that_is_there_stays_unless_force_is_used(convviz_does):
    Path("map.csv").write_text("mine")
    arguments = ("compute", "1,2", "-k", "1", "-o", "map.csv")
    assert said_in_one_line(convviz_does(*arguments), 4, "map.csv", "--force")
    assert Path("map.csv").read_text() == "mine"
    assert convviz_does(*arguments, "--force").code == 0
    assert Path("map.csv").read_text() == "1,2\n"


def test_a_spreadsheet_holds_the_layers_as_formulas(convviz_does):
    arguments = ("compute", "1,2;3,4", "-k", "1,1;1,1", "--activation", "relu", "-o", "sum.xlsx")
    assert convviz_does(*arguments) == (0, "", "")
    book = openpyxl.load_workbook("sum.xlsx")
    assert book.sheetnames == ["1 Conv 2x2", "About"]
    formulas = [c.value for row in book["1 Conv 2x2"] for c in row if c.data_type == "f"]
    assert formulas == ["=SUMPRODUCT(A6:B7,$D$6:$E$7)", "=MAX(0,H6)"]
    assert said_in_one_line(convviz_does(*arguments), 4, "sum.xlsx", "--force")


def test_a_spreadsheet_that_would_be_too_large_says_so(convviz_does):
    np.save("large.npy", np.zeros((400, 400)))
    found = convviz_does("compute", "large.npy", "-k", "1", "-o", "large.xlsx")
    assert said_in_one_line(found, 4, "more than 100,000 cells", "scale the input down")
    assert not Path("large.xlsx").exists()


def test_several_maps_fit_into_npy_only(convviz_does):
    np.save("weight.npy", np.ones((2, 1, 3, 3)))
    arguments = ("compute", "letter-h", "-k", "weight.npy")
    assert said_in_one_line(convviz_does(*arguments, "-o", "map.csv"), 4, "choose a .npy")
    assert not Path("map.csv").exists()
    assert convviz_does(*arguments, "-o", "map.npy").code == 0
    assert np.load("map.npy").shape == (2, 14, 14)


# compute and trace: JSON


def test_json_says_what_was_computed(convviz_does):
    arguments = (
        "letter-h",
        "-k",
        "sobel-x",
        "--padding",
        "1:2,0",
        "--stride",
        "2,1",
        "--bias",
        "3",
    )
    found = strict_json(convviz_does("compute", *arguments, "--json").out)
    values = found.pop("values")
    assert found == {
        "input": {"name": "letter-h", "shape": [16, 16]},
        "layers": [
            {
                "kind": "conv",
                "kernel": {"name": "sobel-x", "shape": [3, 3]},
                "stride": [2, 1],
                "padding": [[1, 2], [0, 0]],
                "padding_mode": "zeros",
                "padding_value": 0,
                "dilation": [1, 1],
                "groups": 1,
                "bias": [3],
                "flip": False,
                "output_shape": [1, 9, 14],
            }
        ],
        "shape": [9, 14],
    }
    assert np.shape(values) == (9, 14)


def test_json_of_a_trace_adds_up(convviz_does):
    arguments = ("trace", "random-5x5", "-k", "blur", "--padding", "1", "--at", "0,2")
    found = strict_json(
        convviz_does(*arguments, "--bias", "-1", "--activation", "relu", "--json").out
    )
    assert (found["at"], found["channel"], len(found["terms"])) == ([0, 2], 0, 9)
    assert found["terms"][0] == {
        "channel": 0,
        "place": [-1, 1],
        "inside": False,
        "cell": 0,
        "weight": 0,
        "product": 0,
        "sum": 0,
    }
    assert [term["inside"] for term in found["terms"]] == [False] * 3 + [True] * 6
    running = 0
    for term in found["terms"]:
        assert term["product"] == term["cell"] * term["weight"]
        running += term["product"]
        assert term["sum"] == running
    assert found["sum"] == running
    assert found["bias"] == -1
    assert found["value"] == running - 1
    assert found["output"] == max(running - 1, 0)


def test_json_and_a_file_at_once_are_refused(convviz_does):
    ended = convviz_does("compute", "1,2", "-k", "1", "--json", "-o", "map.csv")
    assert said_in_one_line(ended, 2, "--json", "-o")
    assert not Path("map.csv").exists()


# trace


def test_a_trace_lists_places_terms_and_the_running_sum(convviz_does):
    arguments = ("letter-h", "-k", "sobel-x", "--padding", "same", "--flip", "--at", "7,4")
    assert convviz_does("trace", *arguments).out == (
        "letter-h under sobel-x, reversed: output cell 7,4\n"
        "\n"
        "place  cell  weight  product  sum\n"
        "6,3       1       1        1    1\n"
        "6,4       0       0        0    1\n"
        "6,5       0      -1        0    1\n"
        "7,3       1       2        2    3\n"
        "7,4       1       0        0    3\n"
        "7,5       1      -2       -2    1\n"
        "8,3       1       1        1    2\n"
        "8,4       0       0        0    2\n"
        "8,5       0      -1        0    2\n"
        "\n"
        "sum    2\n"
        "bias   0\n"
        "value  2\n"
    )


def test_padding_bias_and_activation_stand_in_the_listing(convviz_does):
    arguments = ("1-2-3", "-k", "1/9,1/3", "--padding", "1", "--at", "0")
    found = convviz_does("trace", *arguments, "--bias", "-2", "--activation", "leaky_relu").out
    assert found.splitlines()[2:] == [
        "place    cell  weight  product  sum",
        "padding     0     1/9        0    0",
        "0           1     1/3      1/3  1/3",
        "",
        "sum           1/3",
        "bias           -2",
        "value        -5/3",
        "leaky_relu  -1/60",
    ]


def test_numbers_without_a_short_form_keep_all_their_digits(convviz_does):
    found = convviz_does("trace", "random-5x5", "-k", "1", "--at", "0,0").out
    assert found.splitlines()[3].split() == [
        "0,0",
        "0.5488135039273248",
        "1",
        "0.5488135039273248",
        "0.5488135039273248",
    ]


def test_channels_are_named_where_there_are_several(convviz_does):
    image = np.arange(4 * 3 * 3.0).reshape(4, 3, 3)
    np.save("image.npy", image)
    np.save("weight.npy", np.ones((2, 2, 1, 1)))
    arguments = ("trace", "image.npy", "-k", "weight.npy", "--groups", "2", "--at", "1,2")
    found = convviz_does(*arguments, "--channel", "1").out
    assert found.splitlines()[0].endswith("output cell 1,2, channel 1")
    assert [line.split() for line in found.splitlines()[2:5]] == [
        ["channel", "place", "cell", "weight", "product", "sum"],
        ["2", "1,2", "23", "1", "23", "23"],
        ["3", "1,2", "32", "1", "32", "55"],
    ]


# The layer

LAYERS = [
    *((("--padding", rule), {"padding": rule}) for rule in PADDING_RULES),
    *((("--padding", rule, "--flip"), {"padding": rule, "flip": True}) for rule in PADDING_RULES),
    *(
        (("--padding", "2", "--padding-mode", mode), {"padding": 2, "padding_mode": mode})
        for mode in PADDING_MODES
    ),
    (("--padding", "1,2"), {"padding": (1, 2)}),
    (("--padding", "1:2,0:1"), {"padding": ((1, 2), (0, 1))}),
    (("--padding", "1:2,3"), {"padding": ((1, 2), (3, 3))}),
    (("--padding", "same-lower"), {"padding": "same_lower"}),
    (
        ("--padding", "1", "--padding-value", "1/4"),
        {"padding": 1, "padding_mode": "constant", "padding_value": 0.25},
    ),
    (("--stride", "2"), {"stride": 2}),
    (("--stride", "2,3"), {"stride": (2, 3)}),
    (("--dilation", "2,1"), {"dilation": (2, 1)}),
    (("--bias", "-1/2"), {"bias": -0.5}),
    (("--no-flip",), {"flip": False}),
]


@pytest.mark.parametrize(("options", "keywords"), LAYERS, ids=lambda part: str(part)[:60])
def test_options_mean_what_the_keywords_of_python_mean(convviz_does, options, keywords):
    kernel = [[1, 2, 3, 4], [5, 6, 7, 8]]
    expected = convviz.conv(LETTER_H, kernel, **keywords)
    found = convviz_does("compute", "letter-h", "-k", str(kernel), *options, "--json")
    assert np.array_equal(values_of(found), expected)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_are_applied(convviz_does, name):
    kernel = convviz.KERNELS["sobel-x"].kernel
    expected = convviz.Activation(name).apply(convviz.conv(LETTER_H, kernel))
    arguments = ("letter-h", "-k", "sobel-x", "--activation", name.replace("_", "-"))
    assert np.array_equal(values_of(convviz_does("compute", *arguments, "--json")), expected)


def test_groups_and_a_bias_for_each_channel(convviz_does):
    image, weight = np.random.default_rng(0).random((4, 6, 6)), np.ones((2, 2, 3, 3))
    np.save("image.npy", image)
    np.save("weight.npy", weight)
    arguments = ("compute", "image.npy", "-k", "weight.npy", "--groups", "2", "--bias", "1,2")
    expected = convviz.conv(image, weight, [1, 2], groups=2)
    assert np.array_equal(values_of(convviz_does(*arguments, "--json")), expected)


# INPUT and KERNEL


@pytest.mark.parametrize("name", convviz.INPUTS)
def test_every_input_has_a_name(convviz_does, name):
    assert np.array_equal(
        values_of(convviz_does("compute", name, "-k", "1", "--json")), convviz.INPUTS[name].image
    )


@pytest.mark.parametrize("name", convviz.KERNELS)
def test_every_kernel_has_a_name(convviz_does, name):
    kernel = convviz.KERNELS[name].kernel
    impulse = "0,0,0,0,1,0,0,0,0" if kernel.ndim == 1 else "impulse"
    found = convviz_does("compute", impulse, "-k", name, "--padding", "full", "--flip", "--json")
    values = values_of(found)
    assert sorted(values[values != 0]) == sorted(kernel[kernel != 0])


SPELLINGS = ["1,0,-1;2,0,-2;1,0,-1", "[[1,0,-1],[2,0,-2],[1,0,-1]]", "1 0 -1; 4/2 0 -2; 1 0 -1"]


@pytest.mark.parametrize("kernel", SPELLINGS)
def test_a_kernel_can_be_typed(convviz_does, kernel):
    found = convviz_does("compute", "letter-h", "-k", kernel)
    assert found.out == convviz_does("compute", "letter-h", "-k", "sobel-x", "--flip").out


FILES = {
    "grid.npy": lambda path: np.save(path, GRID),
    "grid.csv": lambda path: path.write_text("a,b,c\n1,2,3\n4,5,6\n"),
    "grid.tsv": lambda path: path.write_text("1\t2\t3\n4\t5\t6\n"),
    "grid.txt": lambda path: path.write_text("1 2 3\n4 5 6\n"),
    "grid.json": lambda path: path.write_text("[[1, 2, 3], [4, 5, 6]]"),
    "grid.png": lambda path: Image.fromarray(GRID).save(path),
    "grid.npz": lambda path: np.savez(path, only=GRID),
    "grid with spaces, and no suffix": lambda path: path.write_text("1,2,3\n4,5,6\n"),
}
GRID = np.array([[1, 2, 3], [4, 5, 6]], np.uint8)


@pytest.mark.parametrize("name", FILES)
def test_files_are_inputs_and_kernels(convviz_does, name):
    FILES[name](Path(name))
    assert convviz_does("compute", name, "-k", "1").out == "[[1 2 3]\n [4 5 6]]\n"
    assert convviz_does("compute", "1,1,1;1,1,1", "-k", Path(name)).out == "[[21]]\n"


def test_one_array_of_an_archive_is_chosen_by_its_name(convviz_does):
    np.savez("two.npz", image=GRID, kernel=np.ones((2, 2)))
    ended = convviz_does("compute", "two.npz", "-k", "1")
    assert said_in_one_line(ended, 4, "choose one", "image (2×3)", "kernel (2×2)")
    found = convviz_does("compute", "two.npz:image", "-k", "two.npz:kernel")
    assert found.out == "[[12 16]]\n"


PIPED = [
    (b"1,2,3\n4,5,6\n", "[[1 2 3]\n [4 5 6]]\n"),
    (b"a,b,c\r\n1,2,3\r\n4,5,6\r\n", "[[1 2 3]\n [4 5 6]]\n"),
    (b"1,2,3;4,5,6\n", "[[1 2 3]\n [4 5 6]]\n"),
    (b"1,2;4,5", "[[1 2]\n [4 5]]\n"),
    (b"[[1. 2.]\n [4. 5.]]\n", "[[1 2]\n [4 5]]\n"),
    (b"[1, sqrt(16)]", "[1 4]\n"),
]


@pytest.mark.parametrize(("data", "expected"), PIPED)
def test_standard_input_is_an_input(convviz_does, piped, data, expected):
    piped(data)
    assert convviz_does("compute", "-", "-k", "1").out == expected


@pytest.mark.parametrize("name", ["grid.npy", "grid.png", "grid.npz"])
def test_standard_input_may_be_a_binary_file(convviz_does, piped, name):
    FILES[name](Path(name))
    piped(Path(name).read_bytes())
    assert convviz_does("compute", "-", "-k", "1").out == "[[1 2 3]\n [4 5 6]]\n"


def test_standard_input_may_be_the_kernel(convviz_does, piped):
    piped(b"1 1")
    assert convviz_does("compute", "1-2-3", "-k", "-").out == "[3 5]\n"


SIGNALS = [
    ("1,2,3,4\n", "difference", "[-1 -1 -1]\n"),
    ("1\n2\n3\n4\n", "difference", "[-1 -1 -1]\n"),
    ("1\n2\n3\n4\n", "1,-1", "[-1 -1 -1]\n"),
    ("1\n2\n3\n4\n", "1;-1", "[-1 -1 -1]\n"),
    ("1,2,3,4\n", "[1,-1]", "[-1 -1 -1]\n"),
    ("1,2\n3,4\n", "1,-1", "[[-1]\n [-1]]\n"),
]


@pytest.mark.parametrize(("table", "kernel", "expected"), SIGNALS)
def test_a_table_of_one_row_or_column_may_be_a_signal(convviz_does, table, kernel, expected):
    Path("table.csv").write_text(table)
    assert convviz_does("compute", "table.csv", "-k", kernel).out == expected


def test_an_array_of_one_row_stays_an_image(convviz_does):
    np.save("row.npy", [[1, 2, 3]])
    assert convviz_does("compute", "row.npy", "-k", "1,-1").out == "[[-1 -1]]\n"


def test_a_signal_can_be_traced(convviz_does):
    found = strict_json(convviz_does("trace", "1-to-5", "-k", "10-9-8", "--at", "1", "--json").out)
    assert [term["place"] for term in found["terms"]] == [[1], [2], [3]]
    assert found["value"] == 2 * 10 + 3 * 9 + 4 * 8


@pytest.fixture
def colour():
    Image.new("RGB", (6, 4), (255, 0, 0)).save("red.png")
    return "red.png"


def test_a_colour_image_becomes_grey_and_that_is_said(convviz_does, colour):
    ended = convviz_does("compute", colour, "-k", "1", "--json")
    np.testing.assert_allclose(values_of(ended), np.full((4, 6), 0.299 * 255))
    assert ended.err == "convviz: red: its 3 channels are taken as one of grey\n"


def test_a_colour_image_stays_so_for_a_kernel_of_three_channels(convviz_does, colour):
    np.save("weight.npy", np.arange(3.0).reshape(1, 3, 1, 1) + 1)
    ended = convviz_does("compute", colour, "-k", "weight.npy")
    assert ended.out == str(np.full((1, 4, 6), 255)) + "\n"
    np.save("depthwise.npy", np.ones((3, 1, 1, 1)))
    ended = convviz_does("compute", colour, "-k", "depthwise.npy", "--groups", "3", "--json")
    assert values_of(ended).shape == (3, 4, 6)


def test_all_channels_of_a_colour_image_can_be_asked_for(convviz_does, colour):
    """Then a kernel of one channel has a copy for each, as behind the button in the window."""
    ended = convviz_does("compute", colour, "-k", "1", "--channels", "all", "--json")
    assert values_of(ended).shape == (1, 4, 6)
    assert (values_of(ended) == 255).all()
    assert json.loads(ended.out)["layers"][0]["kernel"]["shape"] == [1, 3, 1, 1]
    assert ended.err == ""


def test_grey_can_be_asked_for_where_nothing_takes_one_channel(convviz_does, colour):
    ended = convviz_does("compute", colour, "--pool", "max", "--channels", "grey", "--json")
    np.testing.assert_allclose(values_of(ended), np.full((2, 3), 0.299 * 255))
    assert values_of(convviz_does("compute", colour, "--pool", "max", "--json")).shape == (3, 2, 3)


def test_grey_does_not_fit_a_kernel_of_three_channels(convviz_does, colour):
    np.save("weight.npy", np.ones((1, 3, 1, 1)))
    ended = convviz_does("compute", colour, "-k", "weight.npy", "--channels", "grey")
    assert ended.code == 4
    assert "the weight takes 3 input channels, the image has 1" in ended.err


@pytest.mark.parametrize("channels", ["grey", "all"])
def test_channels_change_nothing_where_there_is_one(convviz_does, channels):
    plain = convviz_does("compute", "letter-h", "-k", "blur")
    assert convviz_does("compute", "letter-h", "-k", "blur", "--channels", channels) == plain


def test_a_signal_has_no_channels_to_choose(convviz_does):
    ended = convviz_does("compute", "1,2,3", "-k", "4,5,6", "--channels", "all")
    assert ended == convviz_does("compute", "1,2,3", "-k", "4,5,6")


def test_a_large_image_is_scaled_down_to_its_longer_side(convviz_does):
    Image.new("L", (60, 30), 7).save("flat.png")
    ended = convviz_does("compute", "flat.png", "-k", "1", "--max-side", "4")
    assert ended.out == "[[7 7 7 7]\n [7 7 7 7]]\n"
    assert ended.err == "convviz: flat: 30 × 60 cells scaled down to 2 × 4\n"
    assert convviz_does("compute", "letter-h", "-k", "1", "--max-side", "16").err == ""


def test_a_long_signal_is_scaled_down(convviz_does):
    ended = convviz_does("compute", "0,2,4,6", "-k", "[1]", "--max-side", "2")
    assert ended.out == "[1 5]\n"
    assert ended.err == "convviz: Input: 4 cells scaled down to 2\n"


# list


def test_list_names_all_that_the_other_commands_know(convviz_does):
    out = convviz_does("list").out
    for table in (convviz.INPUTS, convviz.KERNELS, PADDING_RULES, PADDING_MODES, ACTIVATIONS):
        for name in table:
            assert re.search(rf"^  {name} ", out, re.MULTILINE), name


def test_list_has_a_line_for_each_name_when_it_is_piped(convviz_does):
    lines = convviz_does("list").out.splitlines()
    (sobel,) = (line for line in lines if "sobel-x" in line)
    assert sobel.split("  ")[-1] == convviz.KERNELS["sobel-x"].summary
    assert "flipped, left minus right" in sobel


@pytest.mark.parametrize("name", convviz.KERNELS)
def test_a_kernel_is_listed_in_a_line_that_a_terminal_has_room_for(convviz_does, name):
    lines = convviz_does("list").out.splitlines()
    assert max(len(line) for line in lines if line.startswith(f"  {name} ")) <= 120


def test_list_as_json(convviz_does):
    found = strict_json(convviz_does("list", "--json").out)
    tables = (
        "inputs examples kernels layers padding_rules padding_modes activations losses optimizers"
    )
    assert list(found) == tables.split()
    assert {
        "name": "letter-h",
        "shape": [16, 16],
        "summary": convviz.INPUTS["letter-h"].summary,
    } in found["inputs"]
    assert [entry["name"] for entry in found["activations"]] == list(ACTIVATIONS)


# Help


def test_the_version(convviz_does):
    assert convviz_does("--version") == (0, f"convviz {convviz.__version__}\n", "")


@pytest.mark.parametrize("command", [(), ("compute",), ("trace",), ("render",), ("list",)])
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_fits_a_terminal(convviz_does, command, option):
    ended = convviz_does(*command, option)
    assert (ended.code, ended.err) == (0, "")
    assert max(map(len, ended.out.splitlines())) <= 90
    assert " ".join(("convviz", *command)) in ended.out


@pytest.mark.parametrize("command", ["compute", "trace", "render"])
def test_help_names_every_rule_mode_and_activation(convviz_does, command):
    words = re.findall(r"[\w-]+", convviz_does(command, "--help").out)
    assert {*PADDING_RULES, *PADDING_MODES, *ACTIVATIONS} <= set(words)


def examples():
    from convviz.cli import compute, program, trace

    for command in (program, compute.command, trace.command):
        for line in (command.epilog or "").splitlines():
            if re.match(r"  convviz (compute|trace|list)(?! photo| -)", line):
                yield line.strip()


@pytest.mark.parametrize("line", list(examples()))
def test_the_examples_in_the_help_work(convviz_does, line):
    assert convviz_does(*shlex.split(line)[1:]).code == 0


# What can go wrong

WRONG_USAGE = [
    ("compute", "'INPUT'"),
    ("compute letter-h", "'--kernel'"),
    ("compute letter-h blur -k blur", "unexpected extra argument"),
    ("comput letter-h -k blur", "did you mean compute?"),
    ("rendr", "did you mean render?"),
    ("--frob", "--frob"),
    ("compute letter-h -k blur --frob", "--frob"),
    ("compute letter-h -k blur --stride 0", "0 is less than 1"),
    ("compute letter-h -k blur --stride two", "'two' is not a whole number"),
    ("compute letter-h -k blur --stride 1.5", "'1.5' is not a whole number"),
    ("compute letter-h -k blur --padding -1", "-1 is less than 0"),
    ("compute letter-h -k blur --padding saem", "did you mean same?"),
    ("compute letter-h -k blur --padding 1:x", "'x' is not a whole number"),
    ("compute letter-h -k blur --padding-mode mirror", "zeros, constant, reflect"),
    ("compute letter-h -k blur --padding-value nan", "not a finite number"),
    (
        "compute letter-h -k blur --padding 1 --padding-mode reflect --padding-value 1",
        "choose --padding-mode constant",
    ),
    ("compute letter-h -k blur --dilation 0", "0 is less than 1"),
    ("compute letter-h -k blur --groups 0", "--groups"),
    ("compute letter-h -k blur --bias 1,x", "'x' is not a number"),
    ("compute letter-h -k blur --activation rely", "did you mean relu"),
    ("compute letter-h -k blur --max-side 0", "--max-side"),
    ("compute letter-h -k blur -o map.txt", ".npy, .csv, .tsv"),
    ("compute letter-h -k blur -o map", ".npy, .csv, .tsv"),
    ("trace letter-h -k blur", "'--at'"),
    ("trace letter-h -k blur --at 3", "1 number, the kernel has 2 axes"),
    ("trace letter-h -k blur --at 3,x", "'x' is not a whole number"),
    ("trace letter-h -k blur --at 14,0", "14 × 14 cells"),
    ("trace letter-h -k blur --at -1,0", "-1 is less than 0"),
    ("trace letter-h -k blur --at 0,0 --channel 1", "from 0 to 0"),
    ("render", "'--output'"),
    ("render -o f --steps 0:3", "from 1 to 256"),
    ("render -o f --steps 250:257", "from 1 to 256"),
    ("render -o f --steps 5:4", "from 1 to 256"),
    ("render letter-h -k blur -o f --steps 197", "from 1 to 196"),
    ("render -o f --steps :", "1:10"),
    ("render -o f --steps a:b", "1:10"),
    ("render -o f --size 1280", "1280x720"),
    ("render -o f --size 100x100", "640 x 480"),
    ("render -o f --size 16000x9000", "64,000,000 pixels"),
    ("render -o f --scale 0", "between 0.25 and 16"),
    ("render -o f --scale nan", "not a finite number"),
    ("render -o f --theme system", "dark, light"),
    ("render -o x.gif", "write x/, or x.gif/ for a folder of that name"),
    ("render -o film.MP4", "write film/, or film.MP4/ for a folder"),
    ("render -o a/b.v2.svg", "write a/b.v2/, or a/b.v2.svg/ for a folder"),
    ("render -o slides.pdf", "'slides.pdf' is called like a file, and frames are PNG files in a"),
    ("render -o map.npy", "'map.npy' is called like a file"),
    ("render -o one.png", "'one.png' is called like a file"),
    ("learn letter-h --target-kernel blur -o x.webm", "'x.webm' is called like a file"),
    ("list --frob", "--frob"),
]


@pytest.mark.parametrize(("line", "words"), WRONG_USAGE)
def test_wrong_usage_is_told_in_one_line(convviz_does, line, words):
    assert said_in_one_line(convviz_does(*line.split()), 2, words, "--help)")
    assert not names_in(".")


BAD_DATA = [
    ("lettr-h -k blur", "did you mean letter-h?"),
    ("letter-h -k sobel", "sobel-x"),
    ("letter-h -k nothing-like-it", "convviz list"),
    ("nothere.csv -k blur", "nothere.csv: there is no such file"),
    ("folder -k blur", "this is a folder"),
    ("empty.csv -k blur", "empty"),
    ("words.csv -k blur", "line 2, column 2: 'two' is not a number"),
    ("torn.png -k blur", "damaged"),
    ("complex.npy -k blur", "complex numbers"),
    ("letter-h -k 1,0,x", "the kernel: line 1, column 3: 'x' is not a number"),
    ("letter-h -k 1,2;3", "row 2: 1 number"),
    ("letter-h -k 1/0,1", "divides by zero"),
    ("1-2-3 -k blur", "1 axises and a weight"[:0]),
    ("letter-h -k 10-9-8", "do not belong together"),
    ("1,2;3,4 -k sobel-x", "spans 3 cells, the padded input has 2"),
    ("letter-h -k blur --stride 1,2,3", "3 numbers, the kernel has 2 axes"),
    ("letter-h -k blur --padding 1,2,3", "3 amounts, the kernel has 2 axes"),
    ("letter-h -k blur --padding 999999999", "cells"),
    ("letter-h -k blur --padding 16 --padding-mode reflect", "at most 15"),
    ("letter-h -k blur --groups 2", "2 groups do not divide"),
    ("letter-h -k blur --bias 1,2", "1 output channel"),
    ("letter-h -k three.npy", "3 input channels"),
    ("letter-h -k blur -o nofolder/map.npy", "nofolder/map.npy: the folder does not exist"),
    ("letter-h -k blur -o words.csv/map.npy", "not a folder"),
]


@pytest.fixture
def bad_files():
    Path("folder").mkdir()
    Path("empty.csv").touch()
    Path("words.csv").write_text("1,2\n1,two\n")
    Path("torn.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    np.save("complex.npy", np.ones((3, 3), complex))
    np.save("three.npy", np.ones((1, 3, 3, 3)))
    return names_in(".")


@pytest.mark.parametrize(("line", "words"), BAD_DATA)
def test_bad_data_is_told_in_one_line(convviz_does, bad_files, line, words):
    assert said_in_one_line(convviz_does("compute", *line.split()), 4, words)
    assert names_in(".") == bad_files


HINTS = [
    ("1,2;3,4", "sobel-x", ()),
    ("letter-h", "sobel-x", ("--dilation", "9")),
    ("letter-h", "sobel-x", ("--padding", "16", "--padding-mode", "reflect")),
    ("1-2-3", "4-5-6-7", ()),
    ("letter-h", "blur", ("--padding", "9999999")),
]


@pytest.mark.parametrize(("source", "kernel", "options"), HINTS)
def test_an_option_that_a_message_offers_helps(convviz_does, source, kernel, options):
    ended = convviz_does("compute", source, "-k", kernel, *options)
    offered = re.findall(r"\((--[\w-]+ [\w:,]+)\)", ended.err)
    assert said_in_one_line(ended, 4)
    assert offered
    for option in offered:
        again = convviz_does("compute", source, "-k", kernel, *options, *option.split())
        assert again.code == 0, (option, again.err)


FAILURES = [
    (MemoryError(), 4, "not enough memory"),
    (KeyboardInterrupt(), 130, "interrupted"),
    (OSError(5, "Input/output error", "disk"), 4, "disk: Input/output error"),
    (RuntimeError("a\nbug"), 1, "unexpected RuntimeError: a\\nbug"),
]


@pytest.mark.parametrize(("error", "code", "words"), FAILURES)
def test_even_the_unexpected_is_told_in_one_line(convviz_does, monkeypatch, error, code, words):
    def fail(_task):
        raise error

    monkeypatch.delenv("CONVVIZ_DEBUG", raising=False)
    monkeypatch.setattr("convviz.cli.maps.map_text", fail)
    ended = convviz_does("compute", "letter-h", "-k", "blur")
    assert ended.code == code
    assert ended.err.strip("\n").startswith("convviz: ")
    assert ended.err.count("\n") == 1 + (code == 130)  # the terminal shows ^C before it
    assert words in ended.err
    assert "Traceback" not in ended.err


def test_debugging_shows_the_traceback_of_the_unexpected(convviz_does, monkeypatch):
    monkeypatch.setenv("CONVVIZ_DEBUG", "1")
    monkeypatch.setattr("convviz.cli.maps.map_text", None)
    ended = convviz_does("compute", "letter-h", "-k", "blur")
    assert ended.code == 1
    assert "Traceback" in ended.err


TEXT = st.text(max_size=12) | st.text("0123456789,;:.-/x []^e", max_size=16)
OPTIONS = ["-k", "--stride", "--padding", "--dilation", "--bias", "--padding-value", "--at"]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(OPTIONS), TEXT)
@example("-k", "\0")
@example("-k", "1" * 5000)
@example("--stride", "9" * 5000)
@example("--padding", "9" * 18)
@example("--dilation", "9" * 18)
@example("--padding", "٣")
def test_whatever_is_typed_there_is_no_traceback(option, text):
    with pytest.MonkeyPatch.context() as patches:
        told = io.StringIO()
        patches.setattr(sys, "stdout", io.StringIO())
        patches.setattr(sys, "stderr", told)
        patches.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"1,2")))
        arguments = {"-k": "blur", "--at": "0,0", option: text}
        words = [word for pair in arguments.items() for word in pair]
        code = main(["trace", "letter-h", *words])
    assert code in (0, 2, 4), told.getvalue()
    assert told.getvalue().count("\n") == (code != 0)


# Streams


def test_a_reader_that_leaves_early_is_no_failure():
    process = subprocess.Popen(
        [*PYTHON, "list"], env=WITHOUT_SCREEN, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.close()
    with process.stderr as told:
        assert told.read() == b""
    assert process.wait() == 128 + signal.SIGPIPE


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk_behind_standard_output_is_told_in_one_line():
    with Path("/dev/full").open("w") as full:
        found = subprocess.run(
            [*PYTHON, "list"], env=WITHOUT_SCREEN, stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert found.returncode == 4
    assert found.stderr.decode() == "convviz: standard output: No space left on device\n"


def test_a_terminal_of_few_characters_gets_question_marks():
    terminal = {**WITHOUT_SCREEN, "PYTHONIOENCODING": "cp437"}
    ended = run_process("list", env=terminal, encoding="cp437")
    assert (ended.code, ended.err) == (0, "")
    assert "16 ? 16" in ended.out


READING = {("0", "0x0"), ("63", "0x0")}  # system call read of descriptor 0, on x86 and on ARM


def until_it_reads(process):
    """Wait until a process waits for its standard input: starting takes long on a busy machine."""
    calls = Path(f"/proc/{process.pid}/syscall")
    if not os.access(calls, os.R_OK):
        time.sleep(3)
        return
    end = time.monotonic() + 30
    while tuple(calls.read_text().split()[:2]) not in READING and time.monotonic() < end:
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_waiting_for_standard_input_can_be_stopped(number):
    process = subprocess.Popen(
        [*PYTHON, "compute", "-", "-k", "blur"],
        env=WITHOUT_SCREEN,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    until_it_reads(process)
    process.send_signal(number)
    out, told = process.communicate(timeout=20)
    assert process.returncode == 128 + number
    assert out == b""
    assert b"Traceback" not in told


# What is loaded


@pytest.mark.parametrize(
    ("arguments", "absent"),
    [
        ("--version", "numpy scipy PIL PySide6"),
        ("--help", "numpy scipy PIL PySide6"),
        ("list", "scipy PIL PySide6"),
        ("compute letter-h -k blur", "scipy PySide6"),
        ("trace letter-h -k blur --at 3,3", "scipy PySide6"),
        ("compute letter-h -k blur -o map.npy", "scipy PySide6"),
        ("render --help", "scipy PySide6"),
    ],
)
def test_commands_load_only_what_they_need(tmp_path, arguments, absent):
    code = (
        "import sys\nfrom convviz.cli import main\n"
        "code = main(sys.argv[1:])\nprint(code, *sys.modules, file=sys.stderr)"
    )
    found = subprocess.run(
        [sys.executable, "-c", code, *arguments.split()],
        cwd=tmp_path,
        env=WITHOUT_SCREEN,
        capture_output=True,
        text=True,
        check=True,
    )
    ended, *modules = found.stderr.split()
    assert ended == "0"
    assert not {name.partition(".")[0] for name in modules}.intersection(absent.split())


# The window


@pytest.fixture
def opened(monkeypatch):
    """Put a window that only notes what it is to open in the place of the real one."""
    files = []

    def run(file):
        files.append(file)
        return 7

    monkeypatch.setitem(sys.modules, "convviz.ui.app", types.SimpleNamespace(run=run))
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    return files


@pytest.mark.parametrize(
    ("arguments", "file"),
    [
        ((), None),
        (("letter-h",), "letter-h"),
        (("open",), None),
        (("open", "letter-h"), "letter-h"),
        (("grid.csv",), "grid.csv"),
        (("./list",), "./list"),
    ],
)
def test_without_a_command_the_window_opens(convviz_does, opened, arguments, file):
    for name in ("grid.csv", "list"):
        Path(name).write_text("1,2\n")
    assert convviz_does(*arguments) == (7, "", "")
    assert opened == [file]


def test_the_window_does_not_open_for_a_file_that_is_not_there(convviz_does, opened):
    assert said_in_one_line(convviz_does("lettr-h"), 4, "did you mean letter-h?")
    assert said_in_one_line(convviz_does("photo.png"), 4, "photo.png")
    assert said_in_one_line(convviz_does("letter-h", "more"), 2, "unexpected extra argument")
    assert opened == []


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")
@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({}, "neither DISPLAY nor WAYLAND_DISPLAY is set"),
        ({"QT_QPA_PLATFORM": "xcb", "WAYLAND_DISPLAY": "wayland-0"}, "no DISPLAY is set"),
        ({"QT_QPA_PLATFORM": "xcb", "DISPLAY": ":4711"}, "no display answers at DISPLAY=:4711"),
        ({"QT_QPA_PLATFORM": "wayland", "DISPLAY": ":0"}, "no WAYLAND_DISPLAY is set"),
        ({"DISPLAY": ":4711"}, "no display answers at DISPLAY=:4711"),
        ({"DISPLAY": "nonsense"}, "no display answers at DISPLAY=nonsense"),
        ({"WAYLAND_DISPLAY": "wayland-4711"}, "WAYLAND_DISPLAY=wayland-4711"),
    ],
)
def test_a_window_without_a_display_is_told_in_one_line(
    convviz_does, opened, monkeypatch, variables, words
):
    for name in SCREENS:
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert said_in_one_line(convviz_does(), 3, words, "convviz render")
    assert opened == []


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")
def test_no_display_is_told_in_a_process_too():
    assert said_in_one_line(run_process("letter-h"), 3, "convviz render")


def test_a_missing_library_is_named_with_its_package():
    lacking = ImportError("libEGL.so.1: cannot open shared object file: No such file or directory")
    with pytest.raises(EnvironmentFailure, match=r"apt-get install libegl1$") as told:
        fail_while_loading_qt(lacking)
    assert "libEGL.so.1" in str(told.value)
    with pytest.raises(ImportError, match="No module named 'frob'"):
        fail_while_loading_qt(ImportError("No module named 'frob'"))


def fail_while_loading_qt(error):
    with surroundings.loading_qt():
        raise error


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such packages")
def test_libraries_that_a_window_on_x11_lacks_are_named_before_qt_aborts(
    convviz_does, opened, monkeypatch
):
    monkeypatch.delenv("QT_QPA_PLATFORM")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(surroundings, "_x_server_answers", lambda _display: True)
    monkeypatch.setattr(surroundings, "_load", lambda name: None if "cursor" in name else name)
    ended = convviz_does()
    assert said_in_one_line(ended, 3, "libxcb-cursor.so.0", "apt-get install libxcb-cursor0")
    assert opened == []


def test_every_library_that_qt_opens_has_its_package():
    painting, window = map(surroundings.debian_packages, ("painting", "x11_window"))
    assert painting["libEGL.so.1"] == "libegl1"
    assert window["libxcb-cursor.so.0"] == "libxcb-cursor0"
    assert not painting.keys() & window


# render: in processes of their own, as on a server


def size_of(path):
    with Image.open(path) as picture:
        picture.load()
        return picture.format, picture.size


def test_render_writes_a_frame_for_each_step():
    ended = run_process("render", "lecture-5x5", "-k", "cross", "-o", "new/frames")
    assert ended == (0, "", "convviz: 9 frames in new/frames\n")
    assert names_in("new/frames") == [f"lecture-5x5_step-{step:04d}.png" for step in range(1, 10)]
    for name in names_in("new/frames"):
        assert size_of(f"new/frames/{name}") == ("PNG", (1280, 720))


@pytest.mark.parametrize(
    ("typed", "folder"),
    [
        ("frames.v2", "frames.v2"),
        ("2024.05.17", "2024.05.17"),
        ("x.gif/", "x.gif"),
        (".png", ".png"),
        ("old.svg", "old.svg"),
        ("x.gif/frames", "x.gif/frames"),
    ],
)
def test_a_folder_of_frames_may_have_dots_in_its_name(convviz_does, typed, folder):
    Path("old.svg").mkdir()
    done = convviz_does("render", "1,2,3", "-k", "1", "-o", typed, "--steps", "1")
    assert done.code == 0
    assert names_in(folder) == ["input_step-0001.png"]


def test_without_input_and_kernel_render_shows_what_the_program_opens_with():
    opening = ("letter-h", "-k", "sobel-x", "--padding", "same", "--flip", "--bias", "0")
    assert run_process("render", "-o", "a", "--steps", "117").code == 0
    assert run_process("render", *opening, "-o", "b", "--steps", "117:117").code == 0
    assert names_in("a") == names_in("b") == ["letter-h_step-0117.png"]
    assert Path("a", *names_in("a")).read_bytes() == Path("b", *names_in("b")).read_bytes()


def test_size_scale_theme_and_steps_are_as_asked_for():
    Path("My Grid.csv").write_text("1,2,3\n4,5,6\n7,8,9\n")
    ended = run_process(
        *("render", "My Grid.csv", "-k", "1,1;1,1", "-o", ".", "--steps", "2:3"),
        *("--size", "640x480", "--scale", "1.5", "--theme", "light"),
    )
    assert (ended.code, ended.out, ended.err) == (0, "", "convviz: 2 frames in .\n")
    assert names_in(".") == ["My Grid.csv", "my-grid_step-0002.png", "my-grid_step-0003.png"]
    assert size_of("my-grid_step-0003.png") == ("PNG", (960, 720))
    with Image.open("my-grid_step-0003.png") as picture:
        assert min(picture.getpixel((0, 0))) > 200


def test_frames_that_are_there_stay_unless_force_is_used():
    Path("letter-h_step-0003.png").write_text("mine")
    arguments = ("render", "-o", ".", "--steps", ":3")
    ended = run_process(*arguments)
    assert said_in_one_line(ended, 4, "letter-h_step-0003.png is there already", "--force")
    assert names_in(".") == ["letter-h_step-0003.png"]
    assert Path("letter-h_step-0003.png").read_text() == "mine"
    assert run_process(*arguments, "--force").code == 0
    assert size_of("letter-h_step-0003.png") == ("PNG", (1280, 720))
    assert len(names_in(".")) == 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("-o", "file"), "file is a file"),
        (("-o", "file/frames"), "not a folder"),
        (("lettr-h", "-o", "f"), "did you mean letter-h?"),
        (("letter-h", "-k", "three.npy", "-o", "f"), "takes 3 input channels, the image has 1"),
        (("1-2-3", "-k", "4-5-6-7", "-o", "f"), "spans 4 cells"),
    ],
)
def test_what_cannot_be_rendered_is_told_in_one_line(convviz_does, arguments, words):
    Path("file").touch()
    np.save("three.npy", np.ones((1, 3, 3, 3)))
    assert said_in_one_line(convviz_does("render", *arguments), 4, words)
    assert names_in(".") == ["file", "three.npy"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_render_stops_between_names_in(number):
    process = subprocess.Popen(
        [*PYTHON, "render", "gradient", "-k", "[[1]]", "--padding", "40", "-o", "frames"],
        env=WITHOUT_SCREEN,
        stderr=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + 30
    while len(list(Path().glob("frames/*"))) < 5 and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(number)
    _, told = process.communicate(timeout=30)
    done = names_in("frames")
    assert process.returncode == 128 + number
    assert told == f"convviz: stopped after {len(done)} of 8,100 frames in frames\n"
    assert done == [f"gradient_step-{step:04d}.png" for step in range(1, len(done) + 1)]
    assert size_of(Path("frames", done[-1])) == ("PNG", (1280, 720))
