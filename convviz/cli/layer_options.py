"""INPUT, KERNEL and the layers: the same for every command."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypedDict

import click

from convviz.cli import parameters
from convviz.cli.failures import DataFailure
from convviz.cli.options import Decorator, activation, named, padding, setting
from convviz.cli.parameters import (
    FilledCommand,
    Padding,
    WholeNumbers,
    each_parsed,
    name_in,
    parsed,
)
from convviz.cli.pooling_help import filled, pool_option
from convviz.cli.specs import (
    PARSERS,
    LayerSpec,
    SettingError,
    activation_layer,
    checked_settings,
    layouts,
    numpy_modes,
    option_name,
    padding_modes,
    parse_spec,
)
from convviz.cli.streams import note

OPERANDS = """\b
INPUT and KERNEL may be
  a name   letter-h, sobel-x: `convviz list` shows all
  a file   an image, .npy, .csv, .tsv, .txt, .json, .xlsx, .wav, .npz, ARCHIVE.npz:NAME
  a layer  of trained weights, as KERNEL: FILE.safetensors:NAME, also .npz, .onnx
  numbers  "1,0,-1;2,0,-2;1,0,-1" or "[[1/9, 1/9], [1/9, 1/9]]"
  -        standard input
INPUT may also be an example or a scene, which bring their layers; with KERNEL,
--pool or --layer their image alone is taken.
A kernel of several channels is an array (out, in/groups, rows, columns), that
of a transposed convolution (in, out/groups, rows, columns).
A colour image becomes grey unless the first kernel takes 3 channels, or there
is none; --channels says otherwise. Rows and columns count from 0.

\b
SPEC, the layers after the first, or all of them without KERNEL and --pool:
  conv KERNEL       stride padding padding_mode padding_value dilation groups
                    bias flip
  transpose KERNEL  stride padding output_padding dilation groups bias
POOLINGS
  FILE:NAME         a layer of trained weights, with settings as conv
  relu, elu ...     an activation: leaky_relu negative_slope=0.2, prelu
                    weight=0.25,0.1; `convviz list` has all with settings
