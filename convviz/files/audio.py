"""WAV files as signals."""

import warnings
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from convviz.files.errors import Refusal
from convviz.files.source import Loaded, Source

LONGEST = 10  # seconds
MOST_RATE = 384_000  # samples per second
UNKNOWN_CODING = "Unknown wave file format: "  # begins what SciPy says of it
CUT_OFF = "Reached EOF prematurely"  # begins what SciPy warns of


def read_wav(source: Source) -> Loaded:
    """Read a WAV file of 8, 16, 24 or 32 bits, or floats: one channel, its first ten seconds.

    Integers become numbers from -1 to 1.
    """
    rate, samples, is_cut = _read(source.stream)
    if not 0 < rate <= MOST_RATE:
        raise Refusal(f"it has {rate:,} samples per second; save it again with 44,100")
    if samples.size == 0:
        raise Refusal("it holds no samples; choose another")
    notices = [f"{rate:,} samples per second"]
    if samples.ndim > 1:
        notices.append(f"the first of {samples.shape[1]} channels")
        samples = samples[:, 0]
    if is_cut:
        notices.append("it breaks off before the end that it tells of")
    if len(samples) > LONGEST * rate:
        notices.append(f"the first {LONGEST} of {len(samples) / rate:.1f} seconds")
        samples = samples[: LONGEST * rate]
    return Loaded(_unit(samples), tuple(notices))


def _read(stream: BinaryIO) -> tuple[int, NDArray[Any], bool]:
    """Return samples per second, the samples, and whether the file breaks off."""
    from scipy.io import wavfile  # takes a while to load

    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            rate, samples = wavfile.read(stream)
    except (UnboundLocalError, ZeroDivisionError):  # SciPy has not met the chunk, or its channels
        raise Refusal("it lacks its header, or its samples; save it again as WAV") from None
    except ValueError as error:
        coding = str(error).removeprefix(UNKNOWN_CODING)
        if coding == str(error):
            raise Refusal("it is damaged, or not a WAV file; save it again as WAV") from None
        how = coding.partition(".")[0]
        raise Refusal(f"its samples are compressed ({how}); save it again as PCM") from None
    return rate, samples, any(str(warning.message).startswith(CUT_OFF) for warning in said)


def _unit(samples: NDArray[Any]) -> NDArray[Any]:
    """Return samples from -1 to 1; those of 8 bits are unsigned, around 128."""
    if samples.dtype.kind == "f":
        return samples
    if samples.dtype == np.uint8:
        return (samples.astype(np.float64) - 128) / 128
    return samples.astype(np.float64) / 2.0 ** (8 * samples.dtype.itemsize - 1)
