"""What a person may say to `convviz learn`."""

from typing import TypedDict

from convviz.cli.parameters import Padding, WholeNumbers


class LearnParameters(TypedDict):
    """All options as they were given; None where one was not."""

    source: str
    target_kernel: str | None
    target: str | None
    kernel_size: int | WholeNumbers | None
    stride: int | WholeNumbers | None
    padding: Padding | None
    padding_mode: str | None
    padding_value: float | None
    dilation: int | WholeNumbers | None
    flip: bool | None
    activation: str | None
    channels: str | None
    max_side: int | None
    steps: int | None
    seed: int
    initial: str | None
    bias: bool
    noise: float | None
    loss: str | None
    optimizer: str | None
    lr: float | None
    momentum: float | None
    betas: tuple[float, ...] | None
    eps: float | None
    weight_decay: float | None
