"""The scripts that a person starts first: what they ask of a machine, what they say without it."""

import importlib.util
import sys
from pathlib import Path

import pytest

from convviz.cli import surroundings

SCRIPTS = Path(__file__).resolve().parent.parent / "scripts"
X11 = {"DISPLAY": ":0"}
WAYLAND = {"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}


def load(name):
    spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look for their module there
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module", autouse=True)
def scripts():
    names = ("environment", "run", "test")
    before = {name: sys.modules.get(name) for name in names}
    yield {name: load(name) for name in names}
    for name, module in before.items():
        if module is None:
            del sys.modules[name]
        else:
            sys.modules[name] = module


@pytest.fixture
def environment(scripts):
    return scripts["environment"]


@pytest.fixture
def run(scripts):
    return scripts["run"]


@pytest.fixture
def checks(scripts):
    return scripts["test"]


@pytest.fixture
def told(capsys):
    return lambda: capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "variables", "needs"),
    [
        ([], X11, "window"),
        (["letter-h"], X11, "window"),
        (["letter-h"], WAYLAND, "painting"),
        ([], {}, "nothing"),
        ([], {"QT_QPA_PLATFORM": "offscreen"}, "painting"),
        ([], {"QT_QPA_PLATFORM": "offscreen", **X11}, "painting"),
        ([], {"QT_QPA_PLATFORM": "xcb;offscreen", **X11}, "window"),
        (["render", "letter-h", "-k", "sobel-x", "-o", "frames/"], {}, "painting"),
        (["render", "letter-h"], X11, "painting"),
        (["render", "--help"], X11, "nothing"),
        (["compute", "letter-h", "-k", "sobel-x"], X11, "nothing"),
        (["trace", "letter-h", "--at", "7,4"], X11, "nothing"),
        (["list"], X11, "nothing"),
        (["--version"], X11, "nothing"),
        (["--help"], X11, "nothing"),
    ],
)
def test_arguments_decide_which_libraries_are_asked_for(
    run, environment, arguments, variables, needs
):
    painting, window = environment.PAINTING, environment.X11_WINDOW
    expected = {"nothing": {}, "painting": painting, "window": {**painting, **window}}
    assert run.needed_libraries(arguments, variables) == expected[needs]


@pytest.mark.parametrize(
    ("variables", "platform", "shown"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ""}, "linux", False),
        (X11, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"QT_QPA_PLATFORM": "vnc"}, "linux", True),
        ({}, "darwin", True),
        ({}, "win32", True),
    ],
)
def test_only_linux_can_be_without_a_display(run, variables, platform, shown):
    assert run.has_display(variables, platform) is shown


def test_without_a_display_it_says_where_the_frames_of_the_default_scene_go(run, told):
    assert run.without_display(Path("/somewhere")) == ["render", "-o", "convviz-frames", "--force"]
    assert "no display" in (said := told())
    assert str(Path("/somewhere/convviz-frames")) in said


def test_every_library_names_the_package_that_holds_it(environment):
    table = {**environment.PAINTING, **environment.X11_WINDOW}
    assert len(table) == len(environment.PAINTING) + len(environment.X11_WINDOW) >= 10
    for library, package in table.items():
        assert ".so." in library
        assert package.startswith("lib")


def test_the_libraries_are_those_that_the_program_asks_for(environment):
    assert surroundings.debian_packages("painting") == environment.PAINTING
    assert surroundings.debian_packages("x11_window") == environment.X11_WINDOW


def test_the_packages_are_written_down_once():
    sources = [*SCRIPTS.rglob("*.py"), *(SCRIPTS.parent / "convviz").rglob("*.py")]
    assert len(sources) > 200
    assert not [source for source in sources if "libxcb-cursor0" in source.read_text("utf-8")]


@pytest.mark.skipif(sys.platform != "linux", reason="system libraries are looked for on Linux only")
def test_a_library_is_missing_when_it_does_not_open(environment):
    wanted = {"libc.so.6": "libc6", "libthere-is-no-such.so.1": "libnone1"}
    assert environment.missing_libraries(wanted) == {"libthere-is-no-such.so.1": "libnone1"}


