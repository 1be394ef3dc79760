"""What the help says of each kind of pooling; their table is loaded when it is asked for."""

import click

from convviz.cli.parameters import NamesOption


class PoolOption(NamesOption):
    """--pool, with what each kind of pooling takes in its help for POOLED."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        from convviz.engine.poolings import POOLINGS

        record = super().get_help_record(ctx)
        pooled = " or ".join(pooling.summary for pooling in POOLINGS.values())
        return record and (record[0], record[1].replace("POOLED", pooled))


def pooled_specs(text: str) -> str:
    """Return help with a line for each kind of pooling in a SPEC, in the place of POOLINGS."""
    from convviz.engine.poolings import POOLINGS

    lines = (f"  {f'{p.name} [N[,N]]':<17} {' '.join(p.settings)}" for p in POOLINGS.values())
    return text.replace("POOLINGS", "\n".join(lines))


def pooled_json(text: str) -> str:
    """Return help with the JSON of a window of each kind of pooling, in the place of WINDOWS."""
    from convviz.engine.poolings import POOLINGS

    lines = []
    for pooling in POOLINGS.values():
        names = ("place", "inside", "cell", pooling.column, *((pooling.mark,) * bool(pooling.mark)))
        quoted = ", ".join(f'"{name}"' for name in names)
        lines.append(f'   {f"of {pooling.name} pooling:":<19}"cells": [{{{quoted}}}],')
        lines += [f'{"":22}"sum", "divisor",'] * pooling.divides
    return text.replace("WINDOWS", "\n".join(lines))
