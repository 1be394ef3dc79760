"""Thumbnails: all are there when there is room, the chosen one always, and clicks find them."""

import numpy as np
import pytest
from looks import pixels
from PySide6.QtCore import QPointF, QRect, QRectF
from PySide6.QtGui import QImage, QPainter

from convviz.model.scene import NO_THUMBNAILS, Cells, Scale, Thumbnail, Thumbnails
from convviz.render.frame import HINTS
from convviz.render.pictures import Pictures
from convviz.render.theme import DARK, LIGHT, qcolor
from convviz.render.thumbnails import paint_thumbnails, thumbnail_at, thumbnail_places

AMBER = DARK.kernel
SIGNED = Scale("signed", -2.0, 2.0)


def channels(count, chosen=0, shape=(6, 6), seen=None):
    """Return pictures of channels that are all red, 2 for the largest value."""
    return Thumbnails(
        tuple(
            Thumbnail(
                str(number + 1),
                Cells(np.full(shape, 2.0), SIGNED),
                number,
                number,
                number == chosen,
                seen is None or number in seen,
            )
            for number in range(count)
        )
    )


def kernels(made, read, chosen=(0, 0), shape=(3, 3)):
    return Thumbnails(
        tuple(
            Thumbnail(
                f"{'RGB'[i] if read == 3 else i + 1} → {o + 1}",
                Cells(np.full(shape, 2.0), SIGNED),
                o,
                i,
                (o, i) == chosen,
                o == chosen[0],
            )
            for o in range(made)
            for i in range(read)
        ),
        columns=read,
    )


def painted(rect, thumbnails, theme=DARK, pictures=None, colour=None):
    image = QImage(rect.right() + 20, rect.bottom() + 20, QImage.Format.Format_RGB32)
    image.fill(qcolor(theme.card))
    with QPainter(image) as painter:
        painter.setRenderHints(HINTS)
        paint_thumbnails(
            painter, rect, thumbnails, theme, pictures or Pictures(), colour or theme.kernel
        )
    return pixels(image)


def middle(image, place):
    centre = place.center().toPoint()
    return tuple(image[centre.y(), centre.x() + 2].tolist())


def close(one, other, by=3):
    return np.abs(np.subtract(one, other, dtype=int)).max() <= by


STRIPS = {
    "three channels": (channels(3, 1), QRect(10, 10, 300, 52)),
    "eight maps": (channels(8, 7), QRect(10, 10, 300, 52)),
    "64 maps in a strip": (channels(64, 40), QRect(10, 10, 300, 52)),
    "64 maps, the first": (channels(64, 0), QRect(10, 10, 300, 52)),
    "64 maps, the last": (channels(64, 63), QRect(10, 10, 300, 52)),
    "64 maps in a low strip": (channels(64, 40), QRect(10, 10, 300, 20)),
    "256 maps in a block": (channels(256, 99), QRect(10, 10, 400, 110)),
    "8 x 3 kernels": (kernels(8, 3, (7, 2)), QRect(10, 10, 160, 300)),
    "64 x 8 kernels": (kernels(64, 8, (50, 5)), QRect(10, 10, 160, 120)),
    "4 x 64 kernels": (kernels(4, 64, (2, 63)), QRect(10, 10, 160, 120)),
    "one kernel per map": (kernels(8, 1, (5, 0)), QRect(10, 10, 160, 90)),
    "one map of three channels": (kernels(1, 3, (0, 2)), QRect(10, 10, 160, 90)),
    "signals": (channels(4, 2, (1, 200)), QRect(10, 10, 300, 52)),
    "kernels of 31 x 31": (kernels(4, 3, (3, 1), (31, 31)), QRect(10, 10, 160, 120)),
    "kernels of 1 x 1": (kernels(4, 3, (3, 1), (1, 1)), QRect(10, 10, 160, 120)),
}
EVERY_STRIP = pytest.mark.parametrize(("thumbnails", "rect"), STRIPS.values(), ids=STRIPS)


def shown_of(rect, thumbnails):
    places = thumbnail_places(rect, thumbnails)
    return {number: place for number, place in enumerate(places) if not place.isEmpty()}


@EVERY_STRIP
def test_pictures_are_squares_of_one_size_that_lie_inside_and_apart(thumbnails, rect):
    shown = list(shown_of(rect, thumbnails).values())
    assert {(p.width(), p.height()) for p in shown} == {(shown[0].width(), shown[0].width())}
    assert all(QRectF(rect).contains(place) for place in shown)
    grown = [place.adjusted(-2, -2, 2, 2) for place in shown]
    assert not any(a.intersects(b) for n, a in enumerate(grown) for b in grown[:n])


@EVERY_STRIP
def test_the_chosen_one_is_always_shown_and_outlined(thumbnails, rect):
    chosen = next(n for n, item in enumerate(thumbnails.items) if item.chosen)
    image, place = painted(rect, thumbnails), shown_of(rect, thumbnails)[chosen]
    line = place.adjusted(-2, -2, 2, 2).toRect()
    for x, y in (
        (line.center().x(), line.top()),
        (line.center().x(), line.bottom() + 1),
        (line.left(), line.center().y()),
        (line.right() + 1, line.center().y()),
    ):
        assert close(image[y, x], AMBER, 60), (x, y)