def test_who_may_not_install_is_told_the_command(environment, monkeypatch):
    missing = {"libGL.so.1": "libgl1", "libEGL.so.1": "libegl1", "libGLX.so.0": "libgl1"}
    monkeypatch.setattr(environment, "may_install", lambda: False)
    with pytest.raises(environment.SetupError) as caught:
        environment.provide(missing)
    said = str(caught.value)
    assert "apt-get install --no-install-recommends libegl1 libgl1\n" in said
    assert all(library in said for library in missing)


def test_nothing_missing_means_nothing_said_and_nothing_done(environment, monkeypatch, told):
    monkeypatch.setattr(environment, "may_install", pytest.fail)
    environment.provide({})
    assert told() == ""


@pytest.mark.usefixtures("checkout")
def test_what_apt_wrote_is_shown_when_it_fails(environment, monkeypatch):
    monkeypatch.setattr(environment, "may_install", lambda: True)
    monkeypatch.setattr(
        environment, "apt_get", lambda *words: "E: no such thing" if "install" in words else ""
    )
    with pytest.raises(environment.SetupError, match=r"(?s)no such thing.*sudo apt-get"):
        environment.provide({"libGL.so.1": "libgl1"})


@pytest.mark.parametrize("version", [(3, 8, 10), (3, 10, 12)])
def test_an_old_python_is_told_which_one_is_needed(environment, version):
    with pytest.raises(
        environment.SetupError, match=r"needs Python 3\.11 or newer and this is 3\."
    ):
        environment.demand_python(version)


def test_python_from_3_11_on_is_welcome(environment):
    environment.demand_python((3, 11, 0))
    environment.demand_python((3, 14, 1))


MADE_FROM = {
    "venv": "/a b/ä/.venv",
    "base": "/usr/bin/python3.11",
    "version": "3.11",
    "project": b"[project]",
}


@pytest.mark.parametrize(
    "change",
    [
        {"venv": "/elsewhere/.venv"},
        {"base": "/usr/local/bin/python3.11"},
        {"version": "3.12"},
        {"project": b"[project]\nname = 'x'"},
        {"extras": {"test", "oracle"}},
    ],
)
def test_a_stamp_does_not_cover_what_it_was_not_made_from(environment, change):
    stamp = environment.derive_stamp(**MADE_FROM, extras={"test"})
    assert not stamp.covers(environment.derive_stamp(**(MADE_FROM | change)))


def test_a_stamp_with_more_extras_serves_those_who_need_fewer(environment):
    stamp = environment.derive_stamp(**MADE_FROM, extras={"test"})
    assert stamp.covers(environment.derive_stamp(**MADE_FROM))
    assert stamp.covers(environment.derive_stamp(**MADE_FROM, extras={"test"}))


@pytest.mark.parametrize("extras", [set(), {"test"}, {"test", "oracle"}])
def test_a_stamp_is_read_as_it_was_written(environment, extras):
    stamp = environment.derive_stamp(**MADE_FROM, extras=extras)
    assert environment.parse_stamp(stamp.text) == stamp


@pytest.mark.parametrize("text", ["", "one line", "two\nlines\n", "f\no\nu\nr\n"])
def test_a_torn_stamp_is_none(environment, text):
    assert environment.parse_stamp(text) is None


@pytest.fixture
def checkout(environment, monkeypatch, tmp_path):
    """A checkout whose environment is complete, and whose pip fails."""
    venv = tmp_path / ".venv"
    venv.mkdir()
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    (venv / "python").touch()
    for name, path in {
        "ROOT": tmp_path,
        "VENV": venv,
        "PYTHON": venv / "python",
        "STAMP": venv / "stamp",
    }.items():
        monkeypatch.setattr(environment, name, path)
    environment.keep(environment.stamp_now({"test"}))
    monkeypatch.setattr(environment, "pip", lambda *_: (1, "NewConnectionError"))
    return tmp_path


