"""Activations in scene files: a name, and the settings that are not as they are at first."""

from collections.abc import Mapping
from typing import Any, assert_never

from convviz.engine.activation_layer import Activation, activation_of
from convviz.engine.activation_settings import (
    ChannelSetting,
    ChoiceSetting,
    NumberSetting,
    Setting,
)
from convviz.engine.activations import ACTIVATIONS
from convviz.files.scene_values import (
    LONGEST_NAME,
    NUMBER,
    Json,
    Value,
    at,
    fields_of,
    inner,
    one_of,
    read_list,
    read_number,
    read_text,
)

COMMON = ("type", "name", "disabled")
NAME = one_of(ACTIVATIONS)


def activation_fields(activation: Activation) -> Json:
    """Return an activation as fields of a layer."""
    return {"name": activation.name, **activation.changed_settings}


def read_activation(fields: Json, place: str) -> Activation:
    """Return the activation that fields of a layer describe."""
    name = NAME.read(fields.get("name", "relu"), inner(place, "name"))
    kinds = {setting.name: value_of(setting) for setting in ACTIVATIONS[name].settings}
    fields_of(fields, place, (*COMMON, *kinds))
    settings: dict[str, Any] = {}
    for setting in (name for name in kinds if name in fields):
        where = inner(place, setting)
        settings[setting] = kinds[setting].read(fields[setting], where)
        with at(where):
            Activation(name, **{setting: settings[setting]})
    return Activation(name, **settings)


def value_of(setting: Setting) -> Value:
    """Return how a setting is read, and its schema."""
    match setting:
        case NumberSetting():
            limits = {"minimum": setting.least, "maximum": setting.most}
            return Value(NUMBER.read, {**NUMBER.schema, **limits})
        case ChoiceSetting():
            return one_of([name for name, _ in setting.names])
        case ChannelSetting():
            several = {"type": "array", "items": NUMBER.schema, "minItems": 1}
            return Value(_read_numbers, {"anyOf": [NUMBER.schema, several]})
        case _:
            assert_never(setting)


def _read_numbers(value: object, place: str) -> tuple[float, ...]:
    if isinstance(value, float):
        return (read_number(value, place),)
    entries = read_list(value, place)
    return tuple(read_number(entry, f"{place}[{n}]") for n, entry in enumerate(entries))


def activation_schemas(common: Mapping[str, Json]) -> list[Json]:
    """Return the schema of those without settings, and one for each that has some.

    `common` are fields of every layer.
    """
    plain = [name for name, function in ACTIVATIONS.items() if not function.settings]
    return [
        _schema({**common, "name": {"enum": plain}}, "type"),
        *(
            _schema(
                {
                    **common,
                    "name": {"const": function.name},
                    **{s.name: value_of(s).schema for s in function.settings},
                },
                *("type", "name"),
            )
            for function in ACTIVATIONS.values()
            if function.settings
        ),
    ]


def _schema(properties: Json, *required: str) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def _read_spec(value: object, place: str) -> str:
    text = read_text(value, place)
    NAME.read(text.partition(":")[0], place)
    with at(place):
        return activation_of(text).spec


# An activation in a word: its name, and settings that differ, as in "leaky_relu:negative_slope=0.2"
SPEC = Value(_read_spec, {"type": "string", "maxLength": LONGEST_NAME})
