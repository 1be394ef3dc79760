"""Arrays and numbers as people type them."""

import math
import random
import time

import numpy as np
import pytest

from convviz.files.expressions import parse_plain_number
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
    "torch with a gradient": ("tensor([[1., 2.]], grad_fn=<AddBackward0>)", [[1, 2]]),
    "a parameter": ("Parameter containing:\ntensor([[1., 2.]], requires_grad=True)", [[1, 2]]),
    "a parameter in one line": ("Parameter(tensor([[1., 2.]]))", [[1, 2]]),
    "JAX": ("Array([[1., 2.],\n       [3., 4.]], dtype=float32)", [[1, 2], [3, 4]]),
    "JAX of weak type": ("Array([1, 2], dtype=int32, weak_type=True)", [1, 2]),
    "TensorFlow": (
        "tf.Tensor(\n[[1. 2.]\n [3. 4.]], shape=(2, 2), dtype=float32)",
        [[1, 2], [3, 4]],
    ),
    "TensorFlow's repr": (
        "<tf.Tensor: shape=(2,), dtype=float32, numpy=array([1., 2.], dtype=float32)>",
        [1, 2],
    ),
    "a variable of TensorFlow": (
        "<tf.Variable 'k:0' shape=(1, 2) dtype=float32, numpy=\narray([[1., 2.]], dtype=float32)>",
        [[1, 2]],
    ),
    "Paddle": (
        "Tensor(shape=[1, 2], dtype=float32, place=Place(cpu), stop_gradient=True,\n [[1., 2.]])",
        [[1, 2]],
    ),
    "NumPy's matrix": ("matrix([[1, 2],\n        [3, 4]])", [[1, 2], [3, 4]]),
    "names of axes": ("tensor([[1., 2.]], names=('rows', 'columns'))", [[1, 2]]),
    "a mask": ("tensor([[ True, False],\n        [False,  True]])", [[1, 0], [0, 1]]),
    "truths of a spreadsheet": ("TRUE\tFALSE\n0\t1", [[1, 0], [0, 1]]),
    "Mathematica": ("{{1,2},{3,4}}", [[1, 2], [3, 4]]),
    "C": ("const float k[2][2] = {\n  {1, 2},\n  {3, 4},\n};", [[1, 2], [3, 4]]),
    "an array of a spreadsheet": ("={1,2;3,4}", [[1, 2], [3, 4]]),
    "tuples": ("((1, 2), (3, 4))", [[1, 2], [3, 4]]),
    "a list of tuples": ("k = [(1, 2), (3, 4)]", [[1, 2], [3, 4]]),
    "parentheses that group": ("((1+2)*3),4", [[9, 4]]),
    "accountants' brackets": ("(5.00)\t3\n1\t(2.50)", [[-5, 3], [1, -2.5]]),
    "accountants' brackets between blanks": ("1 (2); (3) 4", [[1, -2], [-3, 4]]),
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
    "[(5), 3]": "line 1, column 2: '(5)' is negative in spreadsheets, not in code; write a sign",
    "[1] 1 2 3": "line 1, column 4: '1 2 3' follows the last bracket",
    "{{1, 2}, {3}}": "row 2 has 1 number, but row 1 has 2",
    "[[1, 2], [3, 4]}": "line 1, column 16: '}' is not a number",
    "[0 1 ... 8 9]": (
        "NumPy left numbers out of it (...); print it after "
        "numpy.set_printoptions(threshold=sys.maxsize)"
    ),
}


NESTED = {
    "brackets": lambda levels: "(0+" * (levels - 1) + "7" + ")" * (levels - 1),
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


BRACKETED = {
    "(5)": -5,
    "(5.00)": -5,
    " ( 5 ) ": -5,
    "(.5)": -0.5,
    "(5e-3)": -0.005,
    "(-5)": -5,
    "(−5)": -5,
    "(0.00)": 0,
}


@pytest.mark.parametrize("parse", [parse_number, parse_plain_number])
@pytest.mark.parametrize(("text", "value"), BRACKETED.items())
def test_brackets_around_a_number_mean_minus_as_in_spreadsheets(text, value, parse):
    assert parse(text) == value
    assert math.copysign(1, parse(text)) == (1 if value == 0 else -1)


DOUBTFUL = {
    "((5))": "may be negative, as brackets mean in spreadsheets; write it without them",
    "(+5)": "may be negative, as brackets mean in spreadsheets; write it without them",
    "($5)": "is an amount of money; write the number alone",
    "$(5)": "is an amount of money; write the number alone",
    "(5.00) €": "is an amount of money; write the number alone",
    "(5%)": "is a percentage; write 0.5 for 50 %",
    "(5)%": "is a percentage; write 0.5 for 50 %",
    "(1,234.5)": "is not a number",
    "#DIV/0!": "is an error of a spreadsheet, not a number",
    "#N/A": "is an error of a spreadsheet, not a number",
    "1:30 PM": "looks like a time, not a number",
}


@pytest.mark.parametrize("parse", [parse_number, parse_plain_number])
@pytest.mark.parametrize(("text", "words"), DOUBTFUL.items())
def test_what_brackets_and_signs_leave_open_is_refused_by_name(text, words, parse):
    with pytest.raises(LiteralError) as error:
        parse(text)
    assert str(error.value) == f"'{text}' {words}"


def test_a_decimal_comma_in_brackets_is_negative_too():
    assert parse_number("(0,5)", decimal_comma=True) == -0.5


MEANT = {"sqrt(16)": 4, "2*pi": 2 * math.pi, "π/2": math.pi / 2, "1/sqrt(4)": 0.5, "1/9": 1 / 9}


@pytest.mark.parametrize(("text", "value"), MEANT.items())
def test_a_cell_of_a_table_may_be_what_can_only_be_an_expression(text, value):
    assert parse_plain_number(text) == value


@pytest.mark.parametrize("text", ["3-5", "1+1", "555-1234", "3×5", "2^3", "1/2/3", "(1/9)"])
def test_what_looks_like_a_sum_is_computed_where_it_is_typed_and_not_in_a_table(text):
    assert math.isfinite(parse_number(text))
    with pytest.raises(LiteralError, match="may be a sum, a date or a range; write a number"):
        parse_plain_number(text)


@pytest.mark.parametrize("text", ["e", "pi", "-e", "e-5"])
def test_a_word_of_a_table_is_no_constant(text):
    with pytest.raises(LiteralError, match="is not a number"):
        parse_plain_number(text)


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


@pytest.mark.parametrize("cell", ["1.25", "(1.25)", "TRUE", "−1"])
@pytest.mark.parametrize("end", [",", "\n", "\t"])
def test_one_bad_cell_among_very_many_is_named_whatever_the_others_are(cell, end):
    with pytest.raises(LiteralError, match=r"(column|line) 60001.*: 'x' is not a number"):
        parse_array((cell + end) * 60_000 + "x")


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
