"""CropPanel: what of a picture or array becomes the input, with a preview; nothing until Apply."""

from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QPushButton,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from convviz.files.cropping import preview
from convviz.model.origin import (
    AXES,
    COLOURS,
    LARGEST_SIDE,
    LARGEST_SIZE,
    Origin,
    Size,
    Taking,
    axes_choices,
    channel_choices,
    result_text,
    sizes_of,
    whole,
    with_axes,
    with_crop,
    with_side,
    with_size,
)
from convviz.model.session import Session
from convviz.render.picture import picture_of
from convviz.render.theme import DARK, Theme
from convviz.ui.crop_view import CropView, PictureView
from convviz.ui.fields import (
    Heading,
    beside,
    choice,
    dim_label,
    labelled,
    offer,
    show_choice,
    show_number,
    whole_number,
)
from convviz.ui.message_strip import Strip
from convviz.ui.open_file import take
from convviz.ui.plain_text import set_tip
from convviz.ui.store import Store
from convviz.ui.style import icon

WIDTH = 262  # pixels of a column of fields
SIDES = (16, 28, 32, 64, 128)
VIEW_SIDE = 480  # cells of the picture that is cropped on
METHODS = (
    ("area", "Mean of each area", "Each new cell is the mean of the cells that fall into it"),
    ("nearest", "Nearest cell", "Each new cell is the one in the middle: no new value arises"),
)
APPLY = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class CropPanel(Strip):
    """Crop, scale, channels and values of the input, from what it was first read from.

    It stands where the scene was: `opened` tells when it comes and when it goes.
    """

    opened = Signal(bool)

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        self._origin: Origin | None = None
        self._taking = whole((1, 1))
        self._shown: object = None
        self._theme: Theme = DARK
        self._workspace = ""
        self._pictured: tuple[object, ...] = ()
        self.setObjectName("side")
        self.setAccessibleName("Crop and scale")
        self._make_fields()
        self._lay_out()
        self._connect()
        self.hide()

    def _make_fields(self) -> None:
        self.source = dim_label()
        self.source.setWordWrap(False)
        self.view = CropView("What is taken of the picture", 96)
        self.image = whole_number(1, 1, "Image", "Which image of the batch")
        self.axes = choice(())
        self.top, self.left = _cells("First row", 0), _cells("First column", 0)
        self.rows, self.columns = _cells("Rows of the crop"), _cells("Columns of the crop")
        self.all = _button("Whole picture", "Take all of the picture")
        self.new_rows, self.new_columns = (
            _cells("Rows of the input"),
            _cells("Columns of the input"),
        )
        self.linked = QCheckBox("Keep shape")
        self.linked.setChecked(True)
        self.linked.setAccessibleName("Keep shape")
        set_tip(self.linked, "Rows and columns go together, so that nothing is stretched")
        self.method = choice(METHODS)
        self.sides = tuple(_button(f"{side}", f"{side} cells on the longer side") for side in SIDES)
        self.unscaled = _button("1:1", "Every cell of the crop as it is")
        self.channels, self.values = choice(()), choice(())
        self.result = PictureView("Preview of the input", 64)
        self.summary = dim_label()
        self.apply = _button("Apply", "Take this as the input (Enter)")
        self.apply.setProperty("accent", True)
        self.cancel = _button("Cancel", "Leave the input as it is (Esc)")
        self._close = QToolButton()
        self._close.setObjectName("plain")
        self._close.setAccessibleName("Close")
        set_tip(self._close, "Close without changing the input (Esc)")
        self._close.setFixedSize(22, 22)

    def _lay_out(self) -> None:
        self._heading = Heading("Crop and scale", lambda theme: theme.input, self.source)
        self._batch = beside(
            labelled("Image", self.image), labelled("Axes", self.axes), shares=(1, 3)
        )
        self._values = labelled("Values", self.values)
        top = QHBoxLayout()
        top.addWidget(self._heading, 1)
        top.addWidget(self._close)
        row = QHBoxLayout()
        row.setSpacing(18)
        row.addWidget(self.view, 5)
        row.addLayout(_column(*self._crop_and_size(), stretched=None))
        row.addLayout(
            _column(
                self._batch,
                beside(labelled("Channels", self.channels), self._values),
                self.result,
                self.summary,
                beside(self.cancel, self.apply, shares=(2, 3)),
                stretched=self.result,
            )
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 10, 12, 12)
        column.setSpacing(10)
        column.addLayout(top)
        column.addLayout(row, 1)

    def _crop_and_size(self) -> tuple[QWidget, ...]:
        return (
            beside(
                labelled("From row, column", self.top, self.left),
                labelled("Take rows, columns", self.rows, self.columns),
            ),
            self.all,
            labelled("Scale to rows, columns", self.new_rows, self.new_columns),
            self.linked,
            beside(*self.sides[:3], spacing=6),
            beside(*self.sides[3:], self.unscaled, spacing=6),
            labelled("Scale by", self.method),
        )

    def _connect(self) -> None:
        self.view.cropped.connect(self._crop)
        for box in (self.top, self.left, self.rows, self.columns):
            box.valueChanged.connect(self._type_crop)
        for box in (self.new_rows, self.new_columns):
            box.valueChanged.connect(self._type_size)
        self.image.valueChanged.connect(self._choose_image)
        self.linked.toggled.connect(self._link)
        for combo in (self.axes, self.method, self.channels, self.values):
            combo.activated.connect(self._choose)
        for button in (*self.sides, self.unscaled):
            button.clicked.connect(self._choose_side)
        self.all.clicked.connect(self._take_whole)
        self.apply.clicked.connect(self._apply)
        for closing in (self.cancel, self._close):
            closing.clicked.connect(self.hide)

    @property
    def fields(self) -> tuple[QSpinBox, ...]:
        """The fields for numbers."""
        crop = (self.top, self.left, self.rows, self.columns)
        return (self.image, *crop, self.new_rows, self.new_columns)

    @property
    def _room(self) -> Size:
        """Rows and columns of the whole picture."""
        assert self._origin is not None
        return sizes_of(self._origin.array.shape, self._taking.axes)[2:]

    def open(self, session: Session, theme: Theme) -> None:
        """Begin with what is taken now."""
        self._begin(session, theme)
        for field in self.fields:
            field.installEventFilter(self)  # once more: Return and Esc come here first
        self.opened.emit(True)
        self.show()
        first = self.image if self._batch.isVisible() and self.image.isEnabled() else self.new_rows
        first.setFocus()
        first.selectAll()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self.isHidden():  # else the window is
            self.opened.emit(False)

    def show_session(self, session: Session, theme: Theme) -> None:
        """Make way for the scene when it is asked for; begin anew when another input has come."""
        if not self.isVisible():
            return
        if session.playback.playing or session.view.workspace != self._workspace:
            self.hide()
        elif session.document.image is not self._shown:
            self._begin(session, theme)
        elif theme is not self._theme:
            self._dress(theme)
            self._show(self._taking)

    def _begin(self, session: Session, theme: Theme) -> None:
        self._origin, self._shown = session.origin, session.document.image
        self._workspace = session.view.workspace
        self._pictured = ()
        self._dress(theme)
        axes = self._origin.taking.axes
        offer(self.axes, ((a, AXES[a], "") for a in axes_choices(self._origin.taking) or (axes,)))
        self._batch.setVisible(_may_be_read_otherwise(self._origin))
        self._values.setVisible(self._origin.white is not None)
        white = self._origin.white
        offer(self.values, (("kept", f"0 to {white}", "As in the file"), ("unit", "0 to 1", "")))
        self._show(self._origin.taking)

    def _dress(self, theme: Theme) -> None:
        self._theme = theme
        self._heading.show_theme(theme)
        self._close.setIcon(icon("close", theme.dim))

    def _show(self, taking: Taking) -> None:
        """Show what would be taken."""
        if self._origin is None:
            return
        self._taking = taking
        shape = self._origin.array.shape
        images, channels, rows, columns = sizes_of(shape, taking.axes)
        of = f" · {channels} channels" if channels > 1 else ""
        self.source.setText(f"{self._origin.name} · {rows:,} × {columns:,}{of}")
        self.image.setMaximum(images)
        self.image.setEnabled(images > 1)
        top, left, crop_rows, crop_columns = taking.crop
        for field, most, value in (
            (self.image, images, taking.image + 1),
            (self.top, rows - 1, top),
            (self.left, columns - 1, left),
            (self.rows, rows, crop_rows),
            (self.columns, columns, crop_columns),
            (self.new_rows, LARGEST_SIDE if rows > 1 else 1, taking.size[0]),
            (self.new_columns, LARGEST_SIDE, taking.size[1]),
        ):
            field.setMaximum(most)
            show_number(field, value)
        show_choice(self.axes, taking.axes)
        show_choice(self.method, taking.method)
        offer(self.channels, ((key, text, "") for key, text in channel_choices(channels)))
        show_choice(self.channels, taking.channels)
        self.channels.setEnabled(channels > 1)
        show_choice(self.values, "unit" if taking.unit else "kept")
        self._show_pictures(channels)

    def _show_pictures(self, channels: int) -> None:
        assert self._origin is not None
        taking, array, room = self._taking, self._origin.array, self._room
        seen = (taking.axes, taking.image, taking.channels, self._theme.name)
        if seen != self._pictured:
            self._pictured = seen
            all_of_it = replace(taking, crop=(0, 0, *room), size=room, method="nearest", unit=False)
            small = with_side(all_of_it, min(max(room), VIEW_SIDE))
            picture = picture_of(preview(array, small), self._theme)
            self.view.show_picture(picture, room, self._theme)
        self.view.show_crop(taking.crop)
        fits = taking.cell_count <= LARGEST_SIZE
        result = preview(array, taking, self._origin.white)
        self.result.show_picture(picture_of(result, self._theme), taking.size, self._theme)
        too_many = "" if fits else f": more than {LARGEST_SIZE // 10**6} million, scale it down"
        self.summary.setText(result_text(taking, channels) + too_many)
        self.apply.setEnabled(fits)

    # What a person does

    def _crop(self, crop: tuple[int, int, int, int]) -> None:
        self._show(with_crop(self._taking, crop, self._room))

    def _type_crop(self) -> None:
        crop = self.top.value(), self.left.value(), self.rows.value(), self.columns.value()
        self._crop(crop)

    def _type_size(self) -> None:
        size = self.new_rows.value(), self.new_columns.value()
        linked = self.linked.isChecked() and self._room[0] > 1
        self._show(with_size(self._taking, size, linked=linked))

    def _link(self, linked: bool) -> None:
        if linked:
            self._show(with_side(self._taking, max(self._taking.size)))

    def _choose_image(self) -> None:
        self._show(replace(self._taking, image=self.image.value() - 1))

    def _choose(self) -> None:
        taking = self._taking
        if self.sender() is self.axes and self._origin is not None:
            axes = str(self.axes.currentData())
            self._show(with_axes(taking, self._origin.array.shape, axes))
            return
        self._show(
            replace(
                taking,
                method=str(self.method.currentData()),
                channels=str(self.channels.currentData()),
                unit=self.values.currentData() == "unit",
            )
        )

    def _choose_side(self) -> None:
        button = self.sender()
        if button is self.unscaled:
            self._show(replace(self._taking, size=self._taking.crop[2:]))
        elif isinstance(button, QPushButton):
            self._show(with_side(self._taking, int(button.text())))

    def _take_whole(self) -> None:
        self._crop((0, 0, *self._room))

    def _apply(self) -> None:
        if not self.apply.isEnabled():
            return
        taking = self._taking
        self.hide()
        self._store.apply(take, taking)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let Return apply what the fields say, and Esc close the panel."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
            return True
        if event.key() in APPLY:
            for field in self.fields:
                field.interpretText()
            self._apply()
            return True
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        focused = self.focusWidget()
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        elif event.key() in APPLY and isinstance(focused, QPushButton) and focused.hasFocus():
            focused.click()
        elif event.key() in APPLY:
            self._apply()
        else:
            super().keyPressEvent(event)


def _may_be_read_otherwise(origin: Origin) -> bool:
    """Return whether the axes of an array are not certain, or it has several images."""
    shape, axes = origin.array.shape, origin.first.axes
    is_picture = origin.white is not None and axes == "chw" and shape[0] == COLOURS
    return len(shape) > 2 and "h" in axes and origin.array is not origin.opened and not is_picture


def _column(*widgets: QWidget, stretched: QWidget | None) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(8)
    for widget in widgets:
        widget.setMinimumWidth(0)
        column.addWidget(widget, int(widget is stretched))
    if stretched is None:
        column.addStretch(1)
    column.addStrut(WIDTH)
    return column


def _cells(name: str, low: int = 1) -> QSpinBox:
    return whole_number(low, LARGEST_SIDE, name)


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(tip.split(" (")[0] if text[0].isdigit() else text)
    set_tip(button, tip)
    return button
