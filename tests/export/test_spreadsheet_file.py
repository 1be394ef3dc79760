"""Exported spreadsheets: their formulas make what convviz makes, and follow what is typed."""

import io
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace

import numpy as np
import openpyxl
import pytest
from sheet_cases import DOCUMENTS, conv, document, maps_in, numbers
from sheet_evaluator import Workbook

from convviz.engine.layers import Activation, Conv, ConvTranspose, Pool
from convviz.export.sheets import sheets_of
from convviz.export.spreadsheet import spreadsheet_bytes
from convviz.export.torch_text import torch_text
from convviz.files.errors import Refusal
from convviz.model.document import Document, default_document, results


def made(document):
    return results(document).entering(len(document.layers))


def agree(found, document):
    expected = made(document)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_formulas_make_what_convviz_makes(name):
    document = DOCUMENTS[name]
    book = Workbook(spreadsheet_bytes(document))
    agree(maps_in(book.value, document, made(document).shape), document)


def recalculated(data, folder):
    """Return the workbook with the values that LibreOffice computes."""
    (folder / "in").mkdir()
    source = folder / "in" / "book.xlsx"
    source.write_bytes(data)
    profile = f"-env:UserInstallation=file://{folder}/profile"
    convert = ["--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML"]
    subprocess.run(
        ["soffice", profile, *convert, "--outdir", folder, source],
        check=True, capture_output=True, timeout=100,
    )  # fmt: skip
    return openpyxl.load_workbook(folder / "book.xlsx", data_only=True)


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
@pytest.mark.parametrize("name", DOCUMENTS)
def test_libreoffice_computes_what_convviz_computes(name, tmp_path):
    document = DOCUMENTS[name]
    book = recalculated(spreadsheet_bytes(document), tmp_path)
    found = maps_in(
        lambda sheet, row, column: book[sheet].cell(row, column).value,
        document,
        made(document).shape,
    )
    agree(found, document)


def edited(data, sheet, row, column, value):
    book = openpyxl.load_workbook(io.BytesIO(data))
    book[sheet].cell(row, column).value = value
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def first_block(document, role):
    return next(block for block in sheets_of(document)[0].blocks if block.role == role)


@pytest.mark.parametrize("mode", ["zeros", "reflect", "symmetric", "replicate", "circular"])
def test_the_map_follows_an_input_cell_and_so_do_its_copies_in_the_padding(mode):
    before = document((1, 4, 4), conv(1, 1, 3, 3, padding=2, padding_mode=mode, flip=True))
    block = first_block(before, "input")
    data = edited(spreadsheet_bytes(before), block.sheet, block.row + 2, block.column + 3, 42)
    image = before.image.copy()
    image[0, 0, 1] = 42
    after = replace(before, image=image)
    agree(maps_in(Workbook(data).value, before, made(after).shape), after)


@pytest.mark.parametrize("dilation", [1, 2])
def test_no_function_of_a_large_window_has_more_arguments_than_excel_takes(dilation):
    before = document((1, 40, 40), Pool("max", 17, stride=6, dilation=dilation))
    output = first_block(before, "output")
    for formula in (entry for row in output.cells for entry in row):
        calls = re.findall(r"[A-Z]+\(([^()]*)\)", formula)
        assert calls
        assert all(call.count(",") < 255 for call in calls)


BARE = {"Conv2d(1, 2, (3, 3)": conv(2, 1, 3, 3), "Conv1d(2, 1, (3,)": conv(1, 2, 3)}
TRANSPOSED = {"ConvTranspose2d(1, 2, (3, 3)": ConvTranspose(numbers(1, 2, 3, 3))}


@pytest.mark.parametrize(("text", "layer"), [*BARE.items(), *TRANSPOSED.items()])
def test_torchs_words_say_whether_there_is_a_bias(text, layer):
    shape = (layer.in_channels, *(9,) * layer.rank)
    assert torch_text(layer, shape) == f"torch.nn.{text}, bias=False)"
    biased = replace(layer, bias=np.zeros(layer.out_channels))
    assert torch_text(biased, shape) == f"torch.nn.{text})"


def test_torchs_words_of_other_layers_say_nothing_of_a_bias():
    assert torch_text(Pool("max", 2), (1, 4, 4)) == "torch.nn.MaxPool2d((2, 2), stride=(2, 2))"
    assert torch_text(Activation("relu"), (1, 4, 4)) == "torch.nn.ReLU()"


@pytest.mark.parametrize("settings", [{}, {"flip": True}, {"dilation": 2}, {"padding": "same"}])
def test_the_map_follows_a_weight(settings):
    before = document((1, 6, 6), conv(1, 1, 3, 3, **settings), Activation("relu"), Pool("max", 2))
    block = first_block(before, "kernel")
    data = edited(spreadsheet_bytes(before), block.sheet, block.row, block.column + 2, -7)
    weight = before.layers[0].weight.copy()
    weight[0, 0, 0, 2] = -7
    after = replace(before, layers=(Conv(weight, **settings), *before.layers[1:]))
    agree(maps_in(Workbook(data).value, before, made(after).shape), after)


