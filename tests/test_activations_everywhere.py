"""Every activation, with every kind of setting, through every place that has to know it.

Whoever adds one to ACTIVATIONS is stopped here at each place that does not know it yet.
"""

import json
from dataclasses import replace

import numpy as np
import pytest
from activation_cases import CASES, IMAGE
from sheet_cases import maps_in
from sheet_evaluator import Workbook

import convviz
from convviz.cli.specs import activation_spec, parse_spec
from convviz.engine.activation_layer import activation_of
from convviz.engine.activation_settings import ChoiceSetting, shown_value
from convviz.engine.activations import ACTIVATIONS
from convviz.engine.learning import learn_task
from convviz.engine.training import small_network
from convviz.export.spreadsheet import spreadsheet_bytes
from convviz.export.torch_text import torch_text
from convviz.files.scene_schema import scene_schema
from convviz.files.scenes import read_scene, scene_bytes
from convviz.files.weights import read_weights
from convviz.model.derive import derive_scene
from convviz.model.document import Document, results
from convviz.model.session import Session
from convviz.model.stacking import LAYER_KINDS, kind_of

SPECS = list(CASES)
CONV = convviz.Conv(np.array([[[[1.0]]], [[[-0.5]]], [[[2.0]]]]))


def document(activation, image, *before):
    return Document(image, "Cells", (*before, activation))


def test_the_cases_hold_every_activation_with_every_setting_changed():
    for function in ACTIVATIONS.values():
        cases = [case for case in CASES.values() if case.name == function.name]
        assert any(not case.changed_settings for case in cases)
        for setting in function.settings:
            assert any(setting.name in case.changed_settings for case in cases), setting.name


@pytest.mark.parametrize("spec", SPECS)
def test_a_scene_keeps_it_as_few_words(spec):
    session = Session(document(CASES[spec], IMAGE))
    written = scene_bytes(session)
    assert read_scene(written).document.layers == (CASES[spec],)
    layer = json.loads(written)["layers"][0]
    assert list(layer) == ["type", "name", *CASES[spec].changed_settings]
    learning = replace(session.document.learning, activation=spec)
    learns = Session(replace(document(CASES[spec], IMAGE), learning=learning))
    assert read_scene(scene_bytes(learns)).document.learning.activation == spec


@pytest.mark.parametrize("spec", SPECS)
def test_the_schema_of_scenes_knows_its_settings(spec):
    kinds = scene_schema()["properties"]["layers"]["items"]["oneOf"]
    named = [k["properties"] for k in kinds if "name" in k["properties"]]
    name = CASES[spec].name
    (mine,) = (n for n in named if name in n["name"].get("enum", [n["name"].get("const")]))
    assert set(mine) == {"type", "disabled", "name", *CASES[spec].settings}


@pytest.mark.parametrize("spec", [spec for spec in SPECS if spec != "none"])
def test_the_command_line_makes_and_describes_it(spec, convviz_does, tmp_path):
    activation = CASES[spec]
    np.save(tmp_path / "cells.npy", IMAGE)
    code, out, _ = convviz_does("compute", tmp_path / "cells.npy", "--layer", spec, "--json")
    assert code == 0
    found = json.loads(out)
    np.testing.assert_allclose(found["values"], activation.apply(IMAGE), rtol=1e-15)
    (layer,) = found["layers"]
    assert layer["kind"] == activation.name
    for name, value in activation.settings.items():
        assert layer[name] == (list(value) if isinstance(value, tuple) else value)


@pytest.mark.parametrize("spec", SPECS)
def test_it_is_typed_as_an_option_and_as_a_layer(spec):
    assert activation_of(activation_spec(spec)) == CASES[spec]
    if spec != "none":
        name, *settings = spec.replace(":", ",").split(",")
        joined = ",".join(settings).replace(",beta", " beta").replace(",threshold", " threshold")
        typed = parse_spec(f"{name} {joined}")
        assert activation_of(name).with_settings(**typed.settings) == CASES[spec]


def test_the_command_line_lists_all_with_their_settings(convviz_does):
    listed = json.loads(convviz_does("list", "--json").out)["activations"]
    assert [entry["name"] for entry in listed] == list(ACTIVATIONS)
    for entry in listed:
        function = ACTIVATIONS[entry["name"]]
        assert entry["settings"].keys() == function.defaults.keys()
        for setting in function.settings:
            assert f"{setting.name}={shown_value(setting.default)}" in entry["summary"]


