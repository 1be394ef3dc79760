"""Documents of every kind, and where a workbook has what they make."""

import numpy as np
from activation_cases import CASES

from convviz.engine.layers import Activation, Conv, ConvTranspose, Pool
from convviz.engine.padding import PADDING_MODES
from convviz.engine.poolings import POOLINGS
from convviz.export.sheets import sheets_of
from convviz.model.document import Document, default_document
from convviz.model.examples import EXAMPLES

RANDOM = np.random.default_rng(4)
AMOUNTS = ((1, 2), (2, 0))


def numbers(*shape):
    return RANDOM.normal(size=shape)


def conv(*shape, bias=False, **settings):
    return Conv(numbers(*shape), numbers(shape[0]) if bias else None, **settings)


def document(shape, *layers, name="Random", disabled=()):
    return Document(numbers(*shape), name, layers, frozenset(disabled))


DOCUMENTS = {
    "as it opens": default_document(),
    **{
        f"padded by {mode}": document(
            (1, 5, 6),
            conv(1, 1, 3, 3, padding=AMOUNTS, padding_mode=mode, padding_value=2.5, flip=flip),
        )
        for flip, mode in enumerate(PADDING_MODES)
    },
    "stride": document((1, 7, 8), conv(1, 1, 3, 2, stride=(2, 3), bias=True)),
    "dilation": document((1, 9, 8), conv(1, 1, 3, 2, dilation=(2, 3), padding=1)),
    "dilation, flipped, with a stride": document(
        (1, 9, 8), conv(1, 1, 2, 3, dilation=2, flip=True, stride=2, padding="full")
    ),
    "a kernel of one cell": document((2, 3, 3), conv(3, 2, 1, 1, bias=True)),
    "a dilated kernel of one cell": document((1, 3, 3), conv(1, 1, 1, 1, dilation=3, flip=True)),
    "several channels": document((3, 5, 5), conv(2, 3, 3, 3, bias=True, padding="same")),
    "groups": document((4, 5, 5), conv(6, 2, 2, 2, groups=2, bias=True, padding_mode="circular")),
    "depthwise": document((3, 6, 5), conv(3, 1, 3, 3, groups=3, padding=1)),
    "a signal": document((1, 12), conv(1, 1, 4, padding="causal", dilation=2)),
    "a signal shorter than what slides": document(
        (1, 3), conv(1, 1, 5, padding=((3, 2),), flip=True, bias=True)
    ),
    "a flipped signal with a stride": document(
        (1, 11), conv(1, 1, 4, padding="full", stride=3, flip=True)
    ),
    "a signal of channels": document((2, 9), conv(3, 2, 3, padding=2, padding_mode="reflect")),
    **{
        f"activation {spec}": document(
            (1, 4, 4), conv(3, 1, 2, 2, bias=True), activation, name="Activation"
        )
        for spec, activation in CASES.items()
    },
    **{
        f"activation {spec}, far": Document(
            np.concatenate([np.array([[[-1e4, 800.0, 0.0, -800.0, 6.0, -3.0]]])] * 3),
            "Far",
            (activation,),
        )
        for spec, activation in CASES.items()
    },
    "an activation alone": document((2, 3, 3), Activation("tanh"), Activation("relu")),
    **{
        f"{kind} around which is padding": document(
            (2, 7, 7), Pool(kind, 3, stride=2, padding=1, ceil_mode=True)
        )
        for kind in POOLINGS
    },
    **{
        f"{kind} with dilation": document(
            (1, 40, 40), Pool(kind, 17, stride=3, dilation=2, padding=1)
        )
        for kind, pooling in POOLINGS.items() if pooling.dilates
    },
    "max": document((2, 7, 7), Pool("max", 3, stride=2, padding=1)),
    "max of all that is negative": Document(
        -np.ones((1, 4, 4)), "Negative", (Pool("max", 3, stride=1, padding=1),)
    ),
    "max of many dilated cells": document((1, 40, 40), Pool("max", 17, stride=1, dilation=2)),
    "max with ceil": document((1, 6, 6), Pool("max", 3, stride=2, ceil_mode=True)),
    "mean": document((2, 6, 6), Pool("avg", 2)),
    "mean that counts padding": document((1, 6, 6), Pool("avg", 3, stride=2, padding=1)),
    "mean that does not": document(
        (1, 6, 6), Pool("avg", 3, stride=2, padding=1, count_include_pad=False)
    ),
    "mean with ceil": document(
        (1, 7, 7), Pool("avg", 3, stride=3, padding=1, ceil_mode=True)
    ),
    "mean of a signal": document((2, 9), Pool("avg", (3,), stride=2)),
    "transposed": document((1, 3, 4), ConvTranspose(numbers(1, 1, 3, 3), stride=2)),
    "transposed with all": document(
        (2, 3, 3),
        ConvTranspose(
            numbers(2, 2, 3, 2), numbers(4), stride=3, padding=1, output_padding=(1, 2),
            dilation=2, groups=2,
        ),
    ),
    "transposed that cuts off": document((1, 4, 4), ConvTranspose(numbers(1, 1, 1, 1), padding=1)),
    "transposed signal": document((1, 5), ConvTranspose(numbers(1, 2, 3), stride=2)),
    "stack": document(
        (1, 10, 10),
        conv(2, 1, 3, 3, bias=True, padding=1, padding_mode="replicate"),
        Activation("leaky_relu"),
        Pool("max", 2),
        conv(3, 2, 2, 2, flip=True, padding=2, padding_mode="reflect"),
        Activation("sigmoid"),
        ConvTranspose(numbers(3, 1, 2, 2), stride=2),
        Pool("avg", 2, stride=1, padding=1, count_include_pad=False),
    ),
    "stack with a layer left out": document(
        (1, 8, 8), conv(1, 1, 3, 3), Activation("relu"), Pool("max", 2), disabled=[1]
    ),
    "no layer that counts": document((1, 3, 3), Activation("relu"), disabled=[0]),
    **{f"example {name}": EXAMPLES[name].make() for name in ("lenet", "dilated-causal")},
}  # fmt: skip


def places_of_maps(document):
    """Return sheet, first row and first column of each feature map that comes out at the end."""
    last = sheets_of(document)[-1]
    if len(document.disabled) == len(document.layers):
        return [(block.sheet, block.row, block.column) for block in last.blocks]
    outputs = [block for block in last.blocks if block.role == "output"]
    final = [block for block in outputs if block.column == outputs[-1].column]
    return [(block.sheet, block.row, block.column) for block in final]


def maps_in(value, document, shape):
    """Return the feature maps of `shape`; `value` (sheet, row, column) knows the cells."""
    planes = (shape[0], *(1, *shape[1:])[-2:])
    found = np.empty(planes)
    places = places_of_maps(document)
    for channel, row, column in np.ndindex(planes):
        sheet, top, left = places[channel]
        found[channel, row, column] = value(sheet, top + row, left + column)
    return found.reshape(shape)
