"""The command line with several layers, pooling, transposed convolutions and examples."""

import io
import json
import re
import shlex
import sys
import types
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

import convviz
from convviz.cli import main
from convviz.cli.specs import KINDS, PARSERS, LayerSpec, kinds, option_name, parse_spec
from convviz.engine.layers import Activation, Conv, ConvTranspose, Pool
from convviz.engine.network import Network
from convviz.engine.pooling import avg_pool, max_pool
from convviz.engine.transposed import conv_transpose
from convviz.model.document import results
from convviz.model.examples import EXAMPLES
from convviz.model.stacking import LAYER_KINDS

LETTER_H = convviz.INPUTS["letter-h"].image
SOBEL = convviz.KERNELS["sobel-x"].kernel
BLUR = convviz.KERNELS["blur"].kernel
README = Path(__file__).resolve().parent.parent / "README.md"


@pytest.fixture(autouse=True)
def in_an_empty_folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


def json_of(ended):
    assert ended.code == 0, ended.err
    return json.loads(ended.out, parse_constant=refused)


def refused(constant):
    raise AssertionError(f"{constant} is no JSON")


def values_of(ended):
    return np.array(json_of(ended)["values"])


def said_in_one_line(ended, code, *words):
    assert (ended.code, ended.out) == (code, ""), ended
    assert re.fullmatch(r"convviz: [^\n]+\n", ended.err), ended.err
    for word in words:
        assert word in ended.err
    return True


def layers_of(*options):
    """Return options that say each of `options` as a --layer."""
    return tuple(word for spec in options for word in ("--layer", spec))


# Transposed convolution

TRANSPOSED = [
    ((), {}),
    (("--stride", "2"), {"stride": 2}),
    (("--stride", "2,3", "--padding", "1,0"), {"stride": (2, 3), "padding": (1, 0)}),
    (("--stride", "3", "--output-padding", "1"), {"stride": 3, "output_padding": 1}),
    (("--stride", "2", "--output-padding", "1,0"), {"stride": 2, "output_padding": (1, 0)}),
    (("--dilation", "2", "--padding", "1"), {"dilation": 2, "padding": 1}),
    (("--bias", "-1/2"), {"bias": -0.5}),
]


@pytest.mark.parametrize(("options", "keywords"), TRANSPOSED, ids=str)
def test_a_transposed_convolution_takes_the_options_of_torch(convviz_does, options, keywords):
    kernel = [[1, 2, 3, 4], [5, 6, 7, 8]]
    found = convviz_does("compute", "letter-h", "-k", kernel, "--transpose", *options, "--json")
    assert np.array_equal(values_of(found), conv_transpose(LETTER_H, kernel, **keywords))


def test_its_weight_has_the_input_channels_first(convviz_does):
    image = np.arange(4 * 3 * 2.0).reshape(4, 3, 2)
    weight = np.arange(4 * 3 * 2 * 2.0).reshape(4, 3, 2, 2)
    np.save("image.npy", image)
    np.save("weight.npy", weight)
    options = ("--transpose", "--groups", "2", "--bias", "1,2,3,4,5,6", "--stride", "2")
    found = convviz_does("compute", "image.npy", "-k", "weight.npy", *options, "--json")
    expected = conv_transpose(image, weight, [1, 2, 3, 4, 5, 6], groups=2, stride=2)
    assert values_of(found).shape == (6, 6, 4)
    assert np.array_equal(values_of(found), expected)


def test_a_signal_can_be_transposed(convviz_does):
    found = convviz_does("compute", "1,2", "-k", "1,10,100", "--transpose", "--stride", "2")
    assert found.out == "[  1  10 102  20 200]\n"


# Pooling

POOLED = [
    (max_pool, "max", (), {"kernel_size": 2}),
    (max_pool, "max", ("--window", "3,2"), {"kernel_size": (3, 2)}),
    (max_pool, "max", ("--stride", "1"), {"kernel_size": 2, "stride": 1}),
    (
        max_pool,
        "max",
        ("--window", "3", "--padding", "1", "--dilation", "2"),
        {"kernel_size": 3, "padding": 1, "dilation": 2},
    ),
    (max_pool, "max", ("--window", "3", "--ceil-mode"), {"kernel_size": 3, "ceil_mode": True}),
    (avg_pool, "avg", (), {"kernel_size": 2}),
    (
        avg_pool,
        "avg",
        ("--window", "3", "--padding", "1,0", "--stride", "2"),
        {"kernel_size": 3, "padding": (1, 0), "stride": 2},
    ),
    (
        avg_pool,
        "avg",
        ("--window", "3", "--padding", "1", "--no-count-include-pad", "--ceil-mode"),
        {"kernel_size": 3, "padding": 1, "count_include_pad": False, "ceil_mode": True},
    ),
]


