"""Pictures as arrays, and how far two of them are alike."""

import numpy as np
from PySide6.QtGui import QImage

ONE_LEVEL, SHARE = 1, 0.005  # of grey, off in this share of the pixels: what two CPUs may differ by


def pixels(image):
    """Return the red, green and blue of an image (rows, columns, 3)."""
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), rgb.bytesPerLine())
    return rows[:, : 3 * rgb.width()].reshape(rgb.height(), rgb.width(), 3).copy()


def unlike(actual, expected):
    """Return in words how two pictures differ, "" when no eye can tell."""
    if actual.shape != expected.shape:
        return f"{actual.shape[1]} × {actual.shape[0]} instead of {expected.shape[1::-1]}"
    off = np.abs(actual.astype(int) - expected).max(axis=-1)
    if off.max() > ONE_LEVEL:
        rows, columns = np.nonzero(off > ONE_LEVEL)
        return (
            f"{len(rows)} pixels differ, by up to {off.max()} levels, in columns "
            f"{columns.min()} to {columns.max()} of rows {rows.min()} to {rows.max()}"
        )
    share = np.count_nonzero(off) / off.size
    return f"{share:.2%} of the pixels are one level off" if share > SHARE else ""


def keep(folder, name, actual, expected):
    """Write the two pictures, and where they differ in white."""
    pictures = {"actual": actual, "expected": expected}
    if actual.shape == expected.shape:
        off = (actual != expected).any(axis=-1)
        pictures["difference"] = np.repeat(np.uint8(255) * off[..., None], 3, axis=-1)
    for kind, rgb in pictures.items():
        rows = np.ascontiguousarray(rgb, dtype=np.uint8)
        height, width, _ = rows.shape
        image = QImage(rows.data, width, height, 3 * width, QImage.Format.Format_RGB888)
        image.save(str(folder / f"{name}-{kind}.png"))
    return folder
