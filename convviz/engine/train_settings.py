"""TRAIN_SETTINGS: what can be chosen when a small network is trained, as data."""

from convviz.engine.learn_settings import LearnSetting

TRAIN_SETTINGS = {
    setting.name: setting
    for setting in (
        LearnSetting("images", "Images", "What is learnt: one of four is held back to judge by."),
        LearnSetting(
            "kernels",
            "Kernels",
            "How many kernels the convolution has, and so feature maps: more see more kinds "
            "of edges.",
        ),
        LearnSetting(
            "kernel_size", "Kernel size", "How many cells a side each kernel looks at at once."
        ),
        LearnSetting(
            "activation",
            "Activation",
            "What each sum goes through: without one the whole network is one straight line.",
        ),
        LearnSetting(
            "pool",
            "Pooling",
            "What is kept of each 2 × 2 cells of a feature map: the largest, or the mean.",
        ),
        LearnSetting("optimizer", "Optimizer", "How a gradient becomes a step."),
        LearnSetting(
            "lr",
            "Learning rate",
            "How far a step goes: too little takes long, too much overshoots and diverges.",
        ),
        LearnSetting(
            "batch_size",
            "Batch size",
            "How many images each step looks at: few are quick and jump, many are slow and steady.",
        ),
        LearnSetting("epochs", "Epochs", "How often every image is seen."),
        LearnSetting(
            "seed",
            "Seed",
            "Chooses the first kernels, the images held back and their order: the same seed, "
            "the same run.",
        ),
    )
}