@pytest.mark.usefixtures("checkout")
def test_what_is_ready_is_left_alone(environment, told):
    environment.ensure({"test"})
    assert told() == ""


def test_without_network_the_environment_stays_as_good_as_it_was(environment, checkout):
    before = environment.read_stamp()
    (checkout / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    with pytest.raises(environment.SetupError, match="check the network"):
        environment.ensure()
    assert environment.read_stamp() == before
    assert not environment.is_ready(before)


def test_an_install_that_breaks_off_leaves_no_stamp(environment, checkout, monkeypatch):
    (checkout / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    monkeypatch.setattr(environment, "pip", lambda *_: (1, "Installing collected packages: numpy"))
    with pytest.raises(environment.SetupError, match="what pip wrote is above"):
        environment.ensure()
    assert environment.read_stamp() is None


def test_an_update_keeps_the_extras_that_were_there(environment, checkout, monkeypatch):
    asked = []
    monkeypatch.setattr(environment, "pip", lambda *words: (asked.append(words[-1]), (0, ""))[1])
    (checkout / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    environment.ensure()
    assert asked == [".[test]"]
    assert environment.is_ready(environment.read_stamp(), {"test"})


def test_what_cannot_be_written_is_told_with_a_way_out(environment, checkout, monkeypatch):
    def renew(*_):
        raise OSError(30, "Read-only file system", str(checkout))

    monkeypatch.setattr(environment, "renew", renew)
    with pytest.raises(environment.SetupError, match=r"Read-only file system.*copy the folder"):
        environment.ensure({"oracle"})


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (None, 0, ""),
        (KeyboardInterrupt(), 130, "Interrupted."),
        ("disk full", 3, "disk full"),
    ],
)
def test_exit_codes(environment, told, error, code, said):
    def main(_):
        if error:
            raise environment.SetupError(error) if isinstance(error, str) else error
        return 0

    with pytest.raises(SystemExit) as caught:
        environment.run_main(main)
    assert caught.value.code == code
    assert told().strip() == said


def test_without_arguments_everything_is_checked_and_tested(checks):
    titles = [step.title for step in checks.derive_steps([])]
    assert titles == [
        "ruff format --check .",
        "ruff check .",
        "mypy",
        "lint-imports",
        "pytest -q -m 'not slow and not screen' --durations=10 -n auto --dist worksteal",
        "pytest -q -m 'screen and not slow'",
    ]


def test_checks_alone(checks):
    assert checks.derive_steps(["--checks"]) == checks.CHECKS


@pytest.mark.parametrize(
    ("arguments", "on_screen"),
    [
        (["tests/test_cli.py", "-k", "screen"], False),
        (["-m", "slow"], False),
        (["-m", "screen"], True),
        (["-m", "screen and slow", "-x"], True),
        (["-m", "slow and not screen"], False),
    ],
)
def test_arguments_go_to_pytest_and_its_marks_decide_on_the_screen(checks, arguments, on_screen):
    (step,) = checks.derive_steps(arguments)
    assert step.command[-len(arguments) :] == tuple(arguments)
    assert step.on_screen is on_screen


@pytest.mark.parametrize(
    ("listing", "offered"),
    [
        ("Available versions: 2.15.0, 2.13.0+cpu, 2.13.0", True),
        ("Available versions: 2.15.0, 2.13.0", False),
        ("Available versions: 12.13.0+cpu", False),
        ("ERROR: no matching distribution", False),
    ],
)
def test_torch_is_welcome_without_cuda(checks, listing, offered):
    assert checks.offers_cpu("2.13.0", listing) is offered


def test_a_summary_names_what_failed_and_what_was_left_out(checks):
    assert checks.Outcome("mypy", 1, 2.04).line == "FAILED     2.0 s  mypy"
    skipped = checks.Outcome("pytest -m screen", 0, 0.0, "no Xvfb")
    assert skipped.line == "skipped    0.0 s  pytest -m screen (no Xvfb)"
