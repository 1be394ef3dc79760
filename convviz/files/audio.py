"""WAV files as signals."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from convviz.files.errors import Refusal
from convviz.files.source import Loaded, Source

LONGEST = 10  # seconds
MOST_RATE = 384_000  # samples per second


def read_wav(source: Source) -> Loaded:
    """Read a WAV file of 8, 16, 24 or 32 bits, or floats: one channel, its first ten seconds.

    Integers become numbers from -1 to 1.
    """
    from scipy.io import wavfile  # takes a while to load

    rate, samples = wavfile.read(source.stream)
    if not 0 < rate <= MOST_RATE:
        raise Refusal(f"it has {rate:,} samples per second; save it again with 44,100")
    if samples.size == 0:
        raise Refusal("it holds no samples; choose another")
    notices = [f"{rate:,} samples per second"]
    if samples.ndim > 1:
        notices.append(f"the first of {samples.shape[1]} channels")
        samples = samples[:, 0]
    if len(samples) > LONGEST * rate:
        notices.append(f"the first {LONGEST} of {len(samples) / rate:.1f} seconds")
        samples = samples[: LONGEST * rate]
    return Loaded(_unit(samples), tuple(notices))


def _unit(samples: NDArray[Any]) -> NDArray[Any]:
    """Return samples from -1 to 1; those of 8 bits are unsigned, around 128."""
    if samples.dtype.kind == "f":
        return samples
    if samples.dtype == np.uint8:
        return (samples.astype(np.float64) - 128) / 128
    return samples.astype(np.float64) / 2.0 ** (8 * samples.dtype.itemsize - 1)
