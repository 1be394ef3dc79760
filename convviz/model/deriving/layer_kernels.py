"""Pictures of the kernels of a layer that is not in the document."""

from convviz.engine.layers import Conv, KernelLayer
from convviz.model.deriving.still import as_plane
from convviz.model.scene import Cells, Thumbnail, Thumbnails, scale_of

MOST_MADE, MOST_READ = 16, 16  # channels


def kernel_pictures(layer: KernelLayer) -> Thumbnails:
    """Return the first kernels of a layer: rows of output by columns of input channels."""
    by_output = layer.weight if isinstance(layer, Conv) else layer.weight.swapaxes(0, 1)
    shown = by_output[:MOST_MADE, :MOST_READ]
    scale = scale_of(shown, signed=True)
    items = tuple(
        Thumbnail(f"{i + 1} → {o + 1}", Cells(as_plane(kernel), scale), o, i)
        for o, row in enumerate(shown)
        for i, kernel in enumerate(row)
    )
    return Thumbnails(items, columns=shown.shape[1])


def shown_of(layer: KernelLayer) -> str:
    """Say how many of the kernels the pictures show."""
    count = layer.weight.shape[0] * layer.weight.shape[1]
    shown = len(kernel_pictures(layer).items)
    if count == 1:
        return "1 kernel"
    return f"{count:,} kernels" if shown == count else f"the first {shown} of {count:,} kernels"
