"""Arrays and numbers as people type them."""

import math
import random
import time

import numpy as np
import pytest

from convviz.files.layouts import Layout, derive_layout
from convviz.files.literals import LiteralError, parse_array, parse_number

ARRAYS = {
    "a kernel on the command line": ("1,0,-1;2,0,-2;1,0,-1", [[1, 0, -1], [2, 0, -2], [1, 0, -1]]),
    "a kernel with blanks": ("1 0; 2 3", [[1, 0], [2, 3]]),
    "a kernel that ends in a semicolon": ("1,0;2,3;", [[1, 0], [2, 3]]),
    "a column": ("1;2;3", [[1], [2], [3]]),
    "rows on lines": ("1 2\n3 4\n", [[1, 2], [3, 4]]),
    "rows on lines that end in semicolons": ("1 0;\n2 3;", [[1, 0], [2, 3]]),
    "commas and blanks": ("1, 2\n3, 4", [[1, 2], [3, 4]]),
    "a spreadsheet's clipboard": ("1\t2\r\n3\t4\r\n", [[1, 2], [3, 4]]),
    "lines of an old Mac": ("1,2\r3,4", [[1, 2], [3, 4]]),
    "a mark at the beginning": ("\ufeff1,2", [[1, 2]]),
    "a comment": ("# Sobel\n1,2\n", [[1, 2]]),
    "one number": ("7", [[7]]),
    "the point is decimal": ("1.234", [[1.234]]),
    "fractions": ("1/9,1/9", [[1 / 9, 1 / 9]]),
    "fractions with blanks": ("1 / 9, sqrt(2) / 2", [[1 / 9, math.sqrt(2) / 2]]),
    "a real minus sign": ("−1,2", [[-1, 2]]),
    "decimal commas between semicolons": ("0,5;1,25\n2;3,5", [[0.5, 1.25], [2, 3.5]]),
    "decimal commas between tabs": ("0,5\t1\n-2\t1,5e3", [[0.5, 1], [-2, 1500]]),
    "semicolons between whole numbers": ("1;2\n3;4", [[1, 2], [3, 4]]),
    "quotes": ('"1","2"\n"3","4"', [[1, 2], [3, 4]]),
    "JSON": ("[[1, 0],\n [2, 3]]", [[1, 0], [2, 3]]),
    "a flat list": ("[1, 2, 3]", [1, 2, 3]),
    "a flat list on lines": ("[1,\n 2,\n 3]", [1, 2, 3]),
    "a last comma, as in Python": ("[[1, 2], [3, 4],]", [[1, 2], [3, 4]]),
    "NumPy's str": ("[[1. 0.]\n [2. 3.]]", [[1, 0], [2, 3]]),
    "NumPy's repr": ("array([[1, 0],\n       [2, 3]])", [[1, 0], [2, 3]]),
    "NumPy's repr with a type": ("array([1., 2.], dtype=float32)", [1, 2]),
    "an assignment in Python": ("k = np.array([[1, 1/9]])", [[1, 1 / 9]]),
    "torch": ("tensor([[1., 2.]], device='cuda:0')", [[1, 2]]),
    "MATLAB": ("[1 0; 2 3]", [[1, 0], [2, 3]]),
    "MATLAB on lines": ("k = [1 0\n     2 3];", [[1, 0], [2, 3]]),
    "MATLAB with commas": ("[1, 0\n 2, 3]", [[1, 0], [2, 3]]),
    "three dimensions": ("[[[1, 2]], [[3, 4]]]", [[[1, 2]], [[3, 4]]]),
}


@pytest.mark.parametrize(("text", "expected"), ARRAYS.values(), ids=ARRAYS)
def test_an_array_is_read_as_it_is_meant(text, expected):
    array = parse_array(text)
    assert array.tolist() == expected
    assert array.dtype == np.float64


@pytest.mark.parametrize("shape", [(40,), (3, 4), (2, 3, 4), (3, 40), (36,), (1, 1, 1, 2)])
@pytest.mark.parametrize("write", [str, repr, lambda array: str(array.tolist())])
def test_what_numpy_prints_is_read_back(shape, write):
    array = np.random.default_rng(0).integers(-9, 99, shape) / 4
    np.testing.assert_array_equal(parse_array(write(array)), array)