Settings are written stride=2 bias=0.5,1 flip count_include_pad=false.
"""

OF_THE_IMAGE = ("channels", "max_side")
PADDINGS = ("padding", "padding_mode", "padding_value")  # which --mode brings
NEGATIVE = re.compile(r"-[0-9.][-+0-9.,;/eE ]*")


class LayerCommand(FilledCommand):
    """A command whose INPUT may begin with a negative number, which else would be an option.

    What its epilog says of each kind of pooling is filled in when the help is asked for.
    """

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if self.epilog:
            self.epilog = filled(self.epilog)
        super().format_epilog(ctx, formatter)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(
            ctx, [f" {word}" if NEGATIVE.fullmatch(word) else word for word in args]
        )


class LayerParameters(TypedDict):
    """All that the commands share; None where an option was not given."""

    source: str | None
    kernel: str | None
    transpose: bool
    layout: str | None
    model: Path | None
    strict: bool
    pool: str | None
    window: int | WholeNumbers | None
    stride: int | WholeNumbers | None
    padding: Padding | None
    padding_mode: str | None
    padding_value: float | None
    mode: str | None
    output_padding: int | WholeNumbers | None
    dilation: int | WholeNumbers | None
    groups: int | None
    bias: float | tuple[float, ...] | None
    flip: bool | None
    ceil_mode: bool | None
    count_include_pad: bool | None
    activation: str | None
    layers: list[LayerSpec]
    channels: str | None
    max_side: int | None


LAYER_OPTIONS: tuple[Decorator, ...] = (
    click.option(
        "--transpose",
        is_flag=True,
        help="A transposed convolution: each cell of INPUT stamps KERNEL, as in torch.",
    ),
    named(
        "--layout",
        layouts,
        "In which order KERNEL is stored where its file does not tell: NAMES. oihw is (out, in, "
        "rows, columns) of torch, hwio (rows, columns, in, out) of Keras, ohwi that of MLX; of "
        "transposed ones iohw, hwoi and ohwi-transpose; hwim is Keras' depthwise kernel.",
        "LAYOUT",
    ),
    click.option(
        "--model",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="All layers of an ONNX file, as far as they follow each other, instead of KERNEL.",
    ),
    click.option(
        "--strict",
        is_flag=True,
        help="With --model: end with exit code 4 if only a part of the graph can be taken, which "
        "else is said and ends with 0.",
    ),
    pool_option,
    click.option(
        "--window",
        metavar="N[,N]",
        callback=parsed(parameters.per_axis(1)),
        help="Cells of the window of --pool.  [default: 2]",
    ),
    setting(
        "--stride",
        "N[,N]",
        "Cells from window to window: 2, or 2,1 for rows and columns.  [default: 1; with --pool "
        "the window]",
    ),
    padding(
        "A rule (NAMES), or cells: 1, or 1,2 for rows and columns, or 1:2,0:1 for before and "
        "after on each axis. With --transpose cells that are cut off.  [default: 0]"
    ),
    named("--padding-mode", padding_modes, "What padding holds: NAMES.  [default: zeros]", "MODE"),
    setting(
        "--padding-value", "NUMBER", "Fill padding with this value; the mode is then constant."
    ),
    named(
        "--mode",
        numpy_modes,
        "Of signals: what numpy.convolve makes of INPUT and KERNEL, with --no-flip "
        "numpy.correlate: NAMES.",
        "MODE",
    ),
    setting(
        "--output-padding",
        "N[,N]",
        "With --transpose: cells more at the end of the output.  [default: 0]",
    ),
    setting("--dilation", "N[,N]", "Cells from weight to weight.  [default: 1]"),
    setting("--groups", "N", "Groups of channels that do not mix.  [default: 1]"),
    setting(
        "--bias",
        "NUMBER[,NUMBER]...",
        "Added to every dot product: one number, or one for each output channel.",
    ),
    click.option(
        "--flip/--no-flip",
        default=None,
        help="Convolve, as SciPy and NumPy do, or cross-correlate, as torch does.  "
        "[default: no-flip; with --mode flip]",
    ),
    click.option(
        "--ceil-mode/--no-ceil-mode",
        default=None,
        help="With --pool: windows may hang over the end.  [default: no-ceil-mode]",
    ),
    click.option(
        "--count-include-pad/--no-count-include-pad",
        default=None,
        help="With --pool avg: padding counts as cells.  [default: count-include-pad]",
    ),
    activation(
        "Applied to every cell of the first layer's map: NAMES; with settings as in "
        "leaky_relu:negative_slope=0.2.  [default: none]",
    ),
    click.option(
        "--layer",
        "layers",
        metavar="SPEC",
        multiple=True,
        callback=each_parsed(parse_spec),
        help="A further layer, such as 'conv blur padding=same'; may be given several times.",
    ),
    click.option(
        "--channels",
        metavar="grey|all",
        callback=parsed(name_in(lambda: ("grey", "all"))),
        help="Take a colour image in grey, or with a channel for each colour: a kernel of one "
        "channel then has a copy for each.  [default: grey if the first kernel has one channel]",
    ),
    click.option(
        "--max-side",
        metavar="N",
        callback=parsed(parameters.whole(1)),
        help="Scale a larger image down to N cells on its longer side.",
    ),
)

focus_option = click.option(
    "--focus",
    metavar="N",
    callback=parsed(parameters.whole(1)),
    help="Which layer is shown, counted from 1.  [default: the last that has a kernel or a window]",
)


def layer_command(
    name: str, *, summary: str, epilog: str, required: bool = True
) -> Callable[[Callable[..., Any]], click.Command]:
    """Return a decorator that makes a command with INPUT, KERNEL and the options of the layers.

    The function takes them as LayerParameters. `summary` stands in the list of commands, `epilog`
    below what INPUT and KERNEL may be; `required` says whether INPUT must be given.
    """

    def decorate(function: Callable[..., Any]) -> click.Command:
        for parameter in reversed((*_operands(required), *LAYER_OPTIONS)):
            function = parameter(function)
        words = {"short_help": summary, "epilog": f"{OPERANDS}\n{epilog}"}
        return click.command(name, cls=LayerCommand, **words)(function)

    return decorate


def _operands(required: bool) -> tuple[Callable[[Callable[..., Any]], Callable[..., Any]], ...]:
    source = "INPUT" if required else "[INPUT]"
    slides = "What slides across INPUT."
    return (
        click.argument("source", metavar=source, required=required),
        click.option("-k", "--kernel", metavar="KERNEL", help=slides),
    )


def specs_of(given: LayerParameters, opening: LayerSpec | None = None) -> list[LayerSpec]:
    """Return the layers that were typed, in their order.

    Where none was typed, there is one if `opening` is: with the settings that were given.

    Raises
    ------
    click.UsageError
        When options contradict each other, or belong to no layer.
    """
    first, layers = _first_spec(given), given["layers"]
    if given["model"]:
        return [*_model_specs(given, given["model"]), *layers]
    if first is None and opening and not layers:
        settings = {**opening.settings, **_settings(given, opening.kind)}
        first = replace(opening, settings=settings, mode=given["mode"])
    if first is None:
        _check_options_are_of_no_layer(given)
        return layers
    activation = given["activation"] or "none"
    activated = [] if activation == "none" else [activation_layer(activation, by_options=True)]
    return [first, *activated, *layers]


def names_no_layer(given: LayerParameters) -> bool:
    """Return whether neither KERNEL nor --pool, --model nor --layer was given."""
    return _first_spec(given) is None and not (given["layers"] or given["model"])


def given_options(given: LayerParameters) -> list[str]:
    """Return the options that were given and change the image or the first layer."""
    names = (*PARSERS, "mode", "activation", *OF_THE_IMAGE)
    values = dict(given)
    return [option_name(name) for name in names if values[name] is not None]


def _check_options_are_of_no_layer(given: LayerParameters) -> None:
    of_image = tuple(map(option_name, OF_THE_IMAGE))
    options = [option for option in given_options(given) if option not in of_image]
    if not given["layers"]:
        raise click.UsageError(
            "there is no layer: give '-k' / '--kernel', '--pool', '--model' or '--layer'"
        )
    if options:
        typed = (
            "such as relu" if options == ["--activation"] else "with its settings in it: stride=2"
        )
        raise click.UsageError(
            f"{options[0]} is of the layer that KERNEL or --pool gives: write a --layer {typed}"
        )


def _model_specs(given: LayerParameters, path: Path) -> list[LayerSpec]:
    """Return the layers of an ONNX file up to the first that cannot be taken over, and say so."""
    options = [option for option in given_options(given) if option != "--max-side"]
    others = ["'-k' / '--kernel'"] * (given["kernel"] is not None) + ["--pool"] * bool(
        given["pool"]
    )
    if others or options:
        raise click.UsageError(f"{(others + options)[0]}: --model brings its layers and settings")
    from convviz.engine.geometry import counted
    from convviz.files.weights import read_weights
    from convviz.model.stacking import kind_of

    stack = read_weights(path).stack
    if stack is None:
        raise DataFailure(f"{path}: only ONNX files hold a model; give one layer: -k {path}:NAME")
    if not stack.layers:
        raise DataFailure(f"{path}: no layer can be taken over: {stack.rest}")
    if stack.rest:
        count = counted(len(stack.layers), "layer")
        taken = f"its first {count} {'is' if len(stack.layers) == 1 else 'are'} taken"
        if given["strict"]:
            raise DataFailure(f"{path}: --strict: {taken} alone; then {stack.rest}")
        note(f"{path}: {taken}; then {stack.rest}")
    for said in stack.notes:
        note(f"{path}: {said}")
    return [LayerSpec(kind_of(layer), layer=layer) for layer in stack.layers]


def _first_spec(given: LayerParameters) -> LayerSpec | None:
    _check_kind(given)
    if given["pool"]:
        spec = LayerSpec(given["pool"], by_options=True, settings=_settings(given, given["pool"]))
        return spec if given["window"] is None else replace(spec, window=given["window"])
    if given["kernel"] is not None:
        kind = "transpose" if given["transpose"] else "conv"
        return LayerSpec(
            kind,
            given["kernel"],
            settings=_settings(given, kind),
            by_options=True,
            mode=given["mode"],
            layout=given["layout"],
        )
    return None


def _check_kind(given: LayerParameters) -> None:
    """Refuse options that say of what kind the first layer is when they do not go together."""
    if given["pool"] and given["kernel"] is not None:
        raise click.UsageError(
            "--pool has a window instead of KERNEL: leave one of them out, or let a --layer follow"
        )
    if given["transpose"] and given["kernel"] is None:
        raise click.UsageError("--transpose needs KERNEL: give it with -k")
    if given["layout"] and given["kernel"] is None:
        raise click.UsageError("--layout is that of KERNEL: give it with -k, or a SPEC layout=hwio")
    if given["strict"] and not given["model"]:
        raise click.UsageError("--strict is that of --model: give both, or leave it out")
    if given["window"] is not None and not given["pool"]:
        raise click.UsageError("--window is that of --pool: say --pool max or --pool avg")
    if given["mode"]:
        _check_mode(given)


def _check_mode(given: LayerParameters) -> None:
    """Refuse what --mode does not go together with."""
    other = "--pool" if given["pool"] else "--transpose"
    if given["pool"] or given["transpose"]:
        raise click.UsageError(f"--mode is that of a convolution: leave it out, or {other}")
    values = dict(given)
    option = next((option_name(name) for name in PADDINGS if values[name] is not None), None)
    if option:
        raise click.UsageError(f"--mode brings zeros as NumPy does: leave it out, or {option}")


def _settings(given: LayerParameters, kind: str) -> Mapping[str, Any]:
    """Return the settings that were given, as keywords of the layer.

    Raises
    ------
    click.BadParameter
        When a layer of that kind has no such setting, or not with such a value.
    """
    settings = {name: value for name, value in given.items() if name in PARSERS}
    settings = {name: value for name, value in settings.items() if value is not None}
    if given["mode"]:
        settings = {"flip": True, **settings}
    try:
        return checked_settings(kind, settings, by_options=True)
    except SettingError as error:
        hint = f"'{option_name(error.setting)}'"
        raise click.BadParameter(error.reason, param_hint=hint) from None
