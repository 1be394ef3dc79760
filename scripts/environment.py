"""What run.py and test.py share: the system's packages and the virtual environment.

Only the standard library, and no syntax that an older Python cannot read: it lives to say so.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "convviz.stamp"
OLDEST_PYTHON = (3, 11)

# What Qt opens -> the Debian package that holds it; a package brings what it needs itself.
_DEBIAN = json.loads((ROOT / "resources" / "debian-packages.json").read_text(encoding="utf-8"))
PAINTING: Mapping[str, str] = _DEBIAN["painting"]
X11_WINDOW: Mapping[str, str] = _DEBIAN["x11_window"]

# A word in pip's output -> what to tell. The first that fits wins.
PIP_REASONS = {
    "No space left": "the disk is full. Make room (about 1 GB) and start again.",
    "SSLError": "no trusted connection to the package index: check the clock and the certificates.",
    "NewConnectionError": "no connection to the package index: check the network and start again.",
    "ProxyError": "the proxy gives no connection to the package index: check its settings.",
    "timed out": "the package index does not answer: check the network and start again.",
}
PIP_BEGINS = "Installing collected packages"


class SetupError(Exception):
    """Something around convviz is missing; the message says what, and the way out."""


def tell(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def run_main(main: Callable[[list[str]], int]) -> NoReturn:
    """Exit with main's code, 3 for what the environment lacks, 130 for Ctrl+C."""
    try:
        demand_python(sys.version_info[:3])
        speak_utf8()
        code = main(sys.argv[1:])
    except SetupError as error:
        tell(str(error))
        code = 3
    except KeyboardInterrupt:
        tell("Interrupted.")
        code = 130
    sys.exit(code)


def demand_python(version: tuple[int, ...]) -> None:
    if version[:2] < OLDEST_PYTHON:
        have, need = (".".join(map(str, numbers)) for numbers in (version, OLDEST_PYTHON))
        raise SetupError(
            f"convviz needs Python {need} or newer and this is {have}:"
            f" start the script with a newer one, as in python{need} {sys.argv[0]}"
        )


def speak_utf8() -> None:
    """Let Python read its .pth files, where our own path stands.

    WORKAROUND https://github.com/python/cpython/issues/77102: before 3.13 it reads them in the
    locale's encoding, whatever -X utf8 says, and stops at an umlaut in the path under LC_ALL=C.
    """
    import locale

    if os.name == "posix" and not str(ROOT).isascii() and "UTF-8" not in locale.getencoding():
        os.environ["LC_ALL"] = "C.UTF-8"