@pytest.mark.parametrize(
    ("pool", "kind", "options", "keywords"),
    POOLED,
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_pooling_takes_the_options_of_torch(convviz_does, pool, kind, options, keywords):
    found = convviz_does("compute", "disc", "--pool", kind, *options, "--json")
    assert np.array_equal(values_of(found), pool(convviz.INPUTS["disc"].image, **keywords))


def test_channels_are_pooled_each_for_itself(convviz_does):
    Image.new("RGB", (6, 4), (255, 7, 0)).save("colour.png")
    ended = convviz_does("compute", "colour.png", "--pool", "max", "--json")
    assert values_of(ended)[:, 0, 0].tolist() == [255, 7, 0]
    assert ended.err == ""


@pytest.mark.parametrize(
    ("source", "options", "expected"),
    [
        ("1,5,2,4", (), "[5 4]\n"),
        ("1-to-5", ("--ceil-mode",), "[2 4 5]\n"),
        ("1,5,2,4", ("--window", "1,2"), "[[5 4]]\n"),
        ("1,5;2,4", (), "[[5]]\n"),
    ],
)
def test_a_row_is_pooled_as_a_signal_unless_the_window_has_two_axes(
    convviz_does, source, options, expected
):
    assert convviz_does("compute", source, "--pool", "max", *options).out == expected


def test_whole_numbers_stay_whole_where_they_are(convviz_does):
    assert convviz_does("compute", "1,3;5,7", "--pool", "avg").out == "[[4]]\n"
    assert convviz_does("compute", "1,3;5,8", "--pool", "avg").out == "[[4.25]]\n"
    arguments = ("compute", "1,3;5,8", *layers_of("avg", "conv 4"))
    assert convviz_does(*arguments).out == "[[17.]]\n"


# Stacks

STACKS = [
    (("-k", "sobel-x", *layers_of("relu", "max 2")), [Conv([[SOBEL]]), "relu", Pool("max", 2)]),
    (
        ("-k", "sobel-x", "--activation", "relu", *layers_of("conv blur padding=same flip")),
        [Conv([[SOBEL]]), "relu", Conv([[BLUR]], padding="same", flip=True)],
    ),
    (
        layers_of("avg 3,2 stride=1 padding=1,1 count_include_pad=no", "leaky-relu"),
        [Pool("avg", (3, 2), stride=1, padding=1, count_include_pad=False), "leaky_relu"],
    ),
    (
        ("--pool", "max", *layers_of("transpose 1,2;3,4 stride=3 output-padding=1 bias=1/2")),
        [
            Pool("max", 2),
            ConvTranspose([[[[1, 2], [3, 4]]]], 0.5, stride=3, output_padding=1),
        ],
    ),
    (layers_of("sigmoid", "tanh"), ["sigmoid", "tanh"]),
    (
        layers_of("conv '1, 0; 0, 1' padding=1:2,0 padding_value=3", "max ceil_mode=true"),
        [
            Conv([[[[1, 0], [0, 1]]]], padding=((1, 2), (0, 0)), padding_mode="constant",
                 padding_value=3),
            Pool("max", 2, ceil_mode=True),
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("options", "layers"), STACKS, ids=lambda part: str(part)[:60])
def test_layers_follow_one_another(convviz_does, options, layers):
    network = Network([Activation(la) if isinstance(la, str) else la for la in layers])
    expected = network(LETTER_H[None])[0]
    found = convviz_does("compute", "letter-h", *options, "--json")
    np.testing.assert_allclose(values_of(found), expected, atol=1e-12)


def test_channels_of_one_layer_enter_the_next(convviz_does):
    first, second = np.arange(18.0).reshape(2, 1, 3, 3), np.arange(12.0).reshape(3, 2, 1, 2)
    np.save("first.npy", first)
    np.save("second.npy", second)
    arguments = ("compute", "letter-h", "-k", "first.npy", *layers_of("conv second.npy bias=1,2,3"))
    expected = convviz.conv(convviz.conv(LETTER_H, first), second, [1, 2, 3])
    assert np.array_equal(values_of(convviz_does(*arguments, "--json")), expected)


def test_signals_pass_layers_too(convviz_does):
    arguments = ("1-to-5", "-k", "difference", *layers_of("conv 1,1", "conv [[[2]]]", "max"))
    assert convviz_does("compute", *arguments).out == "[-4]\n"


def test_the_colours_become_grey_for_a_first_kernel_of_one_channel_wherever_it_stands(convviz_does):
    Image.new("RGB", (4, 4), (255, 0, 0)).save("red.png")
    ended = convviz_does("compute", "red.png", *layers_of("max", "conv 1"), "--json")
    np.testing.assert_allclose(values_of(ended), np.full((2, 2), 0.299 * 255))
    assert "taken as one of grey" in ended.err


def test_json_describes_every_layer(convviz_does):
    options = ("-k", "blur", "--transpose", "--padding", "1", "--activation", "relu")
    more = layers_of("avg 2 padding=1 count_include_pad=false", "max", "conv sobel-x stride=2")
    found = json_of(convviz_does("compute", "letter-h", *options, *more, "--json"))
    assert [layer["kind"] for layer in found["layers"]] == [
        *("transpose", "relu", "avg", "max", "conv")
    ]
    assert found["layers"][0] == {
        "kind": "transpose",
        "kernel": {"name": "blur", "shape": [3, 3]},
        "stride": [1, 1],
        "padding": [[1, 1], [1, 1]],
        "output_padding": [0, 0],
        "dilation": [1, 1],
        "groups": 1,
        "bias": None,
        "output_shape": [1, 16, 16],
    }
    assert found["layers"][1] == {"kind": "relu", "output_shape": [1, 16, 16]}
    assert found["layers"][2] == {
        "kind": "avg",
        "kernel_size": [2, 2],
        "stride": [2, 2],
        "padding": [[1, 1], [1, 1]],
        "ceil_mode": False,
        "count_include_pad": False,
        "output_shape": [1, 9, 9],
    }
    assert found["layers"][3]["dilation"] == [1, 1]
    assert found["layers"][4]["kernel"] == {"name": "sobel-x", "shape": [3, 3]}
    assert found["shape"] == [1, 1] == found["layers"][4]["output_shape"][1:]


# SPEC


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("relu", LayerSpec("relu")),
        ("Leaky-ReLU", LayerSpec("leaky_relu")),
        ("max", LayerSpec("max", window=2)),
        ("max stride=1", LayerSpec("max", window=2, settings={"stride": 1})),
        ("avg 2,3", LayerSpec("avg", window=(2, 3))),
        ("  conv   blur  ", LayerSpec("conv", "blur")),
        ("conv 'my file.npy'", LayerSpec("conv", "my file.npy")),
        ("conv ./stride=2", LayerSpec("conv", "./stride=2")),
        ("conv -1,1 flip", LayerSpec("conv", "-1,1", settings={"flip": True})),
        ("conv 1 flip=no", LayerSpec("conv", "1", settings={"flip": False})),
        ("conv 1 padding-mode=zeros", LayerSpec("conv", "1", settings={"padding_mode": "zeros"})),
        (
            "conv 1 padding_value=1/2",
            LayerSpec("conv", "1", settings={"padding_value": 0.5, "padding_mode": "constant"}),
        ),
        ("transpose 1 padding=1,2", LayerSpec("transpose", "1", settings={"padding": (1, 2)})),
    ],
)  # fmt: skip
def test_a_spec_is_read(text, spec):
    assert parse_spec(text) == spec


def test_specs_know_every_kind_of_layer_and_every_setting():
    assert [*kinds()] == [*LAYER_KINDS]
    made = {
        "conv": Conv([[[[1]]]]),
        "transpose": ConvTranspose([[[[1]]]]),
        "max": Pool("max", 2),
        "avg": Pool("avg", 2),
    }
    lacking = {"max": {"count_include_pad"}, "avg": {"dilation"}}
    for name, kind in KINDS.items():
        own = {*made[name].__dataclass_fields__} - {"weight", "kernel_size", "kind"}
        assert {*kind.settings} == own - lacking.get(name, set())
        assert {*kind.settings} <= {*PARSERS}


@pytest.mark.parametrize("command", ["compute", "trace", "render"])
def test_help_names_every_kind_and_setting(convviz_does, command):
    words = set(re.findall(r"[\w-]+", convviz_does(command, "--help").out))
    assert {*KINDS, *PARSERS, *map(option_name, PARSERS)} <= words


# Examples as INPUT


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_brings_its_image_and_its_layers(convviz_does, name):
    document = EXAMPLES[name].make()
    made = results(document).entering(len(document.layers))
    values = values_of(convviz_does("compute", name, "--json"))
    np.testing.assert_allclose(values, made[0] if values.ndim < made.ndim else made, atol=1e-12)


def test_with_a_kernel_a_window_or_layers_its_image_alone_is_taken_and_that_is_said(convviz_does):
    image = EXAMPLES["lenet"].make().image[0]
    told = "convviz: lenet: its image alone is taken, without its layers\n"
    for options, expected in (
        (("-k", "blur"), convviz.conv(image, BLUR)),
        (("--pool", "max"), max_pool(image, 2)),
        (layers_of("relu"), image),
    ):
        ended = convviz_does("compute", "lenet", *options, "--json")
        assert np.array_equal(values_of(ended), expected)
        assert ended.err == told


def test_what_an_example_computes_is_described(convviz_does):
    found = json_of(convviz_does("compute", "cs231n-two-filters", "--json"))
    assert found["input"] == {"name": "cs231n-two-filters", "shape": [3, 5, 5]}
    assert found["layers"][0]["kernel"] == {"name": "kernel", "shape": [2, 3, 3, 3]}
    assert found["shape"] == [2, 3, 3]
    found = json_of(convviz_does("compute", "overlaps", "--json"))
    assert found["layers"][0]["kernel"] == {"name": "kernel", "shape": [3, 3]}


def test_list_shows_the_examples_and_the_kinds_of_layers(convviz_does):
    out = convviz_does("list").out
    for name, text in [(e.name, e.summary) for e in EXAMPLES.values()]:
        assert re.search(rf"^  {name}  +{re.escape(text)}$", out, re.MULTILINE), name
    found = json_of(convviz_does("list", "--json"))
    assert [entry["name"] for entry in found["examples"]] == [*EXAMPLES]
    assert {*found["examples"][0]} == {"name", "title", "source", "summary"}
    assert [entry["name"] for entry in found["layers"]] == [*LAYER_KINDS]


@pytest.fixture
def opened(monkeypatch):
    """Put a window that only notes what it is to open in the place of the real one."""
    names = []

    def run(name):
        names.append(name)
        return 0

    monkeypatch.setitem(sys.modules, "convviz.ui.app", types.SimpleNamespace(run=run))
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    return names


def test_the_window_opens_examples(convviz_does, opened):
    for arguments in (("lenet",), ("open", "lenet")):
        assert convviz_does(*arguments) == (0, "", "")
    assert opened == ["lenet", "lenet"]
    assert said_in_one_line(convviz_does("lennet"), 4, "did you mean lenet?")
    found = convviz_does("compute", "two-filter", "-k", "1")
    assert said_in_one_line(found, 4, "cs231n-two-filters")
    assert opened == ["lenet", "lenet"]


# trace


def test_a_transposed_convolution_is_traced_with_its_zeros(convviz_does):
    arguments = ("trace", "count-3x3", "-k", "1,2", "--transpose", "--stride", "2", "--at", "2,2")
    assert convviz_does(*arguments).out == (
        "count-3x3 under kernel, transposed: output cell 2,2\n"
        "\n"
        "place  cell  weight  product  sum\n"
        "zero      0       2        0    0\n"
        "1,1       5       1        5    5\n"
        "\n"
        "sum    5\n"
        "bias   0\n"
        "value  5\n"
    )
    terms = json_of(convviz_does(*arguments, "--json"))["terms"]
    assert [(term["place"], term["inside"]) for term in terms] == [(None, False), ([1, 1], True)]


def test_max_pooling_is_traced_with_its_largest_cell(convviz_does):
    arguments = ("trace", "max-pooling-ceil", "--at", "0,2")
    assert convviz_does(*arguments).out == (
        "max-pooling-ceil under MaxPool 2: output cell 0,2\n"
        "\n"
        "place    cell  max\n"
        "0,4         0    0\n"
        "padding    -∞    0\n"
        "1,4         1    1  largest\n"
        "padding    -∞    1\n"
        "\n"
        "value  1\n"
    )
    found = json_of(convviz_does(*arguments, "--json"))
    assert found["cells"][:2] == [
        {"place": [0, 4], "inside": True, "cell": 0, "max": 0, "largest": False},
        {"place": [0, 5], "inside": False, "cell": None, "max": 0, "largest": False},
    ]
    assert [cell["largest"] for cell in found["cells"]] == [False, False, True, False]
    assert (found["value"], found["output"], found["focus"]) == (1, 1, 1)
    assert "divisor" not in found


def test_the_first_of_equal_cells_is_the_largest(convviz_does):
    found = json_of(convviz_does("trace", "7,7", "--pool", "max", "--at", "0", "--json"))
    assert [cell["largest"] for cell in found["cells"]] == [True, False]


def test_average_pooling_is_traced_with_its_divisor(convviz_does):
    options = ("--pool", "avg", "--window", "3", "--padding", "1", "--no-count-include-pad")
    arguments = ("trace", "count-3x3", *options, "--at", "0,0")
    assert convviz_does(*arguments).out.splitlines()[6:] == [
        "padding     0    0",
        "0,0         1    1",
        "0,1         2    3",
        "padding     0    3",
        "1,0         4    7",
        "1,1         5   12",
        "",
        "sum      12",
        "divisor   4",
        "value     3",
    ]
    found = json_of(convviz_does(*arguments, "--json"))
    assert found["cells"][4] == {"place": [0, 0], "inside": True, "cell": 1, "sum": 1}
    assert (found["sum"], found["divisor"], found["value"]) == (12, 4, 3)


def test_an_activation_is_traced_as_one_cell(convviz_does):
    arguments = ("trace", "1,-2", "--layer", "leaky-relu", "--at", "1")
    assert convviz_does(*arguments).out == (
        "input under leaky ReLU: output cell 1\n\ncell      -2\nvalue  -0.02\n"
    )
    found = json_of(convviz_does(*arguments, "--json"))
    assert (found["cell"], found["value"], found["output"]) == (-2, -0.02, -0.02)


@pytest.mark.parametrize(
    ("options", "focus"),
    [
        (("-k", "blur"), 1),
        (("-k", "blur", "--activation", "relu"), 1),
        (("-k", "blur", *layers_of("relu", "max", "relu")), 3),
        (layers_of("relu", "tanh"), 1),
        (("-k", "blur", *layers_of("relu", "max", "relu"), "--focus", "2"), 2),
        (("-k", "blur", *layers_of("relu", "max", "relu"), "--focus", "1"), 1),
    ],
)
def test_the_last_kernel_or_window_is_in_focus_unless_another_is_asked_for(
    convviz_does, options, focus
):
    found = json_of(convviz_does("trace", "letter-h", *options, "--at", "1,1", "--json"))
    assert found["focus"] == focus
    assert len(found["layers"]) >= focus
    names = {"conv": "terms", "max": "cells"}
    assert names.get(found["layers"][focus - 1]["kind"], "cell") in found


def test_in_a_stack_the_heading_says_which_layer_it_is(convviz_does):
    out = convviz_does("trace", "lenet", "--focus", "4", "--at", "2,3", "--channel", "1").out
    assert out.startswith("lenet, layer 4 of 6, under kernel: output cell 2,3, channel 1\n")
    assert out.splitlines()[-1].startswith("relu ")


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_layer_of_an_example_is_traced_to_what_it_makes(convviz_does, name):
    document = EXAMPLES[name].make()
    for number in range(1, len(document.layers) + 1):
        made = results(document).entering(number)
        channel, *place = (size - 1 for size in made.shape)
        at = ",".join(map(str, place))
        arguments = ("trace", name, "--focus", number, "--at", at, "--channel", channel)
        found = json_of(convviz_does(*arguments, "--json"))
        assert found["value"] == pytest.approx(made[(channel, *place)], abs=1e-12)
        assert convviz_does(*arguments).code == 0


# render


@pytest.mark.parametrize(
    "options",
    [
        ("letter-h", "--pool", "max"),
        ("letter-h", "--pool", "avg", "--padding", "1"),
        ("1-to-5", "--pool", "max"),
        ("letter-h", "-k", "blur", "--transpose", "--stride", "2"),
        ("1-to-5", "-k", "difference", "--transpose", "--stride", "2"),
        ("letter-h", "--layer", "relu"),
        ("letter-h", "-k", "sobel-x", *layers_of("relu", "max"), "--focus", "2"),
        ("--pool", "avg"),
        ("--layer", "max"),
        *((name,) for name in EXAMPLES),
        *(("lenet", "--focus", number) for number in range(1, 7)),
    ],
    ids=str,
)
def test_every_kind_of_layer_is_rendered(convviz_does, options):
    ended = convviz_does("render", *options, "-o", "f", "--steps", "1", "--size", "640x480")
    assert ended == (0, "", "convviz: 1 frame in f\n")
    (path,) = Path("f").iterdir()
    with Image.open(path) as picture:
        assert picture.size == (640, 480)


def test_one_map_is_rendered_after_the_other(convviz_does):
    ended = convviz_does("render", "cs231n-two-filters", "-o", "f", "--size", "640x480")
    assert ended.err == "convviz: 18 frames in f\n"
    names = sorted(path.name for path in Path("f").iterdir())
    assert names == [f"cs231n-two-filters_step-{step:04d}.png" for step in range(1, 19)]
    assert len({path.read_bytes() for path in Path("f").iterdir()}) == 18


@pytest.mark.parametrize(
    ("options", "layer", "workspace"),
    [
        (("-k", "blur", "--activation", "relu"), 0, "convolve"),
        (("-k", "blur", *layers_of("max", "relu")), 1, "layers"),
        (("-k", "two.npy"), 0, "layers"),
        (("--pool", "max"), 0, "convolve"),
    ],
)
def test_the_film_is_of_the_layer_in_focus(convviz_does, monkeypatch, options, layer, workspace):
    filmed = []
    monkeypatch.setattr("convviz.cli.film.shoot", lambda session, *_: filmed.append(session) or 0)
    np.save("two.npy", np.ones((2, 1, 3, 3)))
    assert convviz_does("render", "letter-h", *options, "-o", "f").code == 0
    (session,) = filmed
    assert (session.layer, session.view.workspace) == (layer, workspace)


# What can go wrong

WRONG_USAGE = [
    ("compute letter-h --layer ' '", "it names no layer", "conv, transpose, max, avg, relu"),
    ("compute letter-h --layer cnov", "did you mean conv?"),
    ("compute letter-h --layer none", "none of conv"),
    ("compute letter-h --layer conv", "conv lacks its KERNEL, as in: conv sobel-x"),
    ("compute letter-h --layer 'transpose stride=2'", "transpose lacks its KERNEL"),
    ("compute letter-h --layer 'conv blur strid=2'", "did you mean stride?"),
    ("compute letter-h --layer 'conv blur stride'", "stride lacks its value, as in: stride=1"),
    ("compute letter-h --layer 'conv blur stride=x'", "stride: 'x' is not a whole number"),
    ("compute letter-h --layer 'conv blur stride=0'", "0 is less than 1"),
    ("compute letter-h --layer 'conv blur flip=perhaps'", "neither true nor false"),
    ("compute letter-h --layer 'conv blur flip flip=no'", "flip is given twice"),
    ("compute letter-h --layer 'conv blur blur'", "'blur' is no setting of a convolution"),
    ('compute letter-h --layer "conv \'blur"', "a quotation is not closed"),
    ("compute letter-h --layer 'conv blur output_padding=1'", "a convolution has none"),
    ("compute letter-h --layer 'transpose blur flip'", "a transposed convolution has none"),
    ("compute letter-h --layer 'transpose blur padding=same'", "no padding rules: give cells"),
    ("compute letter-h --layer 'max 2 padding=1:2'", "as many before as after"),
    ("compute letter-h --layer 'max x'", "'x' is not a whole number"),
    ("compute letter-h --layer 'max 2 3'", "'3' is no setting of max pooling"),
    ("compute letter-h --layer 'max 2 count_include_pad=no'", "max pooling has none"),
    ("compute letter-h --layer 'avg 2 dilation=2'", "average pooling has none"),
    ("compute letter-h --layer 'relu 2'", "ReLU has no settings: leave 2 out"),
    ("compute letter-h --layer 'relu stride=2'", "ReLU has no settings: leave stride out"),
    (
        "compute letter-h --layer 'conv blur padding_mode=reflect padding_value=1'",
        "choose padding_mode=constant",
    ),
    ("compute letter-h -k blur --transpose --flip", "'--flip'", "--output-padding"),
    ("compute letter-h -k blur --transpose --no-flip", "'--flip'"),
    ("compute letter-h -k blur --transpose --padding same", "'--padding'", "give cells"),
    ("compute letter-h -k blur --transpose --padding 1:2", "'--padding'", "as many before"),
    ("compute letter-h -k blur --transpose --padding-mode reflect", "'--padding-mode'"),
    ("compute letter-h -k blur --transpose --padding-value 1", "'--padding-value'"),
    ("compute letter-h -k blur --transpose --ceil-mode", "'--ceil-mode'"),
    ("compute letter-h -k blur --output-padding 1", "'--output-padding'", "a convolution has none"),
    ("compute letter-h -k blur --output-padding -1", "-1 is less than 0"),
    ("compute letter-h --transpose", "--transpose needs KERNEL"),
    ("compute letter-h --transpose --pool max", "--transpose needs KERNEL"),
    ("compute letter-h -k blur --pool max", "--pool", "instead of KERNEL"),
    ("compute letter-h --pool median", "none of max, avg"),
    ("compute letter-h --window 2", "--window", "say --pool max or --pool avg"),
    ("compute letter-h -k blur --window 2", "--window"),
    ("compute letter-h --pool max --window 0", "0 is less than 1"),
    ("compute letter-h --pool max --padding same", "max pooling has no padding rules"),
    ("compute letter-h --pool max --bias 1", "'--bias'", "max pooling has none"),
    ("compute letter-h --pool max --no-count-include-pad", "'--count-include-pad'"),
    ("compute letter-h --pool avg --dilation 2", "'--dilation'"),
    ("compute letter-h --stride 2 --layer max", "--stride", "a --layer with its settings"),
    ("compute letter-h --activation relu --layer max", "--activation", "such as relu"),
    ("compute lenet --stride 2", "--stride", "the example lenet brings its layers"),
    ("compute lenet --max-side 7", "--max-side", "its image alone"),
    ("compute lenet --activation relu", "--activation"),
    ("compute lenet --transpose", "--transpose needs KERNEL"),
    ("compute letter-h -k blur --focus 1", "--focus"),
    ("trace letter-h -k blur --at 0,0 --focus 2", "'--focus'", "from 1 to 1"),
    ("trace letter-h -k blur --at 0,0 --focus 0", "'--focus'", "0 is less than 1"),
    ("trace letter-h --pool max --at 8,0", "8 × 8 cells"),
    ("trace cs231n-two-filters --at 0,0 --channel 2", "from 0 to 1"),
    ("trace cs231n-two-filters --at 0,0 --channel -1", "'--channel'", "-1 is less than 0"),
    ("render lenet -o f --focus 7", "'--focus'", "from 1 to 6"),
    ("render -o f --transpose", "--transpose needs KERNEL"),
    ("render -o f --stride 2 --layer relu", "--stride"),
    ("render -o f --output-padding 1", "'--output-padding'", "a convolution has none"),
    ("render cs231n-two-filters -o f --steps 19", "from 1 to 18"),
]


@pytest.mark.parametrize(("line", "words"), [(line, words) for line, *words in WRONG_USAGE])
def test_wrong_usage_is_told_in_one_line(convviz_does, line, words):
    assert said_in_one_line(convviz_does(*shlex.split(line)), 2, *words, "--help)")
    assert [*Path().iterdir()] == []


BAD_DATA = [
    ("letter-h --layer 'conv sobl-x'", "layer 1: 'sobl-x' names no kernel", "did you mean sobel-x"),
    ("letter-h -k blur --layer 'conv no.npy'", "layer 2: no.npy: there is no such file"),
    ("letter-h -k blur --layer 'conv 1,x'", "layer 2: the kernel: line 1, column 2"),
    (
        "letter-h -k two.npy --layer 'conv blur'",
        "layer 2: the weight takes 1 input channel, the image has 2; ",
        "take 2 input channels (a KERNEL of 1 × 2 × 3 × 3)",
    ),
    (
        "letter-h -k two.npy --layer 'transpose blur'",
        "layer 2: the weight takes 1 input channel, the image has 2; ",
        "take 2 input channels (a KERNEL of 2 × 1 × 3 × 3)",
    ),
    ("letter-h -k two.npy --layer 'conv blur groups=2'", "layer 2: 2 groups do not divide"),
    ("letter-h -k blur --layer 'conv difference'", "layer 2: a kernel with 1 axis and an image"),
    ("1-to-5 -k difference --layer 'conv blur'", "layer 2: a kernel with 2 axes and a signal"),
    ("letter-h -k blur --layer relu --layer 'max 15'", "layer 3: ", "window to 14 (max 14)"),
    ("letter-h --layer 'conv blur stride=1,2,3'", "layer 1: stride has 3 numbers"),
    ("letter-h --layer 'conv blur bias=1,2'", "layer 1: bias has the shape 2"),
    ("letter-h --layer 'max 2,2,2'", "one or two axes, not 3"),
    ("1-to-5 --pool max --window 2,2", "1 axis and one pooling window"),
    ("letter-h --pool max --padding 2", "more than half of the 2 cells"),
    ("letter-h --pool max --window 17", "the pooling window spans 17 cells"),
    ("letter-h -k blur --transpose --output-padding 1", "output_padding 1 must be smaller"),
    ("letter-h -k blur --transpose --padding 9", "none would be left"),
    ("letter-h -k blur --transpose --stride 100000", "cells, 64,000,000 are allowed"),
    ("large.npy --pool avg", "too large"),
    ("large.npy -k blur --layer 'conv blur' --max-side 1", "too large"),
]


@pytest.mark.parametrize(("line", "words"), [(line, words) for line, *words in BAD_DATA])
def test_bad_data_is_told_in_one_line(convviz_does, line, words):
    np.save("two.npy", np.ones((2, 1, 3, 3)))
    np.save("large.npy", np.full((4, 4), 1.7e308))
    ended = convviz_does("compute", *shlex.split(line))
    assert said_in_one_line(ended, 4, *words)


HINTS = [
    "letter-h --pool max --padding 2",
    "letter-h --pool avg --window 40",
    "letter-h --pool max --window 12 --dilation 2",
    "letter-h -k blur --transpose --output-padding 1",
    "letter-h -k blur --transpose --padding 9",
    "letter-h -k blur --transpose --stride 100000",
    "letter-h -k blur --groups 2",
]


@pytest.mark.parametrize("line", HINTS)
def test_options_that_a_message_offers_help(convviz_does, line):
    ended = convviz_does("compute", *line.split())
    offered = re.findall(r"\((--[^()]+)\)", ended.err)
    assert said_in_one_line(ended, 4)
    assert offered
    for options in offered:
        again = convviz_does("compute", *line.split(), *options.split())
        assert again.code == 0, (options, again.err)


SPEC_HINTS = [
    "max 2 padding=2",
    "avg 40",
    "transpose blur output_padding=1",
    "conv blur dilation=9",
    "conv blur padding=16 padding_mode=reflect",
]


@pytest.mark.parametrize("spec", SPEC_HINTS)
def test_settings_that_a_message_offers_help(convviz_does, spec):
    ended = convviz_does("compute", "letter-h", "--layer", spec)
    offered = re.findall(r"\(((?:\w+=|max |avg )[^()]+)\)", ended.err)
    assert said_in_one_line(ended, 4, "layer 1: ")
    assert offered
    for settings_offered in offered:
        kind, *own = spec.split()
        new = settings_offered.split()
        if new[0] == kind:  # the window
            own, new = own[1:], [*new[1:2], *new[2:]]
            kind = f"{kind} {new.pop(0)}"
        changed = {word.partition("=")[0] for word in new}
        kept = [word for word in own if word.partition("=")[0] not in changed]
        again = convviz_does("compute", "letter-h", "--layer", " ".join([kind, *kept, *new]))
        assert again.code == 0, (settings_offered, again.err)


SOURCES = [
    "letter-h", "1-to-5", "1,2;3,4", "rgb.npy", "cs231n-two-filters", "overlaps", "-", "no", "0",
]  # fmt: skip
KERNELS = ["blur", "difference", "1,1;1,1", "0.5", "three.npy", "no", "-", "1e300"]
NUMBERS = ["1", "2", "1,2", "0", "-1", "x", "", "99999999", "1:2", "same", "1e999", "1,2,3"]
OPTIONS = [option_name(name) for name in PARSERS if option_name(name) not in
           ("--flip", "--ceil-mode", "--count-include-pad")]  # fmt: skip
FLAGS = ["--transpose", "--flip", "--ceil-mode", "--no-count-include-pad", "--json"]
WORDS = st.sampled_from(
    [
        *kinds(), *PARSERS, *KERNELS, *NUMBERS, "flip", "'", '"', "\\", "=", "\0", "ⅷ", "none",
        *(f"{name}={value}" for name in PARSERS for value in ("1", "2", "x", "true", "same")),
    ]
)  # fmt: skip
SPECS = st.lists(WORDS, max_size=5).map(" ".join) | st.sampled_from(
    ["relu", "max", "avg 2 stride=1", "conv blur padding=same", "transpose 1,1;1,1 stride=2"]
)
PARTS = st.one_of(
    st.tuples(st.just("-k"), st.sampled_from(KERNELS)),
    st.tuples(st.just("--pool"), st.sampled_from(["max", "avg"])),
    st.tuples(st.just("--window"), st.sampled_from(NUMBERS)),
    st.tuples(st.sampled_from(OPTIONS), st.sampled_from(NUMBERS)),
    st.tuples(st.just("--focus"), st.sampled_from(NUMBERS)),
    st.tuples(st.just("--layer"), SPECS),
    st.tuples(st.just("--layer"), st.text(max_size=12)),
    st.tuples(st.sampled_from(FLAGS)),
)

NOTES = ("without its layers", "as one of grey", "is taken")


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["compute", "trace"]), st.sampled_from(SOURCES), st.lists(PARTS, max_size=5))
@example("compute", "letter-h", [("--layer", "conv " + "9" * 5000)])
@example("trace", "letter-h", [("--layer", "max " + "9" * 18)])
def test_whatever_is_typed_there_is_no_traceback(command, source, parts):
    np.save("rgb.npy", np.ones((3, 6, 6)))
    np.save("three.npy", np.ones((2, 3, 3, 3)))
    words = [word for part in parts for word in part]
    at = ["--at", "0,0"] if command == "trace" else []
    with pytest.MonkeyPatch.context() as patches:
        out, told = io.StringIO(), io.StringIO()
        patches.setattr(sys, "stdout", out)
        patches.setattr(sys, "stderr", told)
        patches.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"1,2;3,4")))
        code = main([command, source, *at, *words])
    assert code in (0, 2, 4), told.getvalue()
    lines = told.getvalue().splitlines()
    assert all(line.startswith("convviz: ") for line in lines)
    assert bool(out.getvalue()) == (code == 0)
    notes = sum(line.endswith(NOTES) for line in lines)
    assert len(lines) == notes + (code != 0)


# README


def commands_of_the_readme():
    text = README.read_text(encoding="utf-8").partition("## On the command line")[2]
    section = text.partition("\n## ")[0]
    for block in re.findall(r"```\n(.*?)```", section, re.DOTALL):
        yield from block.splitlines()


@pytest.mark.usefixtures("opened")
@pytest.mark.parametrize("line", list(commands_of_the_readme()))
def test_the_commands_of_the_readme_work(convviz_does, line):
    name, *words = shlex.split(line)
    assert name == "convviz"
    steps = ("--steps", "1") if words[0] == "render" and "--steps" not in words else ()
    assert convviz_does(*words, *steps).code == 0