def test_the_value_in_the_padding_is_a_cell_of_its_own():
    layer = conv(1, 1, 3, 3, padding=1, padding_mode="constant", padding_value=3)
    before = document((1, 3, 3), layer)
    block = first_block(before, "kernel")
    data = edited(spreadsheet_bytes(before), block.sheet, block.row, block.column, -1)
    after = replace(
        before,
        layers=(Conv(layer.weight, padding=1, padding_mode="constant", padding_value=-1),),
    )
    agree(maps_in(Workbook(data).value, before, made(after).shape), after)


def test_every_number_has_all_its_digits():
    image = np.array([[[0.1 + 0.2, 1 / 3, 5e-324, -1.7976931348623157e308]]])
    book = Workbook(spreadsheet_bytes(Document(image, "Digits", (Activation("none"),))))
    block = first_block(Document(image, "Digits", (Activation("none"),)), "input")
    found = [book.value(block.sheet, block.row, block.column + n) for n in range(4)]
    assert found == image[0, 0].tolist()


@pytest.mark.parametrize(
    "name", ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\t=1", "a\x00b"]
)
def test_a_name_is_text_whatever_it_begins_with(name):
    data = spreadsheet_bytes(replace(default_document(), image_name=name))
    book = openpyxl.load_workbook(io.BytesIO(data))
    cell = book["About"]["A1"]
    assert cell.data_type == "s"
    assert cell.quotePrefix
    assert name.strip("\t\x00=")[:1] in cell.value
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert b"<f>HYPERLINK" not in b"".join(map(archive.read, archive.namelist()))


def test_the_same_document_is_the_same_bytes_at_any_time(monkeypatch):
    first = spreadsheet_bytes(default_document())
    monkeypatch.setattr("time.time", lambda: 4e9)
    monkeypatch.setattr("time.localtime", lambda *_: (2096, 10, 2, 7, 6, 40, 1, 276, 0))
    assert spreadsheet_bytes(default_document()) == first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        core = archive.read("docProps/core.xml")
        assert {info.date_time[0] for info in archive.infolist()} == {1980}
    assert set(re.findall(rb"\d{4}-\d\d-\d\dT", core)) == {b"2000-01-01T"}


def test_roles_have_colours_and_padding_differs_from_zeros():
    book = openpyxl.load_workbook(io.BytesIO(spreadsheet_bytes(default_document())))
    page = book["1 Conv 3x3"]
    headings = {cell.value: cell.column for cell in page[5] if cell.value}
    assert list(headings) == ["Input", "Kernel", "Kernel, flipped", "Bias", "Feature map"]
    styles = [page.cell(7, column).style for column in headings.values()]
    assert styles == ["padding" if n == 2 else s for n, s in enumerate(styles)]
    assert page.cell(6, 1).style == "padding"
    assert page.cell(7, 2).style == "input"
    assert page.cell(6, headings["Kernel"]).style == "kernel"
    assert page.cell(6, headings["Feature map"]).style == "output"
    assert page.freeze_panes == "A6"


def test_about_lists_the_layers_as_torch_has_them():
    page = openpyxl.load_workbook(io.BytesIO(spreadsheet_bytes(DOCUMENTS["stack"])))["About"]
    words = [cell.value for row in page.iter_rows() for cell in row if cell.value]
    assert "2 leaky ReLU" in words
    assert "torch.nn.MaxPool2d((2, 2), stride=(2, 2))" in words
    assert "Random: 1 channel of 10 × 10 cells" in words[1]


@pytest.mark.parametrize(
    "name",
    [n for n, d in DOCUMENTS.items() if not any(getattr(x, "flip", 0) for x in d.layers)],
)
def test_torch_makes_the_same_of_what_the_line_says(name):
    torch = pytest.importorskip("torch")
    document = DOCUMENTS[name]
    for layer, shape in zip(document.layers, document.shapes, strict=False):
        line, image = torch_text(layer, shape), torch.tensor(numbers(*shape))[None]
        if isinstance(layer, Pool) and layer.pooling.torch is None:
            continue
        *before, last = line.split(", then ")
        if before and not before[0].startswith("torch"):
            continue  # torch has no such padding
        if before:
            image = eval(before[0], {"torch": torch, "image": image})
        module = eval(last, {"torch": torch})
        if isinstance(layer, Activation):
            continue  # tests/test_activations_everywhere.py
        module = module.double()
        if hasattr(module, "weight"):
            module.weight.data = torch.tensor(np.array(layer.weight))
            if layer.bias is not None:
                module.bias.data = torch.tensor(np.array(layer.bias))
        expected = made(Document(numbers(*shape), "", (layer,)))
        assert module(image).shape[1:] == expected.shape


# What is refused, in one line


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (document((1, 400, 400), Pool("max", 2)), "would have more than 100,000 cells; scale"),
        (document((1, 1, 9000), Pool("max", 1)), "would have 18,001 columns"),
        (document((500, 2, 2), conv(1, 500, 2, 2)), "spreadsheets take 8,192; leave the layer out"),
        (document((1, 2, 2), conv(1, 1, 3, 3)), "layer 1: the kernel spans 3 cells"),
    ],
)
def test_what_spreadsheets_cannot_hold_is_refused(document, reason):
    with pytest.raises(Refusal, match=reason) as refused:
        spreadsheet_bytes(document)
    assert "\n" not in str(refused.value)
