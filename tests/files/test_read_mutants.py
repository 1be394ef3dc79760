"""Damaged files of every format: one error or an array, within a second and 500 MB each.

Run as a program, this file reads the mutants, or gives them to `convviz compute`, in a process of
its own, whose memory is limited.
"""

import contextlib
import io
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from weight_files import saved

SECONDS = 1
BYTES = 2 * 2**30  # of addresses, for all that is loaded
PEAK = 500 * 2**20  # of memory


def _image(rank, dtype=np.uint8, size=40):
    from PIL import Image

    pixels = np.random.default_rng(0).integers(0, 255, (size, size, 3)[:rank]).astype(dtype)
    return Image.fromarray(pixels)


def _wav(samples):
    from scipy.io import wavfile

    return lambda path: wavfile.write(path, 8000, samples)


def _deep_wav(path):
    import wave

    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(3)
        file.setframerate(8000)
        file.writeframes(bytes(range(240)))


SAMPLES = {
    "grey.png": lambda path: _image(2).save(path),
    "deep.png": lambda path: _image(2, np.uint16).save(path),
    "palette.png": lambda path: _image(3).convert("P").save(path, transparency=3),
    "frames.png": lambda path: _image(3).save(path, save_all=True, append_images=[_image(3)]),
    "colour.jpg": lambda path: _image(3).save(path),
    "cmyk.jpg": lambda path: _image(3).convert("CMYK").save(path),
    "colour.bmp": lambda path: _image(3).save(path),
    "frames.gif": lambda path: _image(2).save(path, save_all=True, append_images=[_image(2)]),
    "lzw.tif": lambda path: _image(3).save(path, compression="tiff_lzw"),
    "float.tif": lambda path: _image(2, np.float32).save(path),
    "fax.tif": lambda path: _image(2).convert("1").save(path, compression="group4"),
    "colour.webp": lambda path: _image(3).save(path),
    "grey.pgm": lambda path: _image(2).save(path),
    "floats.npy": lambda path: np.save(path, np.ones((5, 6))),
    "some.npz": lambda path: np.savez_compressed(path, a=np.ones((5, 6))),
    "stored.npz": lambda path: np.savez(path, a=np.ones((5, 6)), b=np.ones(3)),
    "plain.csv": lambda path: path.write_text("1.5,2,-3\n4,5e-3,6\n" * 5),
    "german.csv": lambda path: path.write_text("0,5;1,25\n-2;3\n" * 5),
    "names.tsv": lambda path: path.write_text("a\tb\n1\t2\n3\t4\n"),
    "blanks.txt": lambda path: path.write_text("1 1/9 -2\n3 4 5\n" * 5),
    "numpy.txt": lambda path: path.write_text(repr(np.eye(4))),
    "eight.wav": _wav(np.arange(99, dtype=np.uint8)),
    "stereo.wav": _wav(np.arange(400, dtype=np.int16).reshape(-1, 2)),
    "deep.wav": _deep_wav,
    "float.wav": _wav(np.linspace(-1, 1, 80, dtype=np.float32)),
    "double.wav": _wav(np.linspace(-1, 1, 80)),
    "rows.json": lambda path: path.write_text(json.dumps([[1, 2.5, -3e-3]] * 5)),
}


LAYERS = {
    "a.weight": np.ones((2, 1, 3, 3), np.float32),
    "a.bias": np.ones(2, np.float32),
    "b.weight": np.ones((1, 2, 5), np.float32),
}


def _onnx(path):
    from onnx_models import chain, numbers

    conv = ("Conv", {"pads": [1, 1, 1, 1]}, numbers(2, 1, 3, 3), numbers(2))
    pool = ("MaxPool", {"kernel_shape": [2, 2]})
    path.write_bytes(chain(conv, ("Relu", {}), pool, ("ConvTranspose", {}, numbers(2, 1, 2, 2))))


WEIGHTS = {
    "layers.safetensors": lambda path: path.write_bytes(saved(LAYERS)),
    "layers.npz": lambda path: np.savez(path, **LAYERS),
}
if find_spec("onnx"):
    WEIGHTS["layers.onnx"] = _onnx


