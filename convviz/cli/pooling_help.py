"""What the help says of each kind of pooling; their table is loaded when it is asked for."""

import click

from convviz.cli.parameters import NamesOption, name_in, parsed
from convviz.cli.specs import poolings


class PoolOption(NamesOption):
    """--pool, with what each kind of pooling takes in its help for POOLED."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        from convviz.engine.poolings import POOLINGS

        record = super().get_help_record(ctx)
        pooled = " or ".join(pooling.summary for pooling in POOLINGS.values())
        return record and (record[0], record[1].replace("POOLED", pooled))


pool_option = click.option(
    "--pool",
    cls=PoolOption,
    names=poolings,
    metavar="NAMES",
    callback=parsed(name_in(poolings)),
    help="Take POOLED of each window, instead of KERNEL.",
)


def filled(text: str) -> str:
    """Return help with a line for each kind of pooling for POOLINGS, and its JSON for WINDOWS."""
    return text.replace("POOLINGS", _specs()).replace("WINDOWS", _json())


def _specs() -> str:
    from convviz.engine.poolings import POOLINGS

    lines = (f"  {f'{p.name} [N[,N]]':<17} {' '.join(p.settings)}" for p in POOLINGS.values())
    return "\n".join(lines)


def _json() -> str:
    from convviz.engine.poolings import POOLINGS

    lines = []
    for pooling in POOLINGS.values():
        names = ("place", "inside", "cell", pooling.column, *((pooling.mark,) * bool(pooling.mark)))
        quoted = ", ".join(f'"{name}"' for name in names)
        lines.append(f'   {f"of {pooling.name} pooling:":<19}"cells": [{{{quoted}}}],')
        lines += [f'{"":22}"sum", "divisor",'] * pooling.divides
    return "\n".join(lines)
