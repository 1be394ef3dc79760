"""The colour maps that values can have, by name; which colours they are is for render/theme.py."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ColourMap:
    """A colour map: what it is called, and its full name in cmap, "" for the theme's own."""

    title: str
    cmap: str = ""


UNSIGNED_MAPS = {
    "grey": ColourMap("Grey"),
    "viridis": ColourMap("Viridis", "bids:viridis"),
    "cividis": ColourMap("Cividis", "cividis:cividis"),
    "magma": ColourMap("Magma", "bids:magma"),
    "batlow": ColourMap("Batlow", "crameri:batlow"),
}
# None goes from red to green, which one man in twelve cannot tell apart.
SIGNED_MAPS = {
    "blue_red": ColourMap("Blue to red"),
    "coolwarm": ColourMap("Coolwarm", "matplotlib:coolwarm"),
    "vik": ColourMap("Vik", "crameri:vik"),
    "purple_orange": ColourMap("Purple to orange", "colorbrewer:PuOr_r"),
    "berlin": ColourMap("Berlin, dark in the middle", "crameri:berlin"),
}


@dataclass(frozen=True)
class Colours:
    """Which of UNSIGNED_MAPS and SIGNED_MAPS values are shown in."""

    unsigned: str = "grey"
    signed: str = "blue_red"


USUAL_COLOURS = Colours()
