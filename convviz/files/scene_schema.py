"""The JSON Schema of scene files, made from the settings of the layers."""

from dataclasses import fields

from convviz.engine.layers import Activation
from convviz.files.scene_activations import activation_schemas
from convviz.files.scene_learning import LEARNT
from convviz.files.scene_values import ARRAY, DEFINITIONS, FLAG, SETTINGS, TEXT, Json
from convviz.files.scene_views import PANES, PLACE, VIEW, ZOOM
from convviz.files.scenes import FORMAT, LAYER_TYPES, NEEDED, VERSION


def scene_schema() -> Json:
    """Return the JSON Schema of scene files."""
    image = {"name": TEXT.schema, **ARRAY.schema["properties"]}
    zoom = _object({name: kind.schema for name, kind in ZOOM.items()})
    view = {name: kind.schema for name, kind in VIEW.items()}
    place = {name: kind.schema for name, kind in PLACE.items()}
    document = {
        "image": _object(image, "name", "values"),
        "layers": {
            "type": "array",
            "minItems": 1,
            "items": {"oneOf": [s for kind in LAYER_TYPES for s in _layer_schemas(kind)]},
        },
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{FORMAT}, version {VERSION}",
        **_object(
            {
                "format": {"const": FORMAT},
                "version": {"const": VERSION},
                **document,
                "view": _object({**view, "zooms": _object(dict.fromkeys(PANES, zoom))}),
                "learning": _object({name: kind.schema for name, kind in LEARNT.items()}),
                "aside": _object({**document, "view": _object(place)}, "image", "layers"),
            },
            *("format", "version", "image", "layers"),
        ),
        "$defs": DEFINITIONS,
    }


def _layer_schemas(kind: str) -> list[Json]:
    common = {"type": {"const": kind}, "disabled": FLAG.schema}
    if LAYER_TYPES[kind] is Activation:
        return activation_schemas(common)
    settings = {
        setting.name: SETTINGS[setting.name].schema for setting in fields(LAYER_TYPES[kind])
    }
    return [_object({**common, **settings}, "type", *NEEDED.get(kind, ()))]


def _object(properties: Json, *required: str) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }
