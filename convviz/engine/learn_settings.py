"""LEARN_SETTINGS: what can be chosen when a kernel is learnt, as data."""

from dataclasses import dataclass

STEPS = 500  # with which the letter H gives each kernel of the lecture back to 12 digits
FIRST_KERNELS = {
    "uniform": "Random, as torch draws it: within ±1/sqrt(n) for n numbers under the window.",
    "zeros": "All numbers are 0.",
}


@dataclass(frozen=True)
class LearnSetting:
    """A setting of learning, with what it does in one sentence."""

    name: str
    title: str
    summary: str


LEARN_SETTINGS = {
    setting.name: setting
    for setting in (
        LearnSetting(
            "kernel_size", "Kernel size", "How many numbers are looked for: rows and columns."
        ),
        LearnSetting(
            "loss", "Loss", "What is made small: the one number that says how wrong it is."
        ),
        LearnSetting("optimizer", "Optimizer", "How a gradient becomes a step."),
        LearnSetting(
            "lr",
            "Learning rate",
            "How far a step goes: too little takes long, too much overshoots and diverges.",
        ),
        LearnSetting(
            "momentum", "Momentum", "How much of the step before goes on in the next: 0 is none."
        ),
        LearnSetting(
            "betas",
            "Betas",
            "How slowly Adam's means of the gradient and of its square forget: near 1 is slowly.",
        ),
        LearnSetting(
            "eps",
            "Epsilon",
            "Keeps Adam from dividing by 0; larger makes small gradients count less.",
        ),
        LearnSetting(
            "weight_decay",
            "Weight decay",
            "Pulls every weight towards 0, the more the larger it is: what nothing holds fades.",
        ),
        LearnSetting(
            "initial", "First kernel", "Where the search begins: random, zeros or your own."
        ),
        LearnSetting("seed", "Seed", "Chooses the random numbers: the same seed, the same run."),
        LearnSetting(
            "noise",
            "Noise",
            "The deviation of random numbers added to the target: no kernel can then reach loss 0.",
        ),
        LearnSetting("bias", "Bias", "Whether a number that is added to every sum is learnt too."),
        LearnSetting(
            "activation",
            "Activation",
            "What each sum goes through before it is compared with the target.",
        ),
        LearnSetting("stride", "Stride", "Cells from window to window."),
        LearnSetting(
            "padding", "Padding", "Cells around the image, so that the map gets larger: a rule."
        ),
        LearnSetting("padding_mode", "Padding mode", "What the cells around the image hold."),
        LearnSetting(
            "padding_value",
            "Padding value",
            "What cells around the image hold where it is a number.",
        ),
        LearnSetting("dilation", "Dilation", "Cells from weight to weight: the windows widen."),
        LearnSetting(
            "flip",
            "Convolution",
            "Turns the kernel round before it slides, as the lecture has it; else correlation.",
        ),
        LearnSetting("steps", "Steps", "How many updates a run has."),
    )
}
