"""EXAMPLES: scenes of the field by name, each a document that is made when it is asked for."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from convviz.engine.inputs import INPUTS
from convviz.engine.kernels import KERNELS
from convviz.engine.layers import Activation, Conv, ConvTranspose, Layer, Pool, Shape
from convviz.engine.padding import Array
from convviz.engine.settings import frozen_array
from convviz.model.changes import open_document
from convviz.model.document import Document, default_document
from convviz.model.filing import brought_in
from convviz.model.pages import on_page, workspace_of
from convviz.model.session import Session

GUIDE = "Dumoulin & Visin, A guide to convolution arithmetic for deep learning, 2016"
GUIDE_IMAGE = [[3, 3, 2, 1, 0], [0, 0, 1, 3, 1], [3, 1, 2, 2, 3], [2, 0, 0, 2, 2], [2, 0, 0, 0, 1]]
GUIDE_KERNEL = [[0, 1, 2], [2, 2, 0], [0, 1, 2]]


LECTURE = "The lecture"
SIGNALS_GROUP = "Signals"
ARITHMETIC_GROUP = "Convolution arithmetic"
TRANSPOSED_GROUP = "Transposed convolution"
POOLING_GROUP = "Pooling"
NETWORK_GROUP = "Channels and networks"
GROUPS = (
    LECTURE,
    SIGNALS_GROUP,
    ARITHMETIC_GROUP,
    TRANSPOSED_GROUP,
    POOLING_GROUP,
    NETWORK_GROUP,
)


@dataclass(frozen=True)
class Example:
    """A named scene: what to look for, where it comes from, how it is made, one of GROUPS."""

    name: str
    title: str
    summary: str
    source: str
    make: Callable[[], Document]
    group: str


def open_example(session: Session, name: str) -> Session:
    """Begin anew with one of EXAMPLES, in the workspace that shows all of it."""
    document = EXAMPLES[name].make()
    opened = open_document(session, document)
    return replace(opened, view=replace(opened.view, workspace=workspace_for(document)))


def show_example(session: Session, name: str) -> Session:
    """Open one of EXAMPLES; undo leads back to what was shown before."""
    session = on_page(session, EXAMPLES[name].make().rank)
    opened = open_example(session, name)
    history = session.history.push(f"Example {EXAMPLES[name].title}", session.document)
    return brought_in(session, replace(opened, history=history))


def workspace_for(document: Document) -> str:
    """Return the workspace in which all of a document can be seen."""
    return "layers" if shows_layers(document) else workspace_of(document.rank)


def shows_layers(document: Document) -> bool:
    """Return whether there is more to be seen than one layer of one channel and its activation."""
    several = max(shape[0] for shape in document.shapes) > 1
    activated = document.activation(0).name != "none"
    return several or len(document.layers) > 1 + activated


def _drawn(seed: int, low: int, high: int, shape: Shape) -> Array:
    """Return whole numbers from `low` to `high`, the same for the same seed everywhere."""
    return np.random.RandomState(seed).randint(low, high + 1, shape)


def _document(title: str, image: Array, *layers: Layer) -> Document:
    return Document(frozen_array(image), title, layers)


@dataclass(frozen=True)
class _Arithmetic:
    """A figure of the guide: cells a side of image and kernel, and the settings."""

    name: str
    title: str
    summary: str
    image: int
    kernel: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1
    output_padding: int = 0
    transposed: bool = False

    def document(self) -> Document:
        """Return an image of digits and the layer."""
        image = _drawn(self.image, 0, 9, (1, self.image, self.image))
        return _document(self.title, image, self._layer())

    def _layer(self) -> Layer:
        kernel = _drawn(2, 0, 2, (4, 4)) if self.kernel == 4 else np.array(GUIDE_KERNEL)
        if not self.transposed:
            return Conv(
                kernel[None, None],
                stride=self.stride,
                padding=self.padding,
                dilation=self.dilation,
            )
        return ConvTranspose(
            kernel[None, None],
            stride=self.stride,
            padding=self.padding,
            output_padding=self.output_padding,
        )


ARITHMETIC = (
    _Arithmetic(
        "no-padding-no-strides",
        "No padding, no strides",
        "4 × 4 cells have room for 2 × 2 windows of 3 × 3.",
        image=4,
        kernel=3,
    ),
    _Arithmetic(
        "arbitrary-padding",
        "Arbitrary padding",
        "5 × 5 padded by 2, kernel 4 × 4: the output, 6 × 6, is larger than the input.",
        image=5,
        kernel=4,
        padding=2,
    ),
    _Arithmetic(
        "half-padding",
        "Half (same) padding",
        "Half a kernel of padding: 5 × 5 stays 5 × 5.",
        image=5,
        kernel=3,
        padding=1,
    ),
    _Arithmetic(
        "full-padding",
        "Full padding",
        "Every overlap, however small: 5 × 5 becomes 7 × 7.",
        image=5,
        kernel=3,
        padding=2,
    ),
    _Arithmetic(
        "no-padding-strides",
        "No padding, strides",
        "Every second window only: 5 × 5 becomes 2 × 2.",
        image=5,
        kernel=3,
        stride=2,
    ),
    _Arithmetic(
        "padding-strides",
        "Padding, strides",
        "Padding 1 and stride 2: 5 × 5 becomes 3 × 3.",
        image=5,
        kernel=3,
        stride=2,
        padding=1,
    ),
    _Arithmetic(
        "padding-strides-odd",
        "Padding, strides (odd)",
        "6 × 6 becomes 3 × 3 as well: the last padded row and column are never read.",
        image=6,
        kernel=3,
        stride=2,
        padding=1,
    ),
    _Arithmetic(
        "dilation",
        "Dilation",
        "À trous: 3 × 3 weights with a hole between each two span 5 × 5 of 7 × 7 cells.",
        image=7,
        kernel=3,
        dilation=2,
    ),
    _Arithmetic(
        "no-padding-no-strides-transposed",
        "No padding, no strides, transposed",
        "2 × 2 cells stamp a 3 × 3 kernel: 4 × 4.",
        image=2,
        kernel=3,
        transposed=True,
    ),
    _Arithmetic(
        "arbitrary-padding-transposed",
        "Arbitrary padding, transposed",
        "6 × 6 back to 5 × 5: padding 2 cuts the border of what a 4 × 4 kernel stamps.",
        image=6,
        kernel=4,
        padding=2,
        transposed=True,
    ),
    _Arithmetic(
        "half-padding-transposed",
        "Half (same) padding, transposed",
        "5 × 5 stays 5 × 5, as in the convolution of which it is the transposed.",
        image=5,
        kernel=3,
        padding=1,
        transposed=True,
    ),
    _Arithmetic(
        "full-padding-transposed",
        "Full padding, transposed",
        "7 × 7 back to 5 × 5: the transposed of full padding is a convolution without any.",
        image=7,
        kernel=3,
        padding=2,
        transposed=True,
    ),
    _Arithmetic(
        "no-padding-strides-transposed",
        "No padding, strides, transposed",
        "2 × 2 back to 5 × 5: stride 2 puts a zero between each two cells.",
        image=2,
        kernel=3,
        stride=2,
        transposed=True,
    ),
    _Arithmetic(
        "padding-strides-transposed",
        "Padding, strides, transposed",
        "3 × 3 back to 5 × 5: padding 1 cuts the border.",
        image=3,
        kernel=3,
        stride=2,
        padding=1,
        transposed=True,
    ),
    _Arithmetic(
        "padding-strides-odd-transposed",
        "Padding, strides (odd), transposed",
        "3 × 3 back to 6 × 6: output_padding 1 says that it was 6, not 5.",
        image=3,
        kernel=3,
        stride=2,
        padding=1,
        output_padding=1,
        transposed=True,
    ),
)


def _guide(title: str, layer: Layer) -> Document:
    return _document(title, np.array([GUIDE_IMAGE]), layer)


def _guide_conv(title: str, stride: int, padding: int) -> Document:
    return _guide(title, Conv([[GUIDE_KERNEL]], stride=stride, padding=padding))


def _guide_pool(title: str, pool: Pool) -> Document:
    return _guide(title, pool)


def _two_filters() -> Document:
    image = _drawn(231, 0, 2, (3, 5, 5))
    weight = _drawn(220, -1, 1, (2, 3, 3, 3))
    return _document("Input volume", image, Conv(weight, [1, 0], stride=2, padding=1))


def _strokes() -> Array:
    """Return six kernels of 5 × 5: strokes in four directions, and two edges."""
    row, column = np.indices((5, 5)) - 2
    stroke, edge = np.array([-1, 0, 2, 0, -1]), np.array([-1, -1, 0, 1, 1])
    slanted = np.array([2, 0, 0, -1, 0])  # by the distance from the diagonal
    return np.stack(
        [
            stroke[column + 2],
            stroke[row + 2],
            slanted[np.abs(row + column)],
            slanted[np.abs(row - column)],
            edge[column + 2],
            edge[row + 2],
        ]
    )


def _lenet() -> Document:
    preset = INPUTS["digit-7"]
    return _document(
        preset.title,
        preset.image[None],
        Conv(_strokes()[:, None], padding=1),
        Activation("relu"),
        Pool("avg", 2),
        Conv(_drawn(5, -1, 1, (4, 6, 3, 3)), [0, 0, 0, 0]),
        Activation("relu"),
        Pool("max", 2),
    )


def _coloured() -> Array:
    """Return a small image (3, 6, 6): a red upright bar, a green flat one, a blue slope."""
    image = np.zeros((3, 6, 6))
    image[0, :, 1:3] = 9
    image[1, 3:5, :] = 9
    image[2] = np.arange(6)
    return image


def _separable() -> Document:
    edge = [[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]]
    flat = [[-1, -1, -1], [0, 0, 0], [1, 1, 1]]
    middle = [[0, 0, 0], [0, 1, 0], [0, 0, 0]]
    pointwise = np.array([[1, 0, 0], [0, 1, 0], [1, 1, 0], [1, -1, 2]])
    return _document(
        "Coloured bars",
        _coloured(),
        Conv(np.array([edge, flat, middle])[:, None], groups=3),
        Conv(pointwise[:, :, None, None]),
    )


def _overlaps() -> Document:
    image = np.ones((1, 5, 5))
    return _document("Ones", image, ConvTranspose(np.ones((1, 1, 3, 3)), stride=2))


def _context() -> Document:
    ones = np.ones((1, 1, 3, 3))
    layers = (Conv(ones, dilation=dilation) for dilation in (1, 2, 4))
    return _document("Single 1", np.pad([[[1]]], ((0, 0), (7, 7), (7, 7))), *layers)


def _causal() -> Document:
    layers = (Conv([[[1, 1]]], padding="causal", dilation=dilation) for dilation in (1, 2, 4))
    return _document("1 to 8", np.arange(1, 9)[None], *layers)


def _lectured(image: str, kernel: str, padding: str) -> Document:
    """Return an image or signal of the lecture under one of its kernels, which is flipped."""
    preset = INPUTS[image]
    weight = KERNELS[kernel].kernel[None, None]
    return _document(preset.title, preset.image[None], Conv(weight, padding=padding, flip=True))


def _signals() -> Iterator[Example]:
    yield Example(
        "average-of-noise",
        "Moving average",
        "Each sample becomes the mean of five: the two waves come out of the noise.",
        "numpy.convolve, mode same",
        partial(_lectured, "noisy-sine", "moving-average-5", "same"),
        SIGNALS_GROUP,
    )
    yield Example(
        "echo-of-a-pulse",
        "Echo of a pulse",
        "A single 1 brings out the kernel: the sound, its half after 4 samples, a quarter after 8.",
        "an impulse response",
        partial(_lectured, "pulse", "echo", "full"),
        SIGNALS_GROUP,
    )
    yield Example(
        "echo-of-a-string",
        "Echo of a plucked string",
        "A tone of 0.25 s; dilation 100 spreads the kernel: it comes again after 0.05 s and 0.1 s.",
        "synthetic, 220 Hz at 8,000 samples per second",
        _echoes,
        SIGNALS_GROUP,
    )
    yield Example(
        "two-boxes",
        "Two boxes make a triangle",
        "The overlap of two boxes grows, stays at most 5, and shrinks: 1 2 3 4 5 4 3 2 1.",
        "numpy.convolve",
        partial(_lectured, "box", "box-5", "same"),
        SIGNALS_GROUP,
    )
    yield Example(
        "heartbeats",
        "Heartbeats found",
        "Correlation with the shape of a beat: the map is highest where a beat is.",
        "synthetic, after an ECG; numpy.correlate",
        _heartbeats,
        SIGNALS_GROUP,
    )


def _echoes() -> Document:
    preset = INPUTS["tone"]
    echo = KERNELS["echo"].kernel[None, None]
    layer = Conv(echo, padding="causal", dilation=100, flip=True)
    return _document(preset.title, preset.image[None], layer)


def _heartbeats() -> Document:
    preset = INPUTS["heartbeat"]
    peak = Conv(KERNELS["peak"].kernel[None, None], padding="same")
    return _document(preset.title, preset.image[None], peak)


def _examples() -> Iterator[Example]:
    yield Example(
        "h-sobel",
        "Upright edges of an H",
        "Sobel x answers where dark turns to light, with one sign on each side of a stroke.",
        LECTURE,
        default_document,
        LECTURE,
    )
    yield Example(
        "h-blur",
        "The letter H, blurred",
        "Each cell becomes the mean of itself and its four neighbours: 0.2 of each.",
        LECTURE,
        partial(_lectured, "letter-h", "blur", "same"),
        LECTURE,
    )
    yield Example(
        "flip-matters",
        "What the flip does",
        "1 to 9 under [[1, 0], [1, 0]]: 7 9 13 15 when it is flipped, 5 7 11 13 when not.",
        f"{LECTURE}, scipy.signal.convolve2d",
        partial(_lectured, "count-3x3", "corner-2", "valid"),
        LECTURE,
    )
    yield Example(
        "full-signal",
        "A signal, flipped and slid",
        "[1 2 3 4 5] with [10 9 8], every overlap: 10 29 56 83 110 77 40.",
        f"{LECTURE}, numpy.convolve",
        partial(_lectured, "1-to-5", "10-9-8", "full"),
        LECTURE,
    )
    yield Example(
        "signal-1-2-3",
        "numpy.convolve",
        "[1 2 3] with [4 5 6]: 4 13 28 27 18, or 13 28 27 in same, 28 in valid.",
        f"{LECTURE}, numpy.convolve",
        partial(_lectured, "1-2-3", "4-5-6", "full"),
        LECTURE,
    )
    yield from _signals()
    convolved, strided = "Numbers of the guide", "Numbers of the guide, padding and strides"
    yield Example(
        "guide-numbers",
        convolved,
        "5 × 5 numbers under a 3 × 3 kernel: nine dot products, 12 12 17 in the first row.",
        f"{GUIDE}, figure 1.1",
        partial(_guide_conv, convolved, 1, 0),
        ARITHMETIC_GROUP,
    )
    yield Example(
        "guide-numbers-strides",
        strided,
        "The same numbers with padding 1 and stride 2: 6 17 3 in the first row.",
        f"{GUIDE}, figure 1.2",
        partial(_guide_conv, strided, 2, 1),
        ARITHMETIC_GROUP,
    )
    for figure in ARITHMETIC:
        group = TRANSPOSED_GROUP if figure.transposed else ARITHMETIC_GROUP
        yield Example(figure.name, figure.title, figure.summary, GUIDE, figure.document, group)
    yield Example(
        "average-pooling",
        "Average pooling",
        "The mean of each 3 × 3 window of the guide's numbers, stride 1.",
        f"{GUIDE}, figure 1.5",
        partial(_guide_pool, "Average pooling", Pool("avg", 3, stride=1)),
        POOLING_GROUP,
    )
    yield Example(
        "max-pooling",
        "Max pooling",
        "The largest cell of each 3 × 3 window of the guide's numbers, stride 1.",
        f"{GUIDE}, figure 1.6",
        partial(_guide_pool, "Max pooling", Pool("max", 3, stride=1)),
        POOLING_GROUP,
    )
    yield Example(
        "max-pooling-ceil",
        "Max pooling, rounded up",
        "2 × 2 windows over 5 × 5: ceil_mode keeps the last ones, which hang over the border.",
        "torch.nn.MaxPool2d, ceil_mode",
        partial(_guide_pool, "Max pooling, rounded up", Pool("max", 2, ceil_mode=True)),
        POOLING_GROUP,
    )
    yield Example(
        "cs231n-two-filters",
        "Two filters over three channels",
        "Three channels add up to each of two maps; padding 1, stride 2, biases 1 and 0.",
        "after the convolution demo of Stanford's CS231n course notes; numbers drawn anew",
        _two_filters,
        NETWORK_GROUP,
    )
    yield Example(
        "lenet",
        "A small LeNet",
        "Six stroke kernels, ReLU, pooling, and once more: 14 × 14 down to 2 × 2.",
        "after LeCun et al., Gradient-based learning applied to document recognition, 1998",
        _lenet,
        NETWORK_GROUP,
    )
    yield Example(
        "depthwise-separable",
        "Depthwise separable",
        "One kernel for each channel, then 1 × 1 kernels that mix them: 39 weights, not 108.",
        "Howard et al., MobileNets, 2017",
        _separable,
        NETWORK_GROUP,
    )
    yield Example(
        "overlaps",
        "Checkerboard of a transposed convolution",
        "Kernel 3, stride 2: stamps overlap unevenly, and a flat image comes out as 1, 2 and 4.",
        "Odena et al., Deconvolution and Checkerboard Artifacts, 2016",
        _overlaps,
        TRANSPOSED_GROUP,
    )
    yield Example(
        "dilated-context",
        "Dilated context",
        "Dilation 1, 2, 4: three 3 × 3 kernels see 3, 7, 15 cells a side without a gap.",
        "Yu & Koltun, Multi-Scale Context Aggregation by Dilated Convolutions, 2016",
        _context,
        NETWORK_GROUP,
    )
    yield Example(
        "dilated-causal",
        "Dilated causal",
        "Kernels of 2 over a signal, dilation 1, 2, 4, all padding before: 8 samples back.",
        "van den Oord et al., WaveNet, 2016",
        _causal,
        NETWORK_GROUP,
    )


EXAMPLES = {example.name: example for example in _examples()}