def can_open(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def missing_libraries(libraries: Mapping[str, str]) -> dict[str, str]:
    if sys.platform != "linux":
        return {}
    return {name: package for name, package in libraries.items() if not can_open(name)}


def missing_for_venv() -> dict[str, str]:
    """Debian takes ensurepip, and with it `python3 -m venv`, out of its python3 package."""
    from importlib.util import find_spec  # some milliseconds, needed once

    if is_ready(read_stamp()) or find_spec("ensurepip"):
        return {}
    return {"ensurepip": "python{}.{}-venv".format(*sys.version_info)}


def may_install() -> bool:
    from shutil import which

    return sys.platform == "linux" and os.geteuid() == 0 and which("apt-get") is not None


def provide(missing: Mapping[str, str]) -> None:
    """Install the missing packages where this may be done, else tell which ones and how."""
    if not missing:
        return
    if not may_install():
        raise SetupError(advice(missing))
    packages = sorted(set(missing.values()))
    tell(f"Installing what the system lacks: {', '.join(packages)} ...")
    with only_one():
        apt_get("update")  # one broken source of many fails it; what counts is the next line
        failure = apt_get("install", "--no-install-recommends", *packages)
    if failure:
        raise SetupError(f"{failure}\n\napt-get failed. {advice(missing)}")


def apt_get(*arguments: str) -> str:
    """Return the last lines of what it wrote when it failed, and nothing when it did not."""
    command = ["apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=300", *arguments]
    code, output = run_quietly(command, {"DEBIAN_FRONTEND": "noninteractive"})
    return last_lines(output) if code else ""


def advice(missing: Mapping[str, str]) -> str:
    lines = "\n".join(f"    {name:<23} in the package {pkg}" for name, pkg in missing.items())
    packages = " ".join(sorted(set(missing.values())))
    return (
        f"convviz needs what this system does not have:\n\n{lines}\n\n"
        "On Debian and Ubuntu install it with\n\n"
        f"    sudo apt-get update && sudo apt-get install --no-install-recommends {packages}\n\n"
        "and start again. Other systems have it in packages of similar names."
    )


@dataclass(frozen=True)
class Stamp:
    """What an environment was made from: its `home` is a Python and a folder."""

    home: str
    project: str
    extras: frozenset[str] = frozenset()

    def covers(self, wanted: Stamp) -> bool:
        same = (self.home, self.project) == (wanted.home, wanted.project)
        return same and self.extras >= wanted.extras

    @property
    def text(self) -> str:
        return f"{self.home}\n{self.project}\n{' '.join(sorted(self.extras))}\n"


def parse_stamp(text: str) -> Stamp | None:
    lines = text.splitlines()
    return Stamp(lines[0], lines[1], frozenset(lines[2].split())) if len(lines) == 3 else None


def derive_stamp(
    *, venv: str, base: str, version: str, project: bytes, extras: Iterable[str] = ()
) -> Stamp:
    home = hashlib.sha256("\0".join((venv, base, version)).encode("utf-8", "surrogateescape"))
    return Stamp(home.hexdigest(), hashlib.sha256(project).hexdigest(), frozenset(extras))


def stamp_now(extras: Iterable[str] = ()) -> Stamp:
    return derive_stamp(
        venv=str(VENV),
        base=os.path.realpath(PYTHON) if PYTHON.exists() else "",
        version="{}.{}".format(*sys.version_info),
        project=(ROOT / "pyproject.toml").read_bytes(),
        extras=extras,
    )


def read_stamp() -> Stamp | None:
    try:
        return parse_stamp(STAMP.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def keep(stamp: Stamp) -> None:
    draft = STAMP.with_suffix(".new")
    draft.write_text(stamp.text, encoding="ascii")
    draft.replace(STAMP)


def is_ready(stamp: Stamp | None, extras: Iterable[str] = ()) -> bool:
    return stamp is not None and PYTHON.exists() and stamp.covers(stamp_now(extras))


def ensure(extras: Iterable[str] = ()) -> None:
    """Bring the environment to what pyproject.toml says; at once when its stamp says that it is."""
    if is_ready(read_stamp(), extras):
        return
    try:
        with only_one():
            found = read_stamp()
            if not is_ready(found, extras):
                renew(found, frozenset(extras))
    except OSError as error:
        raise SetupError(
            f"Cannot write {error.filename or VENV}: {error.strerror}. Put that right, or copy the"
            f" folder {ROOT} to a place of your own and start again there."
        ) from None


def renew(found: Stamp | None, extras: frozenset[str]) -> None:
    if found is None or not PYTHON.exists() or found.home != stamp_now().home:
        tell(f"Setting up convviz in {VENV} (once, about a minute) ...")
        make_venv()
        found = None
    else:
        tell(f"Bringing {VENV} up to date ...")
        extras |= found.extras
    STAMP.unlink(missing_ok=True)  # a stamp never outlives what it describes, whatever stops pip
    code, output = install(extras)
    if code:
        if found and PIP_BEGINS not in output:
            keep(found)  # nothing was changed: the environment is as good as it was
        raise SetupError(pip_failure(output))
    keep(stamp_now(extras))


def make_venv() -> None:
    from subprocess import CalledProcessError
    from venv import EnvBuilder

    STAMP.unlink(missing_ok=True)
    try:
        EnvBuilder(clear=True, symlinks=os.name != "nt", with_pip=True).create(VENV)
    except CalledProcessError as error:
        output = (error.output or b"").decode(errors="replace")
        raise SetupError(pip_failure(output)) from None
    except ValueError as error:
        raise SetupError(f"Cannot make {VENV}: {error}") from None


def install(extras: Iterable[str]) -> tuple[int, str]:
    names = ",".join(sorted(extras))
    return pip("install", "--progress-bar=off", "--editable", f".[{names}]" if names else ".")


def pip(*arguments: str) -> tuple[int, str]:
    """Run the environment's pip in the checkout, so that no path needs quoting."""
    pip_quietly = [str(PYTHON), "-I", "-m", "pip", "--disable-pip-version-check", "--no-input"]
    return run_quietly([*pip_quietly, *arguments])


def pip_failure(output: str) -> str:
    reason = next((told for word, told in PIP_REASONS.items() if word in output), "")
    errors = "\n".join(line for line in output.splitlines() if "ERROR:" in line)
    lines = last_lines(errors, 2) if reason and errors else last_lines(output)
    return f"{lines}\n\nThe set-up failed: {reason or 'what pip wrote is above.'}"


def run_quietly(command: list[str], variables: Mapping[str, str] | None = None) -> tuple[int, str]:
    import subprocess

    # The child inherits the lock of only_one: should this script be killed, pip still holds it.
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **(variables or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        close_fds=os.name == "nt",
        check=False,
    )
    return done.returncode, done.stdout.decode(errors="replace")


def last_lines(output: str, count: int = 12) -> str:
    return "\n".join(f"    {line.strip()}" for line in output.strip().splitlines()[-count:])


@contextmanager
def only_one() -> Iterator[None]:
    """Let one set-up of this checkout run at a time: a lock on its folder dies with its holder."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    folder = os.open(ROOT, os.O_RDONLY)
    os.set_inheritable(folder, True)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            tell("Waiting for another set-up of this folder to end ...")
            fcntl.flock(folder, fcntl.LOCK_EX)
        except OSError:
            pass  # a file system without locks
        yield
    finally:
        os.close(folder)