@EVERY_STRIP
def test_a_click_on_a_picture_finds_it_and_one_beside_all_finds_none(thumbnails, rect):
    for number, place in shown_of(rect, thumbnails).items():
        for point in (place.center(), place.topLeft() + QPointF(1, 1)):
            assert thumbnail_at(rect, thumbnails, point) == number
    assert thumbnail_at(rect, thumbnails, QPointF(rect.topLeft()) - QPointF(5, 5)) is None
    assert thumbnail_at(rect, thumbnails, QPointF(rect.bottomRight()) + QPointF(5, 5)) is None


def test_all_are_shown_where_they_fit():
    assert list(shown_of(QRect(0, 0, 300, 52), channels(8))) == list(range(8))
    assert len(shown_of(QRect(0, 0, 160, 300), kernels(8, 3))) == 24


@pytest.mark.parametrize("chosen", [0, 5, 40, 63])
def test_what_is_left_out_is_counted_at_both_ends(chosen):
    rect, thumbnails = QRect(10, 10, 300, 52), channels(64, chosen)
    shown = sorted(shown_of(rect, thumbnails))
    assert shown == list(range(shown[0], shown[-1] + 1))
    image, end = painted(rect, thumbnails), round(shown_of(rect, thumbnails)[shown[-1]].right())
    before, after = image[10:45, 8:42], image[10:45, end + 4 : end + 36]
    assert has_words(before) == (shown[0] > 0)
    assert has_words(after) == (shown[-1] < 63)


def has_words(part, theme=DARK):
    """Return whether there is text in the colour of words on the card."""
    return (np.abs(part.astype(int) - theme.dim).max(axis=-1) < 40).any()


def test_kernels_stand_in_rows_of_output_by_columns_of_input_channels():
    places = thumbnail_places(QRect(0, 0, 200, 300), kernels(4, 3))
    tops = [place.top() for place in places]
    lefts = [place.left() for place in places]
    assert len(set(tops)) == 4
    assert tops == sorted(tops)
    assert lefts[:3] == lefts[3:6] == sorted(lefts[:3])


def test_labels_stand_below_where_there_is_room_and_leave_where_there_is_none():
    high, low = QRect(10, 10, 300, 52), QRect(10, 10, 300, 20)
    assert has_words(painted(high, channels(3))[46:62, 55:100])
    assert not has_words(painted(low, channels(3)))


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_channels_that_are_not_seen_are_dimmed(theme):
    rect, thumbnails = QRect(10, 10, 300, 52), channels(4, 0, seen=(0, 1))
    image, places = painted(rect, thumbnails, theme), thumbnail_places(rect, thumbnails)
    colours = [middle(image, place) for place in places]
    assert colours[0] == colours[1] == theme.positive
    for colour in colours[2:]:
        off = [np.abs(np.subtract(colour, ink)).sum() for ink in (theme.card, theme.positive)]
        assert off[0] < off[1]
        assert not close(colour, theme.card, 10)


def test_padding_and_zeros_between_cells_are_not_pictured():
    own = np.array([-1, 0, -1, 1, -1])
    cells = Cells(np.where(np.logical_or.outer(own < 0, own < 0), 0.0, 2.0), SIGNED, (own, own))
    rect = QRect(10, 10, 80, 40)
    two = Thumbnails((Thumbnail("1", cells, 0, 0), Thumbnail("2", cells, 1, 1)))
    image, place = painted(rect, two), thumbnail_places(rect, two)[0]
    quarter = place.width() / 4
    for across, down in ((1, 1), (3, 1), (1, 3), (3, 3)):
        point = place.topLeft() + QPointF(across * quarter, down * quarter)
        assert close(image[int(point.y()), int(point.x())], DARK.positive)


def test_the_padding_of_max_pooling_needs_no_colour():
    cells = Cells(np.full((3, 3), -np.inf), SIGNED)
    rect = QRect(10, 10, 80, 40)
    two = Thumbnails((Thumbnail("1", cells, 0, 0), Thumbnail("2", cells, 1, 1)))
    image = painted(rect, two)
    assert close(middle(image, thumbnail_places(rect, two)[0]), DARK.negative)


def test_no_thumbnails_paint_nothing_and_cannot_be_hit():
    rect = QRect(10, 10, 100, 40)
    assert (painted(rect, NO_THUMBNAILS) == np.array(DARK.card)).all()
    assert thumbnail_places(rect, NO_THUMBNAILS) == ()
    assert thumbnail_at(rect, NO_THUMBNAILS, QPointF(20, 20)) is None


@pytest.mark.parametrize("size", [(300, 4), (4, 300), (0, 0), (-5, 20)])
def test_where_there_is_no_room_there_are_none(size):
    rect = QRect(10, 10, *size)
    for thumbnails in (channels(3), kernels(4, 3)):
        assert not shown_of(rect, thumbnails)
        assert thumbnail_at(rect, thumbnails, QPointF(11, 11)) is None
        if rect.isValid():
            assert (painted(rect, thumbnails) == np.array(DARK.card)).all()


def test_pictures_are_kept_while_only_the_choice_moves():
    made, rect = channels(8).items, QRect(10, 10, 300, 52)
    pictures = Pictures()
    kept = []
    for chosen in range(8):
        items = tuple(
            Thumbnail(item.label, item.cells, number, number, number == chosen)
            for number, item in enumerate(made)
        )
        image = painted(rect, Thumbnails(items), pictures=pictures)
        kept.append(len(pictures._kept))
        alone = painted(rect, Thumbnails(items))
        assert (image == alone).all()
    assert kept == [1] * 8
