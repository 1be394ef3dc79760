"""Pictures that are kept: what does not change is painted once."""

from collections import OrderedDict
from collections.abc import Callable, Hashable

from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QPainter

from convviz.render.theme import Colour, qcolor


class Pictures:
    """The pictures of one pane by what they show; the one used longest ago goes first."""

    def __init__(self, most: int = 8) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, QImage] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], QImage]) -> QImage:
        """Return the picture for `key`, made when it is not there."""
        picture = self._kept.get(key)
        if picture is None:
            picture = self._kept[key] = make()
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        return picture


def painted(
    area: QRect, ratio: float, background: Colour, paint: Callable[[QPainter], None]
) -> QImage:
    """Return what `paint` paints in `area`, `ratio` device pixels to a pixel."""
    picture = QImage(area.size() * ratio, QImage.Format.Format_RGB32)
    picture.fill(qcolor(background))
    return _painted_on(picture, area, ratio, paint)


def transparent(area: QRect, ratio: float, paint: Callable[[QPainter], None]) -> QImage:
    """Return what `paint` paints in `area` on nothing, `ratio` device pixels to a pixel."""
    picture = QImage(area.size() * ratio, QImage.Format.Format_ARGB32_Premultiplied)
    picture.fill(0)
    return _painted_on(picture, area, ratio, paint)


def _painted_on(
    picture: QImage, area: QRect, ratio: float, paint: Callable[[QPainter], None]
) -> QImage:
    picture.setDevicePixelRatio(ratio)
    with QPainter(picture) as painter:  # ended even when painting fails: else Qt crashes
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing
        )
        painter.translate(-area.topLeft())
        paint(painter)
    return picture
