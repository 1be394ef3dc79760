"""Files of weights as libraries write them: names and orders of axes by each library's own rules.

Each takes the same layers in torch's order, so that all files must come back as these.
"""

import numpy as np
from weight_files import numbers

CONV, CONV_BIAS = numbers(8, 4, 3, 3), numbers(8, seed=1)
WIDE = numbers(6, 4, 5, 5, seed=2)
UP, UP_BIAS = numbers(4, 6, 3, 3, seed=3), numbers(6, seed=4)  # in, out
DEPTH = numbers(4, 1, 3, 3, seed=5)  # four groups of one channel
POINT, POINT_BIAS = numbers(5, 4, 1, 1, seed=6), numbers(5, seed=7)
SIGNAL = numbers(3, 2, 5, seed=8)
ONE_EACH = np.ones(4, np.float32)


def channels_last(weight):
    """(out, in, *kernel) as (*kernel, in, out): tf.nn.conv2d, flax.linen.Conv."""
    return np.moveaxis(weight, (0, 1), (-1, -2))


def keras_up(weight):
    """(in, out, *kernel) as (*kernel, out, in): keras.layers.Conv2DTranspose."""
    return np.moveaxis(weight, (0, 1), (-1, -2))


def flax_up(weight):
    """(in, out, *kernel) as (*kernel, in, out), not mirrored: flax.linen.ConvTranspose."""
    return np.moveaxis(weight[..., ::-1, ::-1], (0, 1), (-2, -1))


def depthwise(weight):
    """(in * multiplier, 1, *kernel) as (*kernel, in, multiplier): keras DepthwiseConv2D."""
    return np.moveaxis(weight, (0, 1), (-2, -1))


def mlx(weight):
    """(out, in, *kernel) as (out, *kernel, in): mlx.nn.Conv2d."""
    return np.moveaxis(weight, 1, -1)


def mlx_up(weight):
    """(in, out, *kernel) as (out, *kernel, in): mlx.nn.ConvTranspose2d."""
    return np.moveaxis(weight, 0, -1)


def torch_state():
    return {
        "features.0.weight": CONV,
        "features.0.bias": CONV_BIAS,
        "features.1.weight": np.ones(8, np.float32),
        "features.1.bias": np.ones(8, np.float32),
        "features.1.running_mean": np.zeros(8, np.float32),
        "features.1.running_var": np.ones(8, np.float32),
        "up.weight": UP,
        "up.bias": UP_BIAS,
        "wide.weight": WIDE,
        "depth.weight": DEPTH,
        "signal.weight": SIGNAL,
    }


def keras_2():
    return {
        "conv2d/kernel:0": channels_last(CONV),
        "conv2d/bias:0": CONV_BIAS,
        "conv2d_1/kernel:0": channels_last(WIDE),
        "conv2d_transpose/kernel:0": keras_up(UP),
        "conv2d_transpose/bias:0": UP_BIAS,
        "depthwise_conv2d/depthwise_kernel:0": depthwise(DEPTH),
        "separable_conv2d/depthwise_kernel:0": depthwise(DEPTH),
        "separable_conv2d/pointwise_kernel:0": channels_last(POINT),
        "separable_conv2d/bias:0": POINT_BIAS,
        "batch_normalization/gamma:0": ONE_EACH,
        "batch_normalization/beta:0": ONE_EACH,
        "batch_normalization/moving_mean:0": ONE_EACH,
        "batch_normalization/moving_variance:0": ONE_EACH,
    }


def keras_3():
    return {
        "sequential/conv2d/kernel": channels_last(CONV),
        "sequential/conv2d/bias": CONV_BIAS,
        "sequential/conv2d_1/kernel": channels_last(WIDE),
        "sequential/conv2d_transpose/kernel": keras_up(UP),
        "sequential/conv2d_transpose/bias": UP_BIAS,
        "sequential/depthwise_conv2d/kernel": depthwise(DEPTH),
        "sequential/separable_conv2d/depthwise_kernel": depthwise(DEPTH),
        "sequential/separable_conv2d/pointwise_kernel": channels_last(POINT),
        "sequential/separable_conv2d/bias": POINT_BIAS,
    }


def keras_3_places():
    """What h5py finds in model.weights.h5: arrays by their place among those of a layer."""
    return {
        "layers/conv2d/vars/0": channels_last(CONV),
        "layers/conv2d/vars/1": CONV_BIAS,
        "layers/conv2d_1/vars/0": channels_last(WIDE),
        "layers/conv2d_transpose/vars/0": keras_up(UP),
        "layers/conv2d_transpose/vars/1": UP_BIAS,
        "layers/depthwise_conv2d/vars/0": depthwise(DEPTH),
        "layers/separable_conv2d/vars/0": depthwise(DEPTH),
        "layers/separable_conv2d/vars/1": channels_last(POINT),
        "layers/separable_conv2d/vars/2": POINT_BIAS,
        "layers/batch_normalization/vars/0": ONE_EACH,
    }


