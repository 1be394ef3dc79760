"""Disks small enough to be filled, for tests that root may mount them for."""

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

KIB = 1024


def is_root():
    return os.name != "nt" and os.geteuid() == 0


@contextmanager
def small_disk(folder, options):
    """Mount a disk in memory on a folder; skip the test where that is not allowed."""
    if not is_root() or sys.platform != "linux":
        pytest.skip("mounting a small disk needs root")
    mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this container may not mount")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def remount(folder, options):
    subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)


def room(folder):
    """Return how many bytes can still be written."""
    state = os.statvfs(folder)
    return state.f_bavail * state.f_frsize


def fill(folder, free):
    """Leave `free` bytes of room, rounded down to whole pages."""
    (Path(folder) / "ballast").write_bytes(bytes(room(folder) - free))
