"""CropView: a picture with the rectangle that is taken of it; PictureView: a picture alone."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from convviz.model.origin import Crop, Grip, Size, dragged, grip_at
from convviz.render.theme import DARK, Theme, qcolor

REACH = 6  # pixels from an edge within which it is held
HANDLE = 8
THIN = 4  # rows or columns below which a picture is stretched, to be seen at all

CURSORS = {
    (0, 0): Qt.CursorShape.CrossCursor,
    (-1, -1): Qt.CursorShape.SizeFDiagCursor,
    (1, 1): Qt.CursorShape.SizeFDiagCursor,
    (-1, 1): Qt.CursorShape.SizeBDiagCursor,
    (1, -1): Qt.CursorShape.SizeBDiagCursor,
    (-1, 0): Qt.CursorShape.SizeVerCursor,
    (1, 0): Qt.CursorShape.SizeVerCursor,
    (0, -1): Qt.CursorShape.SizeHorCursor,
    (0, 1): Qt.CursorShape.SizeHorCursor,
}


class PictureView(QWidget):
    """A picture as large as fits, its cells square and hard-edged."""

    def __init__(self, name: str, least: int) -> None:
        super().__init__()
        self._picture = QImage()
        self._size: Size = (1, 1)
        self._theme: Theme = DARK
        self._least = least
        self.setAccessibleName(name)
        self.setMinimumHeight(least)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(self._least, 2 * self._least)

    def show_picture(self, picture: QImage, size: Size, theme: Theme) -> None:
        """Show a picture of an image of `size` (rows, columns)."""
        self._picture, self._size, self._theme = picture, size, theme
        self.update()

    @property
    def place(self) -> QRectF:
        """Where the picture lies."""
        rows, columns = self._size
        room = QRectF(self.rect()).adjusted(HANDLE / 2, HANDLE / 2, -HANDLE / 2, -HANDLE / 2)
        cell = min(room.width() / columns, room.height() / rows)
        width = columns * cell if columns >= THIN else room.width() / 3
        height = rows * cell if rows >= THIN else min(max(rows * cell, 24.0), room.height())
        return QRectF(room.center().x() - width / 2, room.center().y() - height / 2, width, height)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            self.paint(painter)

    def paint(self, painter: QPainter) -> None:
        """Paint the picture."""
        place = self.place
        smooth = place.width() < self._picture.width()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawImage(place, self._picture)
        painter.setPen(QPen(qcolor(self._theme.border), 1))
        painter.drawRect(place)


class CropView(PictureView):
    """Drag a rectangle on the picture, its edges, or all of it."""

    cropped = Signal(object)  # Crop

    def __init__(self, name: str, least: int) -> None:
        super().__init__(name, least)
        self._crop: Crop = (0, 0, 1, 1)
        self._held: tuple[Grip, tuple[float, float], Crop] | None = None
        self.setMouseTracking(True)

    def show_crop(self, crop: Crop) -> None:
        """Show what is taken of the picture."""
        self._crop = crop
        self.update()

    def rect_of(self, crop: Crop) -> QRectF:
        """Return where a crop lies."""
        place, (rows, columns) = self.place, self._size
        down, across = place.height() / rows, place.width() / columns
        return QRectF(
            place.left() + crop[1] * across,
            place.top() + crop[0] * down,
            crop[3] * across,
            crop[2] * down,
        )

    def paint(self, painter: QPainter) -> None:
        """Paint the picture, paler where it is left out."""
        super().paint(painter)
        kept, place = self.rect_of(self._crop), self.place
        for left_out in (
            QRectF(place.left(), place.top(), place.width(), kept.top() - place.top()),
            QRectF(place.left(), kept.bottom(), place.width(), place.bottom() - kept.bottom()),
            QRectF(place.left(), kept.top(), kept.left() - place.left(), kept.height()),
            QRectF(kept.right(), kept.top(), place.right() - kept.right(), kept.height()),
        ):
            painter.fillRect(left_out, qcolor(self._theme.card, 0.72))
        painter.setPen(QPen(qcolor(self._theme.input), 2))
        painter.drawRect(kept)
        for corner in (kept.topLeft(), kept.topRight(), kept.bottomLeft(), kept.bottomRight()):
            handle = QRectF(0, 0, HANDLE, HANDLE)
            handle.moveCenter(corner)
            painter.fillRect(handle, qcolor(self._theme.input))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            point = self._cell_at(event.position())
            self._held = self._grip_at(event.position()), point, self._crop

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is None:
            grip = self._grip_at(event.position())
            inside = Qt.CursorShape.SizeAllCursor
            self.setCursor(inside if grip.inside else CURSORS[grip.rows, grip.columns])
            return
        grip, start, crop = self._held
        self.cropped.emit(dragged(crop, grip, start, self._cell_at(event.position()), self._size))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = None

    def _grip_at(self, point: QPointF) -> Grip:
        place, rows = self.place, self._size[0]
        return grip_at(self._crop, self._size, self._cell_at(point), REACH * rows / place.height())

    def _cell_at(self, point: QPointF) -> tuple[float, float]:
        place, (rows, columns) = self.place, self._size
        row = (point.y() - place.top()) / place.height() * rows
        column = (point.x() - place.left()) / place.width() * columns
        return min(max(row, 0.0), float(rows)), min(max(column, 0.0), float(columns))
