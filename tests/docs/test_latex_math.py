"""LaTeX of notebooks comes out as MathML that browsers draw, or fails the build."""

import pytest

pytest.importorskip("latex2mathml", reason="`make docs` installs it")

from latex_math import show_latex


def inline(latex):
    return show_latex(rf'<span class="arithmatex">\({latex}\)</span>')


@pytest.mark.parametrize(
    ("latex", "letter"),
    [
        (r"\mathbf x", '<mi mathvariant="normal" class="bold">x</mi>'),
        (r"\mathbb R", "<mi>ℝ</mi>"),
        (r"\mathbb E", "<mi>𝔼</mi>"),
        (r"\mathcal L", "<mi>ℒ</mi>"),
        (r"\mathcal N", "<mi>𝒩</mi>"),
    ],
)
def test_styles_do_not_depend_on_an_attribute_that_browsers_dropped(latex, letter):
    assert inline(latex) == f'<math display="inline"><mrow>{letter}</mrow></math>'


def test_a_formula_of_its_own_is_a_block():
    html = show_latex(r'<div class="arithmatex">\[x &lt; y\]</div>')
    assert html.startswith('<div class="formula"><math display="block">')
    assert "<mo>&lt;</mo>" in html or "<mo>&#x0003C;</mo>" in html


@pytest.mark.parametrize(
    "latex", [r"\unheard{x}", r"\begin{gathered}a & b\end{gathered}"]
)
def test_a_command_that_is_not_known_fails(latex):
    with pytest.raises(ValueError):
        inline(latex)


def test_several_lines_are_aligned():
    html = inline(r"\begin{aligned} a &= b \\ c &= d \end{aligned}")
    assert html.count("<mtr>") == 2