@pytest.mark.parametrize("spec", SPECS)
def test_a_spreadsheet_computes_it(spec):
    sheet = document(CASES[spec], IMAGE[:1], CONV)
    made = results(sheet).entering(2)
    found = maps_in(Workbook(spreadsheet_bytes(sheet)).value, sheet, made.shape)
    np.testing.assert_allclose(found, made, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("spec", SPECS)
def test_torch_makes_the_same_of_its_line(spec, torch):
    """Weights of each channel are numbers that the class holds, as those of a convolution."""
    activation = CASES[spec]
    module = eval(torch_text(activation, IMAGE.shape), {"torch": torch})
    if isinstance(module, torch.nn.Module):
        module = module.double()
        weight = activation.settings.get("weight", ())
        if len(weight) > 1:
            assert module.weight.shape == (len(weight),)
            module.weight.data = torch.tensor(weight, dtype=torch.float64)
    with torch.no_grad():
        made = module(torch.tensor(IMAGE)[None])[0].numpy()
    rounded = 1e-7 if hasattr(module, "weight") else 1e-12  # weights begin in single precision
    np.testing.assert_allclose(made, activation.apply(IMAGE), rtol=rounded, atol=1e-14)


def node_steps(activation, onnx_models):
    """The nodes that ACTIVATIONS says an activation is, as `chain` takes them."""
    operator = activation.function.onnx
    attributes = {name: activation.settings[s] for name, (s, _) in operator.attributes.items()}
    inputs = [np.reshape(activation.settings[s], (-1, 1, 1)) for s in operator.inputs]
    limits = [np.array(limit) for limit in operator.limits]
    stored = [np.asarray(array, np.float32) for array in (*inputs, *limits)]
    helper, numpy_helper = onnx_models.helper, onnx_models.numpy_helper
    tensors = [numpy_helper.from_array(array, f"stored{n}") for n, array in enumerate(stored)]
    names = ["kept", *(tensor.name for tensor in tensors)]
    weight = np.eye(3, dtype=np.float32)[:, :, None, None]
    kernel = helper.make_node("Conv", ["image", "weight"], ["kept"])
    tensors.append(numpy_helper.from_array(weight, "weight"))
    made = "gate" if operator.gates else "made"
    nodes = [kernel, helper.make_node(operator.name, names, [made], **attributes)]
    if operator.gates:
        nodes.append(helper.make_node("Mul", ["gate", "kept"], ["made"]))
    return nodes, tensors


def is_said_by_onnx(activation):
    operator = activation.function.onnx
    said = {setting for setting, _ in operator.attributes.values()} | {*operator.inputs}
    return activation.changed_settings.keys() <= said


@pytest.mark.parametrize("spec", [s for s in SPECS if is_said_by_onnx(CASES[s]) and s != "none"])
def test_onnx_runtime_and_the_reader_agree_on_its_nodes(spec, tmp_path):
    onnx_models = pytest.importorskip("onnx_models", reason="onnx is not installed")
    activation = CASES[spec]
    written = onnx_models.model(*node_steps(activation, onnx_models), "made", opset=20)
    (tmp_path / "net.onnx").write_bytes(written)
    stack = read_weights(tmp_path / "net.onnx").stack
    assert (stack.layers[1:], stack.rest) == ((activation,), "")
    made = onnx_models.run(written, IMAGE)
    np.testing.assert_allclose(made, activation.apply(IMAGE), rtol=2e-6, atol=3e-6)


@pytest.mark.parametrize("spec", [spec for spec in SPECS if spec != "none"])
def test_the_window_has_its_words_its_numbers_and_its_curve(spec):
    activation = CASES[spec]
    scene = derive_scene(Session(document(activation, IMAGE)))
    assert activation.title in scene.sentence
    curve = scene.kernel.curve
    assert curve.formula == activation.for_channel(0).formula
    assert curve.x[-1] >= min(np.abs(IMAGE).max(), activation.function.curve)
    assert np.isfinite(curve.y).all()
    np.testing.assert_allclose(curve.y, activation.for_channel(0).apply(curve.x))
    after = derive_scene(Session(document(activation, IMAGE[:1], CONV)))
    assert activation.title in after.sentence


@pytest.mark.parametrize("spec", SPECS)
def test_it_can_be_added_and_says_what_it_does(spec):
    activation = CASES[spec]
    if spec != "none":
        kind = LAYER_KINDS[kind_of(activation)]
        assert kind.make(IMAGE.shape) == activation_of(activation.name)
        assert kind.summary == activation.function.formula
    assert activation.title
    assert all(setting.summary and setting.title for setting in activation.function.settings)
    for setting in activation.function.settings:
        if isinstance(setting, ChoiceSetting):
            assert len(setting.names) > 1


@pytest.mark.parametrize(
    "spec", [s for s in SPECS if len(CASES[s].settings.get("weight", "1")) == 1]
)
def test_a_kernel_is_learnt_through_it_below_the_stable_rate(spec):
    rng = np.random.default_rng(3)
    image = rng.normal(size=(6, 6))
    task = learn_task(
        image, rng.normal(size=(4, 4)), initial=rng.normal(size=(3, 3)), activation=spec
    )
    plain, steepest = learn_task(image, np.ones((4, 4))).bound, CASES[spec].steepest
    assert task.bound == (pytest.approx(plain / steepest**2) if steepest else None)
    states = list(replace(task, steps=30).states())
    assert states[-1].loss <= states[0].loss * (1 + 1e-12)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_a_network_is_made_with_it(name):
    layers = small_network((1, 8, 8), 2, activation=name)
    assert layers[1] == activation_of(name)
