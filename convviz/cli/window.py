"""convviz [FILE]: the window."""

import click

from convviz.cli.parameters import FilledCommand
from convviz.cli.surroundings import check_screen, loading_qt


@click.command("open", cls=FilledCommand, short_help="Open the window, as `convviz [FILE]` does.")
@click.argument("file", required=False)
def command(file: str | None) -> int:
    """Open the window; `convviz FILE` does the same.

    FILE is a scene, an image, an array (ARCHIVE.npz:NAME is one of several), weights of a trained
    network, or the name of an input or example that `convviz list` shows.
    """
    check_screen()
    if file is not None:
        from convviz.cli.operands import check_input_name

        check_input_name(file)
    with loading_qt():
        from convviz.ui.app import run
    return run(file)