def mutate(data, dice):
    """A few damages of the kinds that disks, networks, editors and attackers do."""
    data = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 4))):
        place = dice.randrange(len(data)) if data else 0
        length = dice.randint(1, 16)
        match dice.randrange(6):
            case 0:
                data[place : place + 1] = bytes([dice.randrange(256)])
            case 1:
                data[place : place + length] = dice.randbytes(length)
            case 2:
                del data[place : place + length]
            case 3:
                data[place:place] = data[place : place + length] * dice.randint(1, 50)
            case 4:
                data[place : place + 4] = dice.choice([b"\xff" * 4, bytes(4), b"\x7f\xff\xff\xff"])
            case 5:
                del data[place:]
    return bytes(data)


def read(path):
    """Return whether the reader opens a file, and what is wrong with how it says that it cannot."""
    from convviz.files.errors import FileError
    from convviz.files.read import read_array
    from convviz.files.weights import read_weights

    try:
        if path.stem != "layers":
            return bool(np.isfinite(read_array(path).array).all()), ""
        weights = read_weights(path)
        stack = weights.stack.layers if weights.stack else ()
        kernels = [x.weight for x in (*weights.values(), *stack) if hasattr(x, "weight")]
        return all(np.isfinite(kernel).all() for kernel in kernels), ""
    except FileError as error:
        well_said = str(error).startswith(f"{path}: ") and str(error).isprintable()
        return False, "" if well_said else str(error)


def compute(path):
    """Return the same of `convviz compute FILE -k identity`, of a sound with the difference."""
    from convviz.cli import main

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        kernel = "difference" if path.suffix == ".wav" else "identity"
        code = main(["compute", str(path), "-k", kernel, "--padding", "same"])
    *_, last = err.getvalue().splitlines() or [""]
    named = last.startswith(f"convviz: {path}: ") and last.isprintable()
    if (code == 0 and out.getvalue()) or (code == 4 and named and not out.getvalue()):
        return code == 0, ""
    return False, f"{code} {err.getvalue()}"


WAYS = {"read": (read, {**SAMPLES, **WEIGHTS}), "compute": (compute, SAMPLES)}


def try_mutants(count, way):
    """The complaints about `count` mutants of each sample."""
    import resource

    check, samples = WAYS[way]
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    complaints, opened, slowest = [], 0, (0.0, "")
    with tempfile.TemporaryDirectory() as folder:
        for name, write in samples.items():
            path = Path(folder) / name
            write(path)
            whole = path.read_bytes()
            check(path)  # libraries are loaded before the clock runs
            for seed in range(count):
                path.write_bytes(mutate(whole, random.Random(f"{name} {seed}")))
                start = time.process_time()
                try:
                    whether, complaint = check(path)
                except BaseException as error:
                    whether, complaint = False, repr(error)
                opened += whether
                if complaint:
                    complaints.append(f"{name} {seed}: {complaint}")
                slowest = max(slowest, (time.process_time() - start, f"{name} {seed}"))
    return {
        "complaints": complaints,
        "opened": opened,
        "read": count * len(samples),
        "slowest": slowest,
        "peak": peak(),
    }


def peak():
    """Return the most memory that this process had; 0 where Linux does not tell."""
    status = Path("/proc/self/status")  # getrusage has what the parent took, too
    if not status.exists():
        return 0
    return int(status.read_text().partition("VmHWM:")[2].split()[0]) * 1024


def _report(count, way):
    import convviz

    root, tests = str(Path(convviz.__file__).parents[1]), str(Path(__file__).parents[1])
    path = os.pathsep.join((root, tests))
    environment = {**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"}
    run = subprocess.run(
        [sys.executable, "-X", "faulthandler", __file__, str(count), way],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    return json.loads(run.stdout)


@pytest.mark.skipif(os.name != "posix", reason="memory is limited by setrlimit")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("count", [60, pytest.param(500, marks=pytest.mark.slow)])
@pytest.mark.timeout(600)
def test_damaged_files_give_an_array_or_one_line(count, way):
    report = _report(count, way)
    assert report["complaints"] == []
    assert report["read"] == count * len(WAYS[way][1])
    assert 0 < report["opened"] < report["read"]
    assert report["slowest"][0] < SECONDS, report["slowest"]
    assert report["peak"] < PEAK


if __name__ == "__main__":
    sys.stdout.write(json.dumps(try_mutants(int(sys.argv[1]), sys.argv[2])))
