"""The book's rows: their recipes, training them again, and the table."""

import json
import re

import pytest

from kerasheet.cli.reproduce import reproduce as command
from kerasheet.errors import KerasheetError, RecipeError
from kerasheet.models import MODELS
from kerasheet.training import BOOK, Outcome, Recipe, reproduce, train, write_table
from kerasheet.training.book import Row

DIGITS = Row("softmax_regression", {"loss": 9.0, "accuracy": 0.1}, data="digits")


@pytest.fixture
def digits_row(monkeypatch):
    monkeypatch.setitem(BOOK, "digits", DIGITS)


def outcome(**figures):
    published = {"loss": 0.5, "accuracy": 0.8, "val_accuracy": 0.8, "perplexity": 1.1}
    published |= {"norm": 10.0, "decayed_norm": 0.1}
    published = {name: published[name] for name in figures}
    return Outcome("row", 3, figures, published, 1.0, "")


@pytest.mark.parametrize(
    "name", [name for name, row in BOOK.items() if isinstance(row, Row)]
)
def test_every_row_is_a_recipe_that_keeps_what_was_published(name):
    recipe = BOOK[name].recipe()
    assert recipe.model in MODELS
    assert recipe.epochs == (5 if name.endswith("_first") else recipe.epochs)
    assert Recipe.from_json(json.loads(json.dumps(recipe.to_json()))) == recipe
    assert set(BOOK[name].published) <= {
        "loss",
        "accuracy",
        "val_accuracy",
        "perplexity",
    }


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("lenet", ("lenet_avg", "sgd", 0.9, 10, 256)),
        ("lenet_first", ("lenet", "adam", 1e-3, 5, 256)),
        ("alexnet", ("alexnet", "sgd", 0.01, 10, 128)),
        ("dropout_off", ("mlp", "sgd", 0.5, 10, 256)),
        ("mlp_first", ("mlp", "sgd", 0.5, 5, 256)),
        ("rnn", ("rnn_lm", "sgd", 1.0, 500, 32)),
    ],
)
def test_rows_have_the_settings_of_the_book(name, fields):
    r = BOOK[name].recipe()
    assert (r.model, r.optimizer, r.learning_rate, r.epochs, r.batch_size) == fields


def test_the_help_of_the_command_names_every_row():
    named = set(re.findall(r"\w+", command.__doc__))
    names = {name.removesuffix("_first") for name in BOOK}
    assert names <= named


@pytest.mark.parametrize(
    ("figures", "agrees"),
    [
        ({"loss": 0.509, "accuracy": 0.791}, True),
        ({"loss": 0.2, "accuracy": 0.99}, True),
        ({"loss": 0.52, "accuracy": 0.8}, False),
        ({"loss": 0.5, "accuracy": 0.78}, False),
        ({"loss": 0.5, "accuracy": 0.8, "val_accuracy": 0.1}, True),
        ({"perplexity": 1.19}, True),
        ({"perplexity": 1.3}, False),
        ({"norm": 8.1, "decayed_norm": 0.19}, True),
        ({"norm": 12.4, "decayed_norm": 0.051}, True),
        ({"norm": 12.6, "decayed_norm": 0.1}, False),
        ({"norm": 7.9, "decayed_norm": 0.1}, False),
        ({"norm": 10.0, "decayed_norm": 0.21}, False),
        ({"norm": 10.0, "decayed_norm": 0.04}, False),
    ],
)
def test_a_row_agrees_if_it_is_within_the_spread_or_better(figures, agrees):
    assert outcome(**figures).agrees() is agrees


def test_a_row_is_trained_once_and_read_afterwards(digits_row, tmp_path):
    trained = []

    def follow(recipe, path):
        trained.append(recipe)
        return train(recipe, path)

    for _ in range(2):
        [one] = reproduce(["digits"], tmp_path, follow, epochs=2, samples=200)
        assert one.epochs == 2
        assert one.agrees()
        assert set(one.ours) == {"loss", "accuracy"}
    [recipe] = trained
    assert (recipe.epochs, recipe.samples) == (2, 200)
    with pytest.raises(KerasheetError) as error:
        list(reproduce(["digits"], tmp_path, follow, epochs=3))
    assert str(error.value) == (
        f"{str(tmp_path / 'digits')!r} was trained by another recipe. Name another "
        "directory with --directory, or remove it."
    )


def test_the_table_is_written_as_data_as_text_and_as_a_picture(tmp_path):
    write_table([outcome(loss=0.5, accuracy=0.7)], tmp_path)
    [row] = json.loads((tmp_path / "reproduction.json").read_text())
    assert row["agrees"] is False
    text = (tmp_path / "reproduction.md").read_text()
    assert "| row | 3 | loss | 0.5000 | 0.5000 |  |" in text
    assert (tmp_path / "reproduction.png").read_bytes().startswith(b"\x89PNG")


def test_an_unknown_row_is_refused_before_anything_is_trained(tmp_path):
    with pytest.raises(RecipeError) as error:
        list(reproduce(["softmax", "sofmax"], tmp_path, train))
    assert str(error.value).startswith(
        "Unknown row 'sofmax'. Did you mean 'softmax'? Known: softmax, mlp, "
    )
