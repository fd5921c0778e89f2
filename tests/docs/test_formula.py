"""Formulas in docstrings come out as they stand there, or not at all."""

import ast
import re
from xml.etree import ElementTree

import pytest
from formula import to_mathml
from formula_blocks import show_formulas
from formula_tokens import Unsupported, cut
from shell_blocks import ROOT

SOURCES = ("kerasheet", "export/kerasheet_export", "serving/kerasheet_serving")


def docstrings():
    for source in SOURCES:
        for path in sorted((ROOT / source).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                    yield path.relative_to(ROOT), node, ast.get_docstring(node) or ""


BLOCKS = {
    f"{path}:{getattr(node, 'name', '')}:{number}": block
    for path, node, text in docstrings()
    for number, block in enumerate(re.findall(r"```\n(.*?)```", text, re.DOTALL))
}
# Trees of files, tables, and networks as chains of layers.
STAY_CODE = (
    "kerasheet/data/",
    "kerasheet/models/",
    "kerasheet/report/cost.py",
    "kerasheet/training/compilation.py",
    "kerasheet/training/optimizer.py:learning_rate",
    "export/kerasheet_export/quantize.py",
)


def shown(mathml):
    """Names and numbers in the order in which they are read."""
    text = " ".join(ElementTree.fromstring(mathml).itertext())
    return "".join(re.findall(r"[^\W_]", text.replace("∑", "").replace("\u0302", "")))


def written(block):
    """The same of the source; a sum is a sign, and a root is one."""
    tokens = [token for line in block.splitlines() for token in cut(line)]
    text = "".join(
        "" if token.text in ("sum", "sqrt", "floor") and following.text in ("_", "(")
        else token.text
        for token, following in zip(tokens, [*tokens[1:], tokens[-1]], strict=True)
    )  # fmt: skip
    text = text.replace("²", "2").replace("¹", "1").replace("Σ", "").replace("∂", "")
    return "".join(re.findall(r"[^\W_]", text.replace("\u0302", "")))


@pytest.mark.parametrize("place", BLOCKS)
def test_nothing_of_a_formula_is_lost_or_moved(place):
    try:
        mathml = to_mathml(BLOCKS[place])
    except Unsupported:
        assert place.startswith(STAY_CODE)
        return
    assert shown(mathml) == written(BLOCKS[place])


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a / b", "<mfrac><mrow><mi>a</mi></mrow><mrow><mi>b</mi></mrow></mfrac>"),
        ("(a) / b", "<mfrac><mrow><mi>a</mi></mrow><mrow><mi>b</mi></mrow></mfrac>"),
        (
            "W_xh",
            "<msub><mrow><mi>W</mi></mrow><mrow><mi>x</mi><mi>h</mi></mrow></msub>",
        ),
        ("top_k", "<mi>top_k</mi>"),
        ("σ²", "<msup><mrow><mi>σ</mi></mrow><mrow><mn>2</mn></mrow></msup>"),
        ("sqrt(x)", "<msqrt><mi>x</mi></msqrt>"),
    ],
)
def test_notation_is_read_as_it_is_meant(source, expected):
    assert to_mathml(source) == f'<math display="block"><mrow>{expected}</mrow></math>'


@pytest.mark.parametrize(
    "source",
    [
        "a / b c",  # what is below?
        "log p / q",
        "x → y",
        "pip install x",
        "f(x",
        "x_",
        "a.b",
        "y = ()",
        "= x",
        "x[i][j]",
        "x)",
    ],
)
def test_what_could_be_read_wrongly_is_refused(source):
    with pytest.raises(Unsupported):
        to_mathml(source)


def test_several_lines_are_aligned_at_their_equal_signs():
    rows = ElementTree.fromstring(to_mathml("a = b\nx + y = z    t < T")).iter("mtr")
    left, right = zip(
        *(["".join(cell.itertext()) for cell in row] for row in rows), strict=True
    )
    assert left == ("a", "x+y")
    assert right == ("=b", "=zt<T")


def test_a_block_that_is_no_formula_stays_code():
    assert show_formulas("```\na.b\n```") == "```text\na.b\n```"
    assert show_formulas("```python\ny = x\n```") == "```python\ny = x\n```"