MISTAKES = {
    "": "there are no numbers in it",
    " \n\t\n": "there are no numbers in it",
    ";;": "there are no numbers in it",
    "[]": "there are no numbers in it, or in a part of it",
    "abc": "line 1, column 1: 'abc' is not a number",
    "1,2\n3,abc": "line 2, column 2: 'abc' is not a number",
    "1,2;3,abc": "row 2, column 2: 'abc' is not a number",
    "1,2;3": "row 2: 1 number, but row 1 has 2",
    "1 2\n\n3 4 5": "line 3: 3 numbers, but line 1 has 2",
    "1,,2": "line 1, column 2: the cell is empty; write 0 for zero",
    "1,1/0": "line 1, column 2: '1/0' divides by zero",
    "1,nan": "line 1, column 2: 'nan' is not a finite number",
    "1,1e400": "line 1, column 2: '1e400' is not a finite number",
    "0,5;1": "row 2: 1 number, but row 1 has 2",
    "1.234,5\t1": "line 1, column 1: '1.234,5' is not a number",
    "1,234\t5,678": "'1,234' may be a decimal comma or thousands; write a decimal point",
    "2015-11-01\t5": "line 1, column 1: '2015-11-01' looks like a date, not a number",
    "[1, abc]": "line 1, column 5: 'abc' is not a number",
    "[[1, 2],\n [3, x]]": "line 2, column 6: 'x' is not a number",
    "[1,,2]": "line 1, column 4: the cell is empty; write 0 for zero",
    "[[1, 2], [3]]": "row 2 has 1 number, but row 1 has 2",
    "[[1], 2]": "numbers and lists are mixed in one list",
    "[1 2": "line 1, column 5: a closing ] is missing",
    "[1] x": "line 1, column 4: 'x' follows the last bracket",
    "[[[[[1]]]]]": "line 1, column 5: brackets are nested deeper than 4 levels",
    "[0 1 ... 8 9]": (
        "NumPy left numbers out of it (...); print it after "
        "numpy.set_printoptions(threshold=sys.maxsize)"
    ),
}


NESTED = {
    "brackets": lambda levels: "(" * (levels - 1) + "7" + ")" * (levels - 1),
    "functions": lambda levels: "abs(" * (levels - 1) + "7" + ")" * (levels - 1),
    "signs": lambda levels: "-" * (levels - 1) + "7",
    "powers": lambda levels: "7" + "^1" * (levels - 1),
}


@pytest.mark.parametrize("nested", NESTED.values(), ids=NESTED)
def test_an_expression_is_nested_up_to_32_levels(nested):
    assert abs(parse_number(nested(32))) == 7
    with pytest.raises(LiteralError, match=r"is nested deeper than 32 levels$"):
        parse_number(nested(33))


@pytest.mark.parametrize(("text", "message"), MISTAKES.items())
def test_a_mistake_is_named_with_its_place(text, message):
    with pytest.raises(LiteralError) as error:
        parse_array(text)
    assert str(error.value) == message


def test_a_person_who_writes_decimal_commas_can_say_so():
    assert parse_array("1,234\t5,678", decimal_comma=True).tolist() == [[1.234, 5.678]]
    assert parse_array("0,5;1,25", decimal_comma=True).tolist() == [[0.5, 1.25]]
    assert parse_array("1.234\t0,5", decimal_comma=True).tolist() == [[1.234, 0.5]]


LAYOUTS = {
    "1,0;2,3": Layout(",", semicolon_ends_row=True),
    "1 0;2 3": Layout(None, semicolon_ends_row=True),
    "1;2\n3;4": Layout(";"),
    "0,5;2\n3;4": Layout(";", decimal_comma=True),
    "1,0,1;2,3,1\n1,1,1;1,1,1": Layout(",", semicolon_ends_row=True),
    "1\t2": Layout("\t"),
    "1,5\t2": Layout("\t", decimal_comma=True),
    "1,2": Layout(","),
    "1 2": Layout(None),
}


@pytest.mark.parametrize(("text", "layout"), LAYOUTS.items())
def test_the_layout_follows_from_the_text(text, layout):
    assert derive_layout(text.split("\n"), from_file=False, decimal_comma=False) == layout


NUMBERS = {
    "1": 1,
    " -1.5 ": -1.5,
    "+.5": 0.5,
    "5.": 5,
    "1e-3": 0.001,
    "1.234": 1.234,
    "1/9": 1 / 9,
    "-1/3": -1 / 3,
    "sqrt(2)/2": math.sqrt(2) / 2,
    "2^3": 8,
    "2**-1": 0.5,
    "-2^2": -4,
    "2^3^2": 512,
    "(1+2)*3": 9,
    "1 - 2 - 3": -4,
    "8/4/2": 1,
    "--1": 1,
    "pi": math.pi,
    "2·π": 2 * math.pi,
    "exp(-1)": math.exp(-1),
    "cos(pi)": -1,
    "1e2/e": 100 / math.e,
    "abs(-2)×3": 6,
    "−3": -3,
    "5-2": 3,
    "1024 - 24": 1000,
}


