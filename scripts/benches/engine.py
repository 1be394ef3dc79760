"""Arithmetic without a window: convolutions and updates of a kernel."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from benches.effort import REST, installed, interleaved, milliseconds, peer_name, timed
from benches.rows import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from benches.effort import Effort


def bench_conv(effort: Effort) -> Iterator[Row]:
    for size, kernel in effort.convolutions:
        rounds = effort.rounds(30 if size < 1000 else 4)
        for dtype in ("float64", "float32"):
            yield from _conv_rows(size, kernel, dtype, rounds)


def _conv_rows(size: int, kernel: int, dtype: str, rounds: int) -> Iterator[Row]:
    import numpy as np
    from scipy.signal import correlate2d

    from convviz.engine.convolve import conv

    rng = np.random.default_rng(0)
    image = rng.random((size, size)).astype(dtype)
    weight = rng.standard_normal((kernel, kernel)).astype(dtype)
    ours = timed(partial(conv, image, weight))
    works = {"ours": ours, "peer": timed(partial(correlate2d, image, weight, mode="valid"))}
    times = interleaved(works, rounds)
    what = f"conv, {size} x {size} with {kernel} x {kernel}, {dtype}"
    medians = milliseconds(times, "ours"), milliseconds(times, "peer")
    aim = 5 if dtype == "float64" else None
    yield Row(what, *medians, "scipy.signal.correlate2d", times=aim)
    if not installed("torch"):
        return
    times = interleaved({"ours": ours, "peer": timed(_torch_conv(image, weight))}, rounds, REST)
    medians = milliseconds(times, "ours"), milliseconds(times, "peer")
    yield Row(what, *medians, "torch conv2d")


def _torch_conv(image: NDArray[np.float64], weight: NDArray[np.float64]) -> Callable[[], object]:
    import torch

    tensors = (torch.from_numpy(array)[None, None] for array in (image, weight))
    return partial(torch.nn.functional.conv2d, *tensors)


def bench_learn(effort: Effort) -> Iterator[Row]:
    import numpy as np

    from convviz.engine.kernels import KERNELS
    from convviz.engine.learning import learn_kernel, targets_of

    image, updates = np.random.default_rng(0).random((16, 16)), effort.updates
    (target,) = targets_of(image, KERNELS["sobel-x"].kernel)
    works = {"ours": timed(lambda: [*learn_kernel(image, target, lr=0.1, steps=updates)])}
    if installed("torch"):
        works["peer"] = timed(_torch_descent(image, target, updates))
    times = interleaved(works, effort.rounds(7), REST)
    medians = milliseconds(times, "ours"), milliseconds(times, "peer")
    what = f"{updates:,} updates of 3 x 3 on 16 x 16"
    yield Row(what, *medians, peer_name("torch", "autograd, SGD"), under=500)


def _torch_descent(
    image: NDArray[np.float64], target: NDArray[np.float64], updates: int
) -> Callable[[], object]:
    import torch

    batch, wanted = torch.tensor(image)[None, None], torch.tensor(target)[None]

    def descend() -> None:
        weight = torch.zeros(1, 1, 3, 3, dtype=torch.float64, requires_grad=True)
        optimizer = torch.optim.SGD([weight], lr=0.1)
        for _ in range(updates):
            made = torch.nn.functional.conv2d(batch, weight)
            loss = torch.nn.functional.mse_loss(made, wanted)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    return descend
