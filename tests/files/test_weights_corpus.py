"""ONNX models that others made: each lists its weights, or says in one line why not."""

import csv
import json
import time

import pytest
from test_corpus import CORPUS, MANIFEST, SECONDS

from convviz.files.errors import FileError
from convviz.files.weights import read_weights

pytest.importorskip("onnx", reason="onnx is not installed")


def models():
    if not MANIFEST.exists():
        return []
    with MANIFEST.open(encoding="utf-8") as stream:
        rows = csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(r["file"], r["expected"]) for r in rows if r["file"].startswith("onnx/")]


@pytest.mark.parametrize(("name", "expected"), models())
def test_every_model_lists_its_weights_or_says_why_not(name, expected, capfd):
    start = time.process_time()
    if expected.startswith("list weights "):
        weights = read_weights(CORPUS / name)
        found = [[entry.name, list(entry.shape)] for entry in weights.entries]
        assert found == json.loads(expected.removeprefix("list weights "))
        assert weights.stack is not None
        for layer in weights.values():
            assert list(layer.weight.shape) in [shape for _, shape in found]
    else:
        assert expected == 'error "no convolution weights"'
        with pytest.raises(FileError) as failure:
            read_weights(CORPUS / name)
        assert str(failure.value).startswith(f"{CORPUS / name}: it holds no convolution weights")
        assert str(failure.value).isprintable()
    assert time.process_time() - start < SECONDS
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(not MANIFEST.exists(), reason="no corpus here")
def test_all_models_of_the_corpus_were_tried():
    assert len(models()) == 43
