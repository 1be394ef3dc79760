"""convviz learn: what a person types, reads and feeds to other programs."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import convviz
from convviz.cli import main

LECTURE = ("identity", "blur", "vertical-line", "horizontal-line")


@pytest.fixture(autouse=True)
def in_an_empty_folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def learnt(capsys):
    """Run `convviz learn` and return what it prints."""

    def run(*arguments):
        assert main(["learn", *map(str, arguments)]) == 0, capsys.readouterr().err
        return capsys.readouterr().out

    return run


@pytest.fixture
def refused(capsys):
    """Run `convviz learn` and return exit code and the one line on standard error."""

    def run(*arguments):
        code = main(["learn", *map(str, arguments)])
        out, err = capsys.readouterr()
        assert out == ""
        assert re.fullmatch(r"convviz: [^\n]+\n", err)
        return code, err

    return run


@pytest.mark.parametrize("seed", [0, 9])
@pytest.mark.parametrize("name", LECTURE)
def test_the_lectures_kernels_come_out_of_the_letter_h(learnt, name, seed):
    found = json.loads(learnt("letter-h", "--target-kernel", name, "--seed", seed, "--json"))
    assert np.abs(np.array(found["kernel"]) - convviz.KERNELS[name].kernel).max() < 1e-6
    assert found["loss"] < 1e-10
    assert (found["steps"], found["rank"], found["numbers"]) == (500, 9, 9)
    assert (found["learning_rate"], round(found["bound"], 2)) == (2.3, 2.58)
    assert found["input"] == {"name": "letter-h", "shape": [16, 16]}


def test_a_person_reads_how_it_went(learnt):
    text = learnt("letter-h", "--target-kernel", "sobel-x")
    first, second, third, *_ = text.splitlines()
    assert first == "Letter H: learn the kernel, 3 × 3, behind what sobel-x makes of it"
    assert second.endswith("mean squared error, learning rate 2.3, stable up to 2.58")
    assert third == "196 windows: the input determines all 9 numbers"
    steps = [int(line.split()[0]) for line in text.splitlines() if re.match(r" +\d+  ", line)]
    assert steps == [0, 1, 2, 5, 10, 20, 50, 100, 200, 500]
    assert "[[-1.  0.  1.]    [[-1.  0.  1.]\n" in text
    assert text.splitlines()[-1].startswith("The kernel is found: its weights are at most ")


def test_upright_stripes_do_not_tell_and_it_is_said_why(learnt):
    found = json.loads(learnt("stripes", "--target-kernel", "sobel-x", "--json"))
    assert found["rank"] == 3
    assert found["distance"] > 0.1
    text = " ".join(learnt("stripes", "--target-kernel", "sobel-x").split())
    assert text.endswith(
        "the input determines 3 of 9 numbers: in 6 directions the kernel can change without any "
        "effect on the map."
    )


def test_a_rate_above_the_bound_diverges_with_a_sentence(learnt):
    text = learnt("letter-h", "--target-kernel", "sobel-x", "--lr", 4)
    assert "the learning rate is 4, and up to 2.58 is stable: choose a smaller one." in text
    assert json.loads(learnt("letter-h", "--target-kernel", "blur", "--lr", 4, "--json"))[
        "diverged"
    ]


def test_the_target_may_be_a_file_that_compute_has_written(learnt):
    arguments = ("letter-h", "-k", "outline", "--padding", "same", "-o", "map.npy")
    assert main(["compute", *arguments]) == 0
    shared = ("--padding", "same", "--json")
    found = json.loads(learnt("letter-h", "--target", "map.npy", *shared))
    assert np.allclose(found["kernel"], convviz.KERNELS["outline"].kernel, atol=1e-6)
    assert found["distance"] is None
    assert found["conclusion"].startswith("after 500 steps the loss is")


def test_a_signal_goes_by_numbers_on_the_command_line(learnt):
    found = json.loads(
        learnt("1,2,4,1,0,3", "--target", "3,6,5,1,3", "--kernel-size", "2", "--json")
    )
    assert np.allclose(found["kernel"], [1, 1])


@pytest.mark.parametrize(
    "options",
    [
        ("--optimizer", "adam"),
        ("--optimizer", "momentum", "--momentum", "0.5"),
        ("--initial", "zeros"),
        ("--initial", "1,2,3;4,5,6;7,8,9"),
        ("--padding", "same", "--flip"),
        ("--padding", "full", "--padding-mode", "reflect"),
        ("--steps", "2000", "--lr", "1"),
    ],
)
def test_every_way_leads_to_sobel(learnt, options):
    found = json.loads(learnt("letter-h", "--target-kernel", "sobel-x", *options, "--json"))
    assert found["distance"] < 1e-6, found["conclusion"]


@pytest.mark.parametrize(
    "options",
    [
        ("--loss", "l1"),
        ("--noise", "0.1"),
        ("--weight-decay", "0.01"),
        ("--activation", "sigmoid"),
        ("--bias", "--stride", "2"),
        ("--optimizer", "adam", "--betas", "0.8,0.99", "--eps", "1e-6", "--steps", "20"),
    ],
)
def test_what_stays_in_the_way_is_said(learnt, options):
    found = json.loads(learnt("letter-h", "--target-kernel", "sobel-x", *options, "--json"))
    assert found["loss"] < found["first"]["loss"]
    assert found["conclusion"].startswith("the kernel is not found: ")


def test_the_same_seed_prints_the_same_bytes(learnt):
    arguments = ("letter-h", "--target-kernel", "emboss", "--seed", "3", "--noise", "1", "--json")
    assert learnt(*arguments) == learnt(*arguments)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("letter-h",), 2, "give a target: either --target-kernel or --target"),
        (("letter-h", "--target", "1", "--target-kernel", "blur"), 2, "give a target: either"),
        (
            ("letter-h", "--target-kernel", "blur", "--kernel-size", "5"),
            2,
            "--kernel-size is that of --target-kernel: leave it out",
        ),
        (
            ("letter-h", "--target", "1,2;3,4"),
            4,
            "the target has 2 × 2 cells, of this image the kernel makes 14 × 14",
        ),
        (("letter-h", "--target-kernel", "blurr"), 4, "did you mean blur?"),
        (("letter-h", "--target-kernel", "blur", "--lr", "-1"), 4, "lr must be above 0, not -1"),
        (("letter-h", "--target-kernel", "blur", "--lr", "fast"), 2, "--lr"),
        (("letter-h", "--target-kernel", "blur", "--loss", "mae"), 2, "'mae' is none of mse, l1"),
        (("letter-h", "--target-kernel", "blur", "--optimizer", "adm"), 2, "did you mean adam?"),
        (("letter-h", "--target-kernel", "blur", "--betas", "0.9"), 4, "betas are two numbers"),
        (
            ("letter-h", "--target-kernel", "blur", "--initial", "1,2;3,4"),
            4,
            "has not 3 × 3 numbers",
        ),
        (("nothing", "--target-kernel", "blur"), 4, "'nothing' names no input and no file"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(refused, arguments, code, words):
    found, line = refused(*arguments)
    assert found == code
    assert words in line


def test_frames_of_the_training_are_written_where_one_says(learnt):
    arguments = ("letter-h", "--target-kernel", "sobel-x", "--steps", "25", "-o", "frames")
    text = learnt(*arguments, "--size", "640x480")
    assert text.rstrip().endswith("more steps may bring it nearer.")
    names = sorted(path.name for path in Path("frames").iterdir())
    assert names == [f"letter-h_update-{step:04d}.png" for step in (0, 10, 20, 25)]
    with Image.open(Path("frames", names[0])) as picture:
        assert picture.size == (640, 480)
    assert main(["learn", *arguments]) == 4
    assert main(["learn", *arguments, "--force", "--every", "25"]) == 0


def test_options_of_frames_need_a_folder(refused):
    found, line = refused("letter-h", "--target-kernel", "blur", "--every", "2")
    assert found == 2
    assert "--every is of frames: say where they go with -o FOLDER" in line


def test_the_help_names_every_choice(capsys):
    assert main(["learn", "--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    for words in ("sgd, momentum, adam", "mse, l1", "uniform|zeros|KERNEL", "relu, leaky_relu"):
        assert words in text


def test_learning_is_filmed_update_by_update(tmp_path):
    folder = tmp_path / "frames"
    assert main(["render", "letter-h", "--learn", "-o", str(folder), "--steps", "1:3"]) == 0
    frames = sorted(folder.iterdir())
    assert [path.name for path in frames] == [f"letter-h_update-000{n}.png" for n in (0, 1, 2)]
    assert len({path.read_bytes() for path in frames}) == 3


def test_no_learning_is_filmed_of_an_image_that_is_smaller_than_the_kernel(capsys, tmp_path):
    code = main(["render", "[[1,2],[3,4]]", "-k", "[[1]]", "--learn", "-o", str(tmp_path / "f")])
    assert code != 0
    assert re.fullmatch(r"convviz: the kernel spans 3 cells[^\n]+\n", capsys.readouterr().err)


def test_frames_are_those_of_the_workspace(learnt):
    learnt("letter-h", "--target-kernel", "sobel-x", "-o", "a", "--every", "250")
    assert main(["render", "letter-h", "--learn", "-o", "b", "--steps", "251:251"]) == 0
    name = "letter-h_update-0250.png"
    assert Path("a", name).read_bytes() == Path("b", name).read_bytes()


def test_frames_show_one_channel_of_rows_and_columns(refused):
    signal = ("1,2,4,1,0,3", "--target", "3,6,5,1,3", "--kernel-size", "2")
    found, line = refused(*signal, "-o", "frames")
    assert found == 4
    assert "frames show one channel of rows and columns" in line


def test_an_activation_with_its_settings_lies_between_layer_and_target(convviz_does):
    words = ("learn", "1,2,4,1,0,3", "--target-kernel", "1,-1", "--steps", "5", "--json")
    plain, steep = (
        json.loads(convviz_does(*words, "--activation", spec).out)
        for spec in ("leaky_relu", "leaky_relu:negative_slope=1/2")
    )
    assert plain != steep
    refused = convviz_does(*words, "--activation", "leaky_relu:slope=2")
    assert "leaky ReLU has no setting slope: it has negative_slope" in refused.err
