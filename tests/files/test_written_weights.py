"""Layers that are written as safetensors are read again, by convviz and by torch."""

import numpy as np
import pytest

import convviz
from convviz.engine.image_sets import bars_and_corners
from convviz.engine.training import train_task
from convviz.files.written_weights import safetensors_bytes


@pytest.fixture
def trained():
    *_, state = train_task(bars_and_corners(count=60), epochs=1).states()
    return state


def test_a_trained_network_comes_back_to_the_last_bit(trained, tmp_path):
    path = tmp_path / "bars.safetensors"
    path.write_bytes(safetensors_bytes(trained.layers))
    weights = convviz.read_weights(path)
    assert [*weights] == ["0", "3"]
    for number in (0, 3):
        layer = weights[str(number)]
        assert layer.weight.tobytes() == trained.layers[number].weight.tobytes()
        assert layer.bias.tobytes() == trained.layers[number].bias.tobytes()


def test_torch_takes_it_for_a_sequential(torch, trained):
    load = pytest.importorskip("safetensors.torch").load
    nn = torch.nn
    network = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding="same"), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 6, 4)
    ).double()
    network.load_state_dict(load(safetensors_bytes(trained.layers)))
    image = trained.task.held_back_images[0]
    made = network(torch.tensor(image)[None])[0].detach().numpy()
    assert np.allclose(made, trained.network(image), rtol=1e-12)


def test_kinds_flips_and_single_precision_are_kept(tmp_path):
    weight = np.arange(12, dtype=np.float32).reshape(1, 2, 2, 3)
    layers = [convviz.ConvTranspose(weight), convviz.Conv(weight, [1], flip=True)]
    path = tmp_path / "two.safetensors"
    path.write_bytes(safetensors_bytes(layers))
    weights = convviz.read_weights(path)
    assert np.array_equal(weights["0"].weight, weight)
    assert weights["0"].weight.dtype == np.float32
    assert np.array_equal(weights["1"].weight, weight[..., ::-1, ::-1])
