"""Start convviz from its checkout: python3 scripts/run.py [arguments of convviz].

The first time it makes the virtual environment .venv and installs convviz there.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import environment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WITHOUT_QT = {"compute", "list", "trace"}
QUESTIONS = {"--help", "--version", "-h"}
FRAMES = "convviz-frames"


def has_display(variables: Mapping[str, str], platform: str) -> bool:
    chosen = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return platform != "linux" or any(variables.get(name) for name in chosen)


def needed_libraries(arguments: Sequence[str], variables: Mapping[str, str]) -> dict[str, str]:
    """Return what Qt opens for these arguments: nothing where they do not lead to Qt."""
    command = next((word for word in arguments if not word.startswith("-")), "")
    if command in WITHOUT_QT or QUESTIONS.intersection(arguments):
        return {}
    if command == "render":
        return environment.PAINTING
    if not has_display(variables, "linux"):
        return {}  # convviz says so itself
    return {**environment.PAINTING, **window_libraries(variables)}


def window_libraries(variables: Mapping[str, str]) -> dict[str, str]:
    x11_only = variables.get("DISPLAY") and not variables.get("WAYLAND_DISPLAY")
    platform = variables.get("QT_QPA_PLATFORM", "") or "xcb"
    return environment.X11_WINDOW if x11_only and platform.startswith("xcb") else {}


def without_display(folder: Path) -> list[str]:
    environment.tell(
        "There is no display (neither DISPLAY nor WAYLAND_DISPLAY is set), so no window can open:"
        f" the frames of the default scene go to {folder / FRAMES}"
    )
    return ["render", "-o", FRAMES, "--force"]


def start(arguments: Sequence[str]) -> int:
    # -P: a random.py in the folder where the person stands must not hide Python's own.
    command = [str(environment.PYTHON), "-P", "-m", "convviz", *arguments]
    if os.name == "posix":
        os.execv(command[0], command)
    import subprocess

    return subprocess.call(command)


def main(arguments: list[str]) -> int:
    if not arguments and not has_display(os.environ, sys.platform):
        arguments = without_display(Path.cwd())
    libraries = environment.missing_libraries(needed_libraries(arguments, os.environ))
    environment.provide({**environment.missing_for_venv(), **libraries})
    environment.ensure()
    return start(arguments)


if __name__ == "__main__":
    environment.run_main(main)
