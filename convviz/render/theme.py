"""The look: a colour per role, colours of values, and how numbers are written."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from convviz.model.colours import SIGNED_MAPS, UNSIGNED_MAPS, USUAL_COLOURS, Colours
from convviz.model.equation import Role
from convviz.model.numbers import AUTOMATIC, NumberFormat
from convviz.model.scene import Scale

Colour = tuple[int, int, int]
RAMP = 9  # colours of a bar; the rest lies between
SHADES = (1 << 14) + 1  # with one right in the middle
DECIMALS = NumberFormat("decimals", decimals=2)


@dataclass(frozen=True)
class Theme:
    """Every colour of the window and of its frames, and how numbers are written in them."""

    name: str
    background: Colour
    card: Colour
    border: Colour
    control: Colour
    hover: Colour
    text: Colour
    dim: Colour
    faint: Colour
    input: Colour
    kernel: Colour
    output: Colour
    error: Colour
    on_accent: Colour
    neutral: Colour
    negative: Colour
    positive: Colour
    low: Colour
    high: Colour
    maps: Colours = USUAL_COLOURS
    numbers: NumberFormat = AUTOMATIC

    def role(self, role: Role) -> Colour:
        """Return the colour of a word in an equation."""
        return {
            "plain": self.text,
            "dim": self.dim,
            "input": self.input,
            "kernel": self.kernel,
            "output": self.output,
            "result": self.output,
            "error": self.error,
        }[role]


DARK = Theme(
    name="dark",
    background=(20, 22, 27),
    card=(27, 30, 37),
    border=(42, 46, 57),
    control=(38, 43, 54),
    hover=(50, 56, 69),
    text=(236, 238, 243),
    dim=(160, 166, 180),
    faint=(96, 102, 117),
    input=(96, 160, 255),
    kernel=(255, 181, 71),
    output=(45, 212, 160),
    error=(255, 128, 118),
    on_accent=(20, 22, 27),
    neutral=(42, 46, 56),
    negative=(75, 126, 223),
    positive=(216, 87, 76),
    low=(14, 15, 18),
    high=(247, 247, 250),
)

LIGHT = Theme(
    name="light",
    background=(243, 244, 247),
    card=(255, 255, 255),
    border=(220, 224, 232),
    control=(236, 239, 244),
    hover=(222, 227, 236),
    text=(26, 29, 36),
    dim=(88, 95, 110),
    faint=(150, 157, 172),
    input=(27, 99, 214),
    kernel=(163, 94, 0),
    output=(4, 128, 88),
    error=(190, 40, 30),
    on_accent=(255, 255, 255),
    neutral=(233, 233, 236),
    negative=(75, 126, 223),
    positive=(216, 87, 76),
    low=(23, 24, 28),
    high=(247, 247, 250),
)

THEMES = {theme.name: theme for theme in (DARK, LIGHT)}


def qcolor(colour: Colour, alpha: float = 1.0) -> QColor:
    """Return a colour for Qt, `alpha` from 0 to 1."""
    return QColor(*colour, round(alpha * 255))


@lru_cache(maxsize=16)
def dressed(theme: Theme, colours: Colours, numbers: NumberFormat) -> Theme:
    """Return `theme` with colour maps and numbers; the same arguments give the same object."""
    return replace(theme, maps=colours, numbers=numbers)


@lru_cache(maxsize=8)
def with_decimals(theme: Theme) -> Theme:
    """Let numbers that are learnt, which are rarely short, all have two decimals.

    Unless a person has chosen how numbers are written.
    """
    return theme if theme.numbers.kind != "automatic" else replace(theme, numbers=DECIMALS)


def cell_colours(values: NDArray[Any], scale: Scale, theme: Theme) -> NDArray[np.uint8]:
    """Return a colour (..., 3) per value: dark to light, or blue over neutral to red around 0."""
    return share_colours(np.clip(scale.shares(values), 0, 1), scale, theme)


def share_colours(
    place: NDArray[np.floating[Any]], scale: Scale, theme: Theme
) -> NDArray[np.uint8]:
    """Return a colour (..., 3) for each place on a scale: 0 is its low end, 1 its high one."""
    grey = scale.kind == "grey"
    chosen = UNSIGNED_MAPS[theme.maps.unsigned] if grey else SIGNED_MAPS[theme.maps.signed]
    stops = (theme.low, theme.high) if grey else (theme.negative, theme.neutral, theme.positive)
    table = shades(chosen.cmap) if chosen.cmap else _shades(stops)
    number = (place * (SHADES - 1) + 0.5).astype(np.intp)
    return table.take(number, axis=0, mode="clip")


def ramp(scale: Scale, theme: Theme) -> tuple[tuple[float, Colour], ...]:
    """Return places on a scale (0..1) and their colours, from which a gradient is made."""
    places = np.linspace(0, 1, RAMP)
    colours = share_colours(places, scale, theme).tolist()
    return tuple(
        (place, (red, green, blue))
        for place, (red, green, blue) in zip(places.tolist(), colours, strict=True)
    )


@lru_cache(maxsize=8)
def _shades(stops: tuple[Colour, ...]) -> NDArray[np.uint8]:
    """Return SHADES colours from the first stop to the last: looked up, 10 times as fast."""
    place, at = np.linspace(0, 1, SHADES), np.linspace(0, 1, len(stops))
    channels = [np.interp(place, at, [stop[c] for stop in stops]) for c in range(3)]
    return np.stack(channels, axis=-1).round().astype(np.uint8)


@lru_cache(maxsize=16)
def shades(name: str) -> NDArray[np.uint8]:
    """Return the colours (SHADES, 3) of a map by its full name in cmap."""
    from cmap import Colormap

    found: NDArray[np.uint8] = (Colormap(name).lut(SHADES)[:, :3] * 255).round().astype(np.uint8)
    return found


def luminance(colours: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the relative luminance (WCAG) of colours (..., 3)."""
    share = colours / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    weighted: NDArray[np.float64] = linear @ np.array([0.2126, 0.7152, 0.0722])
    return weighted


def dark_text(colours: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return where black text is easier to read on colours (..., 3) than white."""
    return luminance(colours) > 0.179
