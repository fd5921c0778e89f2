"""The table of all models says what the models are."""

import inspect
import re

from model_cases import ALIASES, CASES
from shell_blocks import ROOT

from kerasheet.models import MODELS, rnn_lm

ROW = re.compile(
    r"^\| \[`(?P<name>\w+)`\]\[[\w.]+\] \| (?P<trainable>[\d,]+) \|"
    r" ?(?P<moving>[\d,]*) \| (?P<input>[\d×]+|steps) \| §[\d.]+ \|$",
    re.MULTILINE,
)
PAGE = (ROOT / "docs" / "models" / "index.md").read_text()
ROWS = {row["name"]: row for row in ROW.finditer(PAGE)}


def whole(text):
    return int(text.replace(",", "") or 0)


def test_every_model_has_a_row():
    assert {*ROWS, *ALIASES} == set(MODELS)


def test_counts_are_the_published_ones():
    """Which tests/library/models holds the models to."""
    for case in CASES:
        row = ROWS[case.name]
        assert (whole(row["trainable"]), whole(row["moving"])) == (
            case.trainable,
            case.moving,
        )
    assert whole(ROWS["rnn_lm"]["trainable"]) == rnn_lm().count_params()


def test_inputs_are_those_of_the_functions():
    for name, row in ROWS.items():
        if name != "rnn_lm":
            assert row["input"] == "×".join(map(str, default_input(name)))


def default_input(name):
    parameters = inspect.signature(MODELS[name]).parameters
    if "input_shape" in parameters:
        return parameters["input_shape"].default
    whole_family = next(
        family for family in ("vgg", "resnet") if name.startswith(family)
    )
    return inspect.signature(MODELS[whole_family]).parameters["input_shape"].default
