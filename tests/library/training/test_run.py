"""Recipes and run directories: round trips, and what is refused."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kerasheet.data import DATA
from kerasheet.errors import DataError, RecipeError, RunError
from kerasheet.models import MODELS
from kerasheet.training import (
    LANGUAGE_MODELS,
    Recipe,
    default_recipe,
    evaluate_run,
    predict_files,
    read_run,
    train,
)

RECIPE = default_recipe("softmax_regression", "digits", epochs=2, seed=3)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return train(RECIPE, tmp_path_factory.mktemp("runs") / "first")


@pytest.fixture
def copied(run, tmp_path):
    """A copy that a test may damage."""
    for path in run.path.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def test_recipe_survives_json():
    text = json.dumps(RECIPE.to_json())
    assert Recipe.from_json(json.loads(text)) == RECIPE


def test_default_recipe_is_the_published_one_where_there_is_one():
    recipe = default_recipe("lenet_avg", "fashion_mnist")
    assert (recipe.optimizer, recipe.learning_rate) == ("sgd", 0.9)
    assert (recipe.batch_size, recipe.epochs) == (256, 10)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"model": "lenett"},
            "Unknown model 'lenett'. Did you mean 'lenet'? Known: ",
        ),
        (
            {"data": "digit"},
            "Unknown data 'digit'. Did you mean 'digits'? Known: ",
        ),
        (
            {"optimizer": "x"},
            "Unknown optimizer 'x'. Known: sgd, adam, adamw, rmsprop, adagrad.",
        ),
        (
            {"schedule": "cosin"},
            "Unknown schedule 'cosin'. Did you mean 'cosine'? Known: constant, cosine, "
            "step.",
        ),
        (
            {"epochs": 0},
            "A recipe needs `epochs` to be an int from 1 to 2147483647. "
            "Received: epochs=0.",
        ),
        (
            {"seed": 2**32},
            "A recipe needs `seed` to be an int from 0 to 4294967295. "
            "Received: seed=4294967296.",
        ),
        (
            {"learning_rate": "fast"},
            "A recipe needs a positive `learning_rate`. Received: "
            "learning_rate='fast'.",
        ),
        (
            {"model": ["mlp"]},
            "Unknown model \"['mlp']\". Did you mean 'mlp'? Known: ",
        ),
        (
            {"learning_rate": -1.0},
            "A recipe needs a positive `learning_rate`. Received: learning_rate=-1.0.",
        ),
        (
            {"learning_rate": float("nan")},
            "A recipe needs a positive `learning_rate`. Received: learning_rate=nan.",
        ),
    ],
)
def test_recipe_refuses(changes, sentence):
    with pytest.raises(RecipeError) as error:
        Recipe.from_json({**RECIPE.to_json(), **changes})
    assert str(error.value).startswith(sentence)


def test_cosine_schedule_falls_to_zero_on_the_last_step():
    optimizer = Recipe("mlp", "digits", schedule="cosine", epochs=3).make_optimizer(2)
    assert float(optimizer.learning_rate) == pytest.approx(1e-3)
    optimizer.iterations.assign(6)  # 3 epochs of 2 batches
    assert float(optimizer.learning_rate) == pytest.approx(0, abs=1e-9)


def test_recipe_refuses_an_unknown_field():
    with pytest.raises(RecipeError, match=r"Not a recipe: .*'epoch'"):
        Recipe.from_json({**RECIPE.to_json(), "epoch": 1})


def test_run_directory_holds_all_it_should_and_nothing_half_written(run):
    assert sorted(path.name for path in run.path.iterdir()) == [
        "curves.png",
        "history.csv",
        "labels.json",
        "metrics.json",
        "model.keras",
        "recipe.json",
        "splits.json",
    ]
    assert [path.name for path in run.path.parent.iterdir()] == ["first"]
    with Image.open(run.path / "curves.png") as picture:
        assert picture.width > picture.height > 200


def test_run_reads_back_as_written(run):
    again = read_run(run.path)
    assert again == run
    assert again.recipe == RECIPE
    assert again.labels == tuple("0123456789")
    history = again.history()
    assert history["epoch"] == [1, 2]
    assert history["val_accuracy"][-1] == pytest.approx(run.metrics["test_accuracy"])


def test_same_recipe_gives_the_same_weights(run, tmp_path):
    again = train(RECIPE, tmp_path / "again")
    for one, two in zip(
        run.load_model().get_weights(), again.load_model().get_weights(), strict=True
    ):
        np.testing.assert_array_equal(one, two)


def test_evaluating_a_run_gives_the_metrics_it_was_written_with(run):
    figures = evaluate_run(run)
    assert figures["accuracy"] == pytest.approx(run.metrics["test_accuracy"])
    assert figures["loss"] == pytest.approx(run.metrics["test_loss"])


def test_predictions_are_labels_ranked_by_probability(run, tmp_path):
    Image.new("L", (28, 28)).save(tmp_path / "a.png")
    [(path, ranking)] = predict_files(run, [tmp_path / "a.png"])
    assert path == tmp_path / "a.png"
    assert sorted(label for label, _ in ranking) == list("0123456789")
    probabilities = [p for _, p in ranking]
    assert probabilities == sorted(probabilities, reverse=True)
    assert sum(probabilities) == pytest.approx(1)


def test_evaluating_on_unknown_data_is_refused(run):
    with pytest.raises(DataError, match="Unknown data 'digit'"):
        evaluate_run(run, "digit")


def test_a_failed_training_leaves_nothing(tmp_path):
    recipe = Recipe("softmax_regression", "digits", model_arguments={"no_such": 1})
    with pytest.raises(RecipeError, match=r"Model 'softmax_regression': .*no_such"):
        train(recipe, tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_images_too_small_for_the_model_are_refused(tmp_path):
    with pytest.raises(RecipeError) as error:
        train(Recipe("alexnet", "digits", size=32), tmp_path / "run")
    assert str(error.value) == (
        "alexnet needs images of at least 67×67 pixels. "
        "Received: input_shape=(32, 32, 1)."
    )


@pytest.mark.parametrize("data", DATA)
def test_every_model_has_a_recipe_of_a_size_that_it_can_follow(data):
    for name in sorted({*MODELS} - {*LANGUAGE_MODELS}):
        size = default_recipe(name, data).size or 28
        assert MODELS[name](input_shape=(size, size, 1)).output_shape == (None, 10)


@pytest.mark.parametrize(
    ("name", "rate", "size"),
    [("vgg16", 0.05, 224), ("resnet", 0.05, 96), ("lenet_batch_norm", 1.0, None)],
)
def test_a_variant_has_the_settings_of_the_one_that_the_book_trained(name, rate, size):
    recipe = default_recipe(name, "fashion_mnist")
    assert (recipe.learning_rate, recipe.size) == (rate, size)


def test_a_run_is_not_overwritten_unless_asked(run):
    with pytest.raises(RunError) as error:
        train(RECIPE, run.path)
    assert str(error.value) == (
        f"'{run.path}' is a run directory already. Name another with --run, or "
        "replace a run with --overwrite."
    )


def test_overwriting_replaces_the_run_and_leaves_no_trace(copied):
    recipe = default_recipe("softmax_regression", "digits", epochs=1)
    run = train(recipe, copied, overwrite=True)
    assert read_run(copied).recipe == run.recipe == recipe
    assert len(list(copied.iterdir())) == 7


def test_an_overwrite_that_fails_leaves_the_old_run_and_can_go_on(copied, monkeypatch):
    rename = Path.rename

    def fail_on_the_new_run(self, target):
        if self.name.startswith(".") and not self.name.endswith("-replaced"):
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_on_the_new_run)
    with pytest.raises(OSError, match="No space left"):
        train(RECIPE, copied, overwrite=True)
    assert read_run(copied).recipe == RECIPE
    left = [path.name for path in copied.parent.glob(f".{copied.name}*")]
    assert left == [f".{copied.name}-training"]
    monkeypatch.undo()
    train(RECIPE, copied, resume=True, overwrite=True)
    assert list(copied.parent.glob(f".{copied.name}*")) == []


@pytest.mark.parametrize("link", [False, True])
def test_what_is_no_run_is_never_overwritten(run, tmp_path, link):
    place = tmp_path / "place"
    if link:
        place.symlink_to(run.path)
    else:
        place.mkdir()
        (place / "thesis.txt").write_text("precious")
    with pytest.raises(RunError) as error:
        train(RECIPE, place, overwrite=True)
    assert str(error.value) == (
        f"'{place}' is taken by something else than a run. Name another place with "
        "--run."
    )
    assert place.is_symlink() == link
    assert sorted(tmp_path.iterdir()) == [place]


def test_a_place_that_cannot_be_written_to_is_refused_before_training(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError) as error:
        train(RECIPE, tmp_path / "file" / "run")
    assert str(error.value) == (
        f"'{tmp_path}/file/run' cannot be created (File exists: {tmp_path}/file). Name "
        "another place with --run."
    )


def sentence(path):
    with pytest.raises(RunError) as error:
        read_run(path)
    return str(error.value)


def test_refuses_a_missing_run(tmp_path):
    assert sentence(tmp_path / "no") == (
        f"There is no run directory '{tmp_path}/no'. Make one: kerasheet train NAME "
        f"--run {tmp_path}/no."
    )


def test_refuses_a_half_written_run(copied):
    (copied / "metrics.json").unlink()
    (copied / "model.keras").unlink()
    assert sentence(copied) == (
        f"'{copied}' is not a complete run directory: model.keras, metrics.json "
        "missing. Train it again."
    )


def test_refuses_a_newer_format(copied):
    fields = json.loads((copied / "recipe.json").read_text())
    (copied / "recipe.json").write_text(json.dumps({**fields, "format": 2}))
    assert sentence(copied) == (
        f"'{copied}' has run format 2; this kerasheet reads 1. Update kerasheet, or "
        "train again."
    )


def test_refuses_damaged_json(copied):
    (copied / "labels.json").write_text("[1,")
    assert sentence(copied).startswith(f"'{copied}/labels.json' is not JSON: ")
    (copied / "labels.json").write_text("{}")
    assert sentence(copied) == f"'{copied}/labels.json' should hold a JSON list."


@pytest.mark.parametrize("damage", ["cut", "flip", "empty"])
def test_refuses_a_damaged_model(copied, damage):
    whole = bytearray((copied / "model.keras").read_bytes())
    if damage == "flip":
        whole[len(whole) // 2] ^= 0xFF
    length = {"cut": len(whole) // 2, "flip": len(whole), "empty": 0}[damage]
    (copied / "model.keras").write_bytes(whole[:length])
    with pytest.raises(RunError) as error:
        read_run(copied).load_model()
    path, word = re.escape(f"'{copied}/model.keras'"), r"\w+"
    assert re.fullmatch(
        rf"{path} is damaged \({word}\)\. Train the run again\.", str(error.value)
    )


def test_refuses_labels_that_do_not_match_the_model(copied):
    (copied / "labels.json").write_text('["a", "b"]')
    with pytest.raises(RunError) as error:
        read_run(copied).load_model()
    assert str(error.value) == (
        f"'{copied}/labels.json' has 2 labels for a model of 10 classes. Train the run "
        "again."
    )


@pytest.mark.parametrize("text", ["", "epoch,loss\n1\n", "epoch,loss\n1,x\n"])
def test_refuses_a_damaged_history(copied, text):
    (copied / "history.csv").write_text(text)
    with pytest.raises(RunError) as error:
        read_run(copied).history()
    assert str(error.value) == (
        f"'{copied}/history.csv' is damaged. Train the run again."
    )


def test_refuses_json_too_deep_to_read(copied):
    (copied / "recipe.json").write_text("[" * 100_000)
    assert sentence(copied).startswith(f"'{copied}/recipe.json' is not JSON: ")
