"""What stands behind an option, as values: each parser raises ValueError with a sentence."""

import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Any, TypeVar

import click

from convviz.files.expressions import parse_number

T = TypeVar("T")
Parse = Callable[[str], T]
WholeNumbers = tuple[int, ...]
Padding = int | str | tuple[tuple[int, int], ...]
Texts = tuple[str, ...]

SIZE = re.compile(r"([0-9]{1,6})[x×]([0-9]{1,6})")
STEPS = re.compile(r"([0-9]{0,12})(:?)([0-9]{0,12})")
TRUTH = {"true": True, "yes": True, "on": True, "1": True}
TRUTH |= {"false": False, "no": False, "off": False, "0": False}


def parsed(parse: Parse[T]) -> Callable[[click.Context, click.Parameter, str | None], T | None]:
    """Return a callback for click that parses the value; one that is None was not given."""

    def callback(_ctx: click.Context, _param: click.Parameter, value: str | None) -> T | None:
        try:
            return None if value is None else parse(value)
        except ValueError as error:
            raise click.BadParameter(str(error)) from None

    return callback


def each_parsed(parse: Parse[T]) -> Callable[[click.Context, click.Parameter, Texts], list[T]]:
    """Return a callback for an option that may be given several times."""

    def callback(_ctx: click.Context, _param: click.Parameter, values: Texts) -> list[T]:
        try:
            return [parse(value) for value in values]
        except ValueError as error:
            raise click.BadParameter(str(error)) from None

    return callback


class FilledCommand(click.Command):
    """A command that refuses empty words: a shell makes them of variables that are not set."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        self._refuse_empty(ctx, args)
        return super().parse_args(ctx, args)

    def _refuse_empty(self, ctx: click.Context, args: list[str]) -> None:
        """Name the argument or option that an empty word was given for."""
        given, _, _ = self.make_parser(ctx).parse_args(args=list(args))
        for parameter in self.get_params(ctx):
            value = given.get(parameter.name or "")
            if value == "" or (isinstance(value, list | tuple) and "" in value):
                name = parameter.get_error_hint(ctx).replace("'", "").strip("[]")
                raise click.UsageError(f"{name} is empty: is a variable of the shell not set?", ctx)


class NamesOption(click.Option):
    """An option whose value is a name in a table; its help lists them.

    The tables are made of NumPy's functions, so they are loaded only when they are asked for.
    """

    def __init__(self, *args: Any, names: Callable[[], Iterable[str]], **settings: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **settings)
        self._names = names

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        record = super().get_help_record(ctx)
        if record is None:
            return None
        usage, text = record
        names = tuple(self._names())
        return usage.replace("NAMES", "|".join(names)), text.replace("NAMES", ", ".join(names))


def name_in(names: Callable[[], Iterable[str]]) -> Parse[str]:
    """Return a parser of names; hyphens may stand for underscores."""

    def parse(text: str) -> str:
        known, name = tuple(names()), text.lower().replace("-", "_")
        if name not in known:
            raise ValueError(f"{text!r} is none of {', '.join(known)}{did_you_mean(name, known)}")
        return name

    return parse


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a question that names what is spelled alike, or nothing.

    >>> did_you_mean("sobelx", ["sobel-x", "blur"])
    '; did you mean sobel-x?'
    """
    close = get_close_matches(name.lower(), list(known))
    return f"; did you mean {' or '.join(close)}?" if close else ""


def whole_numbers(least: int) -> Parse[WholeNumbers]:
    """Return a parser of "2" and "2,1", each number `least` or more."""

    def parse(text: str) -> WholeNumbers:
        return tuple(_whole(part, least) for part in text.split(","))

    return parse


def per_axis(least: int) -> Parse[int | WholeNumbers]:
    """Return a parser of "2" as a number for every axis, and of "2,1" as one for each."""

    def parse(text: str) -> int | WholeNumbers:
        numbers = whole_numbers(least)(text)
        return numbers if len(numbers) > 1 else numbers[0]

    return parse


