"""Options that several commands have, each with its own words of help."""

from collections.abc import Callable, Iterable
from typing import Any

import click

from convviz.cli.parameters import NamesOption, name_in, parsed
from convviz.cli.specs import PARSERS, activation_spec, activations, padding_rules

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def setting(name: str, metavar: str, text: str) -> Decorator:
    """Return an option such as --stride for the setting of a layer that it is called after."""
    parse = PARSERS[name.removeprefix("--").replace("-", "_")]
    return click.option(name, metavar=metavar, callback=parsed(parse), help=text)


def named(
    name: str, names: Callable[[], Iterable[str]], text: str, metavar: str = "NAME"
) -> Decorator:
    """Return an option that takes one of `names`, which stand in its help for NAMES."""
    parse = parsed(name_in(names))
    return click.option(
        name, cls=NamesOption, names=names, metavar=metavar, callback=parse, help=text
    )


def padding(text: str) -> Decorator:
    """Return the option --padding, a rule or cells; rules stand in its help for NAMES."""
    return click.option(
        "--padding",
        cls=NamesOption,
        names=padding_rules,
        metavar="RULE|CELLS",
        callback=parsed(PARSERS["padding"]),
        help=text,
    )


def activation(text: str) -> Decorator:
    """Return the option --activation; names stand in its help for NAMES."""
    return click.option(
        "--activation",
        cls=NamesOption,
        names=activations,
        metavar="NAME[:SETTINGS]",
        callback=parsed(activation_spec),
        help=text,
    )
