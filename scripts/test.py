"""Check and test convviz: python3 scripts/test.py [--checks | arguments of pytest].

Without arguments everything: the checks, the tests, and on a virtual screen those marked `screen`.
With arguments only pytest, with these: tests/test_cli.py -k trace, or -m slow.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from shutil import which
from typing import TYPE_CHECKING

import environment
from environment import BIN, PYTHON, ROOT, VENV, SetupError, tell

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PYTEST_FOUND_NOTHING = 5
SCREEN_SIZE = "1440x900x24"


@dataclass(frozen=True)
class Step:
    title: str
    command: tuple[str, ...]
    on_screen: bool = False
    may_find_nothing: bool = False


@dataclass(frozen=True)
class Outcome:
    title: str
    code: int
    seconds: float
    skipped_because: str = ""

    @property
    def line(self) -> str:
        word = "skipped" if self.skipped_because else "FAILED" if self.code else "ok"
        reason = f" ({self.skipped_because})" if self.skipped_because else ""
        return f"{word:<8}{self.seconds:6.1f} s  {self.title}{reason}"


def module(*arguments: str) -> Step:
    return Step(shlex.join(arguments), (str(PYTHON), "-m", *arguments))


def pytest(marked: str, *arguments: str, **kinds: bool) -> Step:
    words = ("pytest", "-q", "-m", marked, *arguments)
    return Step(shlex.join(words), (str(PYTHON), "-m", *words), **kinds)


CHECKS = (
    module("ruff", "format", "--check", "."),
    module("ruff", "check", "."),
    module("mypy"),
    Step("lint-imports", (str(BIN / "lint-imports"), "--no-logo")),
)
TESTS = (
    pytest("not slow and not screen", "--durations=10", "-n", "auto", "--dist", "worksteal"),
    pytest("screen and not slow", on_screen=True, may_find_nothing=True),
)


def derive_steps(arguments: Sequence[str]) -> tuple[Step, ...]:
    if not arguments:
        return CHECKS + TESTS
    if list(arguments) == ["--checks"]:
        return CHECKS
    marked = chosen_marks(arguments)
    on_screen = "screen" in marked.replace("not screen", "")
    return (pytest("not slow and not screen", *arguments, on_screen=on_screen),)


def chosen_marks(arguments: Sequence[str]) -> str:
    """Return what a person put behind -m, which then outranks the -m before it."""
    return arguments[arguments.index("-m") + 1] if "-m" in arguments[:-1] else ""


def set_up(steps: Sequence[Step]) -> None:
    needed = environment.missing_for_venv()
    if any("pytest" in step.command for step in steps):
        needed |= environment.missing_libraries(environment.PAINTING)
    environment.provide(needed)
    if any(step.on_screen for step in steps) and environment.may_install():
        try:
            environment.provide(missing_for_screen())
        except SetupError as error:
            tell(str(error))
    environment.ensure({"test"})


def missing_for_screen() -> dict[str, str]:
    missing = environment.missing_libraries(environment.X11_WINDOW)
    return missing if which("Xvfb") else {**missing, "Xvfb": "xvfb"}


def add_oracle() -> None:
    """Install torch, the second opinion of some tests, unless that brings gigabytes of CUDA.

    The build without CUDA is small; where only the other is offered, CONVVIZ_TORCH=1 asks for it.
    """
    stamp = environment.read_stamp()
    if stamp and "oracle" in stamp.extras:
        return
    requirement = oracle_requirement()
    refused = VENV / "convviz-without-torch.txt"
    known = refused.exists() and refused.read_text(encoding="utf-8") == requirement
    wanted = os.environ.get("CONVVIZ_TORCH") or not (known or only_with_cuda(requirement))
    if wanted and install_oracle(requirement):
        return
    refused.write_text(requirement, encoding="utf-8")
    tell(f"Tests that compare with {requirement} are left out; CONVVIZ_TORCH=1 installs it.")


def install_oracle(requirement: str) -> bool:
    tell(f"Adding {requirement} for the tests that compare with it ...")
    try:
        environment.ensure({"test", "oracle"})
    except SetupError as error:
        tell(str(error))
        environment.ensure({"test"})
        return False
    return True


def oracle_requirement() -> str:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["optional-dependencies"]["oracle"][0])


def only_with_cuda(requirement: str) -> bool:
    name, _, version = requirement.partition("==")
    return sys.platform == "linux" and not offers_cpu(
        version, environment.pip("index", "versions", name)[1]
    )


def offers_cpu(version: str, listing: str) -> bool:
    return f"{version}+cpu" in listing.replace(",", " ").split()


def run_step(step: Step) -> Outcome:
    print(f"\n== {step.title}", flush=True)
    lacks = ", ".join(missing_for_screen()) if step.on_screen else ""
    if lacks:
        print(f"Skipped: a virtual screen needs {lacks}", flush=True)
        return Outcome(step.title, 0, 0.0, f"no {lacks}")
    begin = time.monotonic()
    with screen(step.on_screen) as variables:
        code = subprocess.call(step.command, cwd=ROOT, env={**os.environ, **variables})
    if step.may_find_nothing and code == PYTEST_FOUND_NOTHING:
        code = 0
    return Outcome(step.title, code, time.monotonic() - begin)


@contextmanager
def screen(real: bool) -> Iterator[dict[str, str]]:
    """Yield the variables that lead Qt to an X server of its own, or to none at all."""
    if not real:
        yield {"QT_QPA_PLATFORM": "offscreen"}
        return
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", SCREEN_SIZE, "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL)
    os.close(writer)
    try:
        with os.fdopen(reader) as number:  # Xvfb picks a free one, and writes it once it listens
            display = number.readline().strip()
        if not display:
            raise SetupError("Xvfb did not start: try it by hand with  Xvfb :99")
        yield {"DISPLAY": f":{display}", "QT_QPA_PLATFORM": "xcb"}
    finally:
        server.terminate()
        server.wait()


def main(arguments: list[str]) -> int:
    steps = derive_steps(arguments)
    set_up(steps)
    if any("pytest" in step.command for step in steps):
        add_oracle()
    outcomes = [run_step(step) for step in steps]
    if len(outcomes) == 1:
        return outcomes[0].code
    print("\n== Summary", *(outcome.line for outcome in outcomes), sep="\n", flush=True)
    return int(any(outcome.code for outcome in outcomes))


if __name__ == "__main__":
    environment.run_main(main)
