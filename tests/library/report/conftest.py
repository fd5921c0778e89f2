"""Runs to report on and pages that report on them, made once."""

import pytest
from html_page import Page

from kerasheet.report import write_report
from kerasheet.training import default_recipe, train

TEXT = "the cat sat on the mat, and the dog on the <b>log</b> & more. " * 60


@pytest.fixture(scope="session")
def lenet_run(tmp_path_factory):
    recipe = default_recipe("lenet", "digits", epochs=2)
    return train(recipe, tmp_path_factory.mktemp("runs") / "lenet")


@pytest.fixture(scope="session")
def softmax_run(tmp_path_factory):
    recipe = default_recipe("softmax_regression", "digits", epochs=3)
    return train(recipe, tmp_path_factory.mktemp("runs") / "softmax")


@pytest.fixture(scope="session")
def text_run(tmp_path_factory):
    directory = tmp_path_factory.mktemp("runs")
    (directory / "text.txt").write_text(TEXT)
    recipe = default_recipe(
        "rnn_lm",
        str(directory / "text.txt"),
        epochs=1,
        batch_size=4,
        model_arguments={"units": 8, "num_layers": 1},
        text={"steps": 8},
    )
    return train(recipe, directory / "text")


@pytest.fixture(scope="session")
def image_page(lenet_run, tmp_path_factory):
    return Page(write_report(lenet_run, tmp_path_factory.mktemp("page") / "a.html"))


@pytest.fixture(scope="session")
def text_page(text_run, tmp_path_factory):
    return Page(write_report(text_run, tmp_path_factory.mktemp("page") / "a.html"))


@pytest.fixture(scope="session")
def common_page(lenet_run, softmax_run, text_run, tmp_path_factory):
    runs = [lenet_run, softmax_run, text_run]
    return Page(write_report(runs, tmp_path_factory.mktemp("page") / "a.html", 2))