def flax_params():
    return {
        "params/Conv_0/kernel": channels_last(CONV),
        "params/Conv_0/bias": CONV_BIAS,
        "params/Conv_1/kernel": channels_last(WIDE),
        "params/Conv_2/kernel": channels_last(DEPTH),
        "params/ConvTranspose_0/kernel": flax_up(UP),
        "params/ConvTranspose_0/bias": UP_BIAS,
        "params/BatchNorm_0/scale": np.ones(6, np.float32),
        "params/BatchNorm_0/bias": np.ones(6, np.float32),
    }


def slim():
    return {
        "Net/Conv2d_1a/weights": channels_last(CONV),
        "Net/Conv2d_1a/biases": CONV_BIAS,
        "Net/Conv2d_2b/weights": channels_last(WIDE),
        "Net/Conv2d_2b/BatchNorm/beta": np.ones(6, np.float32),
        "Net/Conv2d_2b/BatchNorm/moving_mean": np.ones(6, np.float32),
        "Net/Conv2d_2b/BatchNorm/moving_variance": np.ones(6, np.float32),
        "Net/Conv2d_3_depthwise/depthwise_weights": depthwise(DEPTH),
        "Net/Conv2d_transpose/weights": keras_up(UP),
        "Net/Conv2d_transpose/biases": UP_BIAS,
    }


def mlx_state():
    return {
        "conv.weight": mlx(CONV),
        "conv.bias": CONV_BIAS,
        "wide.weight": mlx(WIDE),
        "up.conv_transpose.weight": mlx_up(UP),
        "up.conv_transpose.bias": UP_BIAS,
        "signal.weight": mlx(SIGNAL),
    }


def paddle_state():
    return {
        "conv._conv.weight": CONV,
        "conv._conv.bias": CONV_BIAS,
        "conv._batch_norm.weight": np.ones(8, np.float32),
        "conv._batch_norm._mean": np.ones(8, np.float32),
        "conv._batch_norm._variance": np.ones(8, np.float32),
        "conv2d_7.w_0": WIDE,
        "conv2d_transpose_0.w_0": UP,
        "conv2d_transpose_0.b_0": UP_BIAS,
        "depth.weight": DEPTH,
    }


PLAIN, BIASED, TURNED = (WIDE, None, 1), (CONV, CONV_BIAS, 1), (UP, UP_BIAS, 1)
EACH, POINTS, BY_TORCH = (DEPTH, None, 4), (POINT, POINT_BIAS, 1), (DEPTH, None, 1)

# library -> (metadata or None for NPZ, arrays, what each layer is: weight, bias, groups)
LIBRARIES = {
    "torch": (
        {"format": "pt"},
        torch_state(),
        {
            "features.0": BIASED,
            "up": TURNED,
            "wide": PLAIN,
            "depth": BY_TORCH,
            "signal": (SIGNAL, None, 1),
        },
    ),
    "Keras 2": (
        None,
        keras_2(),
        {
            "conv2d": BIASED,
            "conv2d_1": PLAIN,
            "conv2d_transpose": TURNED,
            "depthwise_conv2d": EACH,
            "separable_conv2d/depthwise_kernel": EACH,
            "separable_conv2d/pointwise_kernel": POINTS,
        },
    ),
    "Keras 3": (
        None,
        keras_3(),
        {
            "sequential/conv2d": BIASED,
            "sequential/conv2d_1": PLAIN,
            "sequential/conv2d_transpose": TURNED,
            "sequential/depthwise_conv2d": EACH,
            "sequential/separable_conv2d/depthwise_kernel": EACH,
            "sequential/separable_conv2d/pointwise_kernel": POINTS,
        },
    ),
    "Keras 3, by place": (
        None,
        keras_3_places(),
        {
            "layers/conv2d": BIASED,
            "layers/conv2d_1": PLAIN,
            "layers/conv2d_transpose": TURNED,
            "layers/depthwise_conv2d": EACH,
            "layers/separable_conv2d/depthwise_kernel": EACH,
            "layers/separable_conv2d/pointwise_kernel": POINTS,
        },
    ),
    "Flax": (
        None,
        flax_params(),
        {
            "params/Conv_0": BIASED,
            "params/Conv_1": PLAIN,
            "params/Conv_2": BY_TORCH,
            "params/ConvTranspose_0": TURNED,
        },
    ),
    "TF-slim": (
        None,
        slim(),
        {
            "Net/Conv2d_1a": BIASED,
            "Net/Conv2d_2b": PLAIN,
            "Net/Conv2d_3_depthwise": EACH,
            "Net/Conv2d_transpose": TURNED,
        },
    ),
    "MLX": (
        {"format": "mlx"},
        mlx_state(),
        {
            "conv": BIASED,
            "wide": PLAIN,
            "up.conv_transpose": TURNED,
            "signal": (SIGNAL, None, 1),
        },
    ),
    "Paddle": (
        {},
        paddle_state(),
        {
            "conv._conv": BIASED,
            "conv2d_7": PLAIN,
            "conv2d_transpose_0": TURNED,
            "depth": BY_TORCH,
        },
    ),
}