def whole(least: int) -> Parse[int]:
    """Return a parser of one whole number, `least` or more."""
    return lambda text: _whole(text, least)


def truth(text: str) -> bool:
    """Return whether "true" or "yes" is said, or "false" or "no"."""
    try:
        return TRUTH[text.lower()]
    except KeyError:
        raise ValueError(f"{text!r} is neither true nor false") from None


def _whole(text: str, least: int) -> int:
    if not re.fullmatch(r"\s*[-+]?[0-9]{1,18}\s*", text):
        raise ValueError(f"{text!r} is not a whole number")
    if int(text) < least:
        raise ValueError(f"{text.strip()} is less than {least}")
    return int(text)


def padding(rule: Parse[str]) -> Parse[Padding]:
    """Return a parser of a rule's name, of "1", of "1,2", and of "1:2,0:1"."""

    def parse(text: str) -> Padding:
        if text[:1].isalpha():
            return rule(text)
        if text.strip().isdecimal():
            return _whole(text, 0)
        return tuple(_before_after(part) for part in text.split(","))

    return parse


def _before_after(text: str) -> tuple[int, int]:
    before, _, after = text.partition(":")
    first = _whole(before, 0)
    return first, _whole(after, 0) if ":" in text else first


def cells_per_side(value: Padding) -> int | WholeNumbers:
    """Return padding as layers have it that know no rules and treat both sides alike.

    >>> cells_per_side(((1, 1), (2, 2)))
    (1, 2)
    """
    if isinstance(value, str):
        raise ValueError("has no padding rules: give cells, 1 or 1,2 for rows and columns")
    if isinstance(value, int):
        return value
    if any(before != after for before, after in value):
        raise ValueError("takes as many before as after: give 1, or 1,2 for rows and columns")
    return tuple(before for before, _ in value)


def padding_text(value: str | tuple[int | tuple[int, int], ...]) -> str:
    """Return a rule, or cells per axis, as `--padding` takes them.

    >>> padding_text(((1, 1), (1, 1))), padding_text(((1, 2), (0, 0))), padding_text((1, 2))
    ('1', '1:2,0', '1,2')
    """
    if isinstance(value, str):
        return value
    pairs = [cells if isinstance(cells, tuple) else (cells, cells) for cells in value]
    parts = [str(b) if b == a else f"{b}:{a}" for b, a in pairs]
    return parts[0] if len(set(parts)) == 1 and ":" not in parts[0] else ",".join(parts)


def per_axis_text(values: WholeNumbers) -> str:
    """Return one whole number per axis as `--stride` and `--dilation` take them."""
    return str(values[0]) if len(set(values)) == 1 else ",".join(map(str, values))


def per_channel(text: str) -> float | tuple[float, ...]:
    """Return "0.5" as a number for every channel, "0.5,1/9" as one for each."""
    numbers = tuple(parse_number(part) for part in text.split(","))
    return numbers if len(numbers) > 1 else numbers[0]


def size(text: str) -> tuple[int, int]:
    """Return width and height of "1280x720"."""
    match = SIZE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a width and a height such as 1280x720")
    return int(match[1]), int(match[2])


def scale(text: str) -> float:
    """Return a number from 0.25 to 16."""
    value = parse_number(text)
    if not 0.25 <= value <= 16:
        raise ValueError(f"{text} is not between 0.25 and 16")
    return value


def steps(text: str) -> tuple[int | None, int | None]:
    """Return the first and the last step of "3", "1:10", "5:" or ":10"; None for an end left out.

    >>> steps("3"), steps("5:")
    ((3, 3), (5, None))
    """
    match = STEPS.fullmatch(text)
    if match is None or not (match[1] or match[3]):
        raise ValueError(f"{text!r} is not a range of steps such as 1:10, 5: or 3")
    first, last = (int(digits) if digits else None for digits in match.group(1, 3))
    return first, last if match[2] else first