@pytest.mark.parametrize(("text", "value"), NUMBERS.items())
def test_a_number_may_be_an_expression(text, value):
    assert parse_number(text) == value


NO_NUMBERS = {
    "": "the cell is empty; write 0 for zero",
    "one": "'one' is not a number",
    "1_000": "'1_000' is not a number",
    "0x10": "'0x10' is not a number",
    "1.2.3": "'1.2.3' is not a number",
    "1,234": "'1,234' is not a number",
    "１２": "'１２' is not a number",
    "2 3": "'2 3' is not a number",
    "1+": "'1+' is not a number",
    "sqrt 2": "'sqrt 2' is not a number",
    "sqrt(2": "'sqrt(2' lacks a closing parenthesis",
    "sqrt(-1)": "'sqrt(-1)' has no real value",
    "(-1)^0.5": "'(-1)^0.5' has no real value",
    "log(0)": "'log(0)' has no real value",
    "1/(1-1)": "'1/(1-1)' divides by zero",
    "inf": "'inf' is not a finite number",
    "-NaN": "'-NaN' is not a finite number",
    "1e999": "'1e999' is not a finite number",
    "9^9^9": "'9^9^9' is not a finite number",
    "exp(1e5)": "'exp(1e5)' is not a finite number",
    "1e308*10": "'1e308*10' is not a finite number",
    "06/30/2000": "'06/30/2000' looks like a date, not a number",
    "2015-11": "'2015-11' looks like a date, not a number",
    "__import__('os')": "'__import__('os')' is not a number",
    "pi.real": "'pi.real' is not a number",
    "a\nb": "'a\\nb' is not a number",
}


@pytest.mark.parametrize(("text", "message"), NO_NUMBERS.items())
def test_what_is_no_number_is_said_in_one_line(text, message):
    with pytest.raises(LiteralError) as error:
        parse_number(text)
    assert str(error.value) == message


def test_a_decimal_comma_is_taken_only_on_request():
    assert parse_number("0,5", decimal_comma=True) == 0.5
    assert parse_number("1.234", decimal_comma=True) == 1.234
    with pytest.raises(LiteralError):
        parse_number("1.234,5", decimal_comma=True)


HUGE = {
    "digits": "1" * 2_000_000 + "x",
    "open parentheses": "(" * 1_000_000,
    "powers": "9^" * 90 + "9",
    "signs": "-" * 1_000_000 + "1",
    "commas": "," * 3_000_000,
    "blanks": "1 " * 2_000_000,
    "semicolons": ";" * 3_000_000,
    "line ends": "\r" * 3_000_000,
    "brackets": "[" * 3_000_000,
    "a name": "a." * 1_000_000 + "b[1]",
    "options": "[1]" + ",a=1" * 300_000 + "!",
    "quotes": '"' * 1_000_000,
    "expressions": "sqrt(2)," * 100_000 + "1",
}


@pytest.mark.parametrize("text", HUGE.values(), ids=HUGE)
def test_a_text_made_to_take_long_is_refused_soon(text):
    start = time.process_time()
    with pytest.raises(LiteralError) as error:
        parse_array(text)
    assert time.process_time() - start < 2
    assert len(str(error.value)) < 200


def _outcome(text):
    try:
        array = parse_array(text)
    except LiteralError as error:
        return str(error)
    return array[np.isfinite(array)]


def test_whatever_is_typed_gives_numbers_or_one_line():
    dice = random.Random(0)
    pieces = ["1", "0", ".5", "1e3", ",", ";", "\n", "\t", " ", "[", "]", "(", ")", "/", "-", "^"]
    pieces += ["sqrt", "pi", "x", '"', "array(", "nan", "1e999", "−", "...", "\r", "_", "é", "\x00"]
    for _ in range(5_000):
        text = "".join(dice.choices(pieces, k=dice.randint(0, 12)))
        outcome = _outcome(text)
        assert outcome.isprintable() if isinstance(outcome, str) else outcome.size, text


def test_a_million_numbers_are_read_and_no_more():
    assert parse_array("1,2\n" * 499_999).shape == (499_999, 2)
    with pytest.raises(LiteralError, match="more than 1,000,000 cells"):
        parse_array("1,2\n" * 500_001)
