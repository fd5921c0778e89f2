"""Training on a folder, an .npz file and a TFRecord set, in memory and from disk."""

import json
import re
import shutil

import numpy as np
import pytest
from PIL import Image

from kerasheet.data import convert_folder, memory
from kerasheet.errors import DataError, RecipeError
from kerasheet.training import (
    Augmentation,
    Recipe,
    default_recipe,
    evaluate_run,
    predict_files,
    read_run,
    sample_inputs,
    train,
)

SETTINGS = {"epochs": 8, "batch_size": 4, "learning_rate": 0.5, "optimizer": "sgd"}
COUNT = 20


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Dark images and bright ones, 8×8 pixels, and a file that is none."""
    folder, random = (
        tmp_path_factory.mktemp("data") / "photos",
        np.random.default_rng(0),
    )
    for label, least in (("bright", 128), ("dark", 0)):
        (folder / label).mkdir(parents=True)
        for number in range(COUNT):
            pixels = random.integers(least, least + 128, (8, 8), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / label / f"{number:02}.png")
    (folder / "dark" / "broken.png").write_text("no image")
    return folder


def recipe(data, **changes):
    return default_recipe("softmax_regression", str(data), **SETTINGS, **changes)


@pytest.fixture(scope="module")
def run(photos, tmp_path_factory):
    return train(recipe(photos), tmp_path_factory.mktemp("runs") / "photos")


def test_a_few_photos_are_learned_with_the_settings_that_nobody_gave(photos, tmp_path):
    """The book's, for 60,000 images, would make three steps an epoch, or none."""
    run = train(default_recipe("mlp", str(photos)), tmp_path / "run")
    assert run.metrics["test_accuracy"] == 1


def assert_same(one, other):
    for mine, theirs in zip(
        one.load_model().weights, other.load_model().weights, strict=True
    ):
        np.testing.assert_array_equal(mine.numpy(), theirs.numpy())


def test_a_folder_is_split_in_three_and_the_run_says_how(run):
    splits = json.loads((run.path / "splits.json").read_text())
    sizes = {part: len(names) for part, names in splits.items()}
    assert sizes == {"train": 28, "validation": 4, "test": 8}
    names = [name for part in splits.values() for name in part]
    assert len(set(names)) == 2 * COUNT
    assert "dark/00.png" in names
    assert run.labels == ("bright", "dark")
    assert {"train_loss", "validation_loss", "test_loss"} <= set(run.metrics)
    assert run.metrics["test_accuracy"] > 0.9


def test_what_is_skipped_is_said_and_written(run, photos, tmp_path):
    skipped = json.loads((run.path / "skipped.json").read_text())
    assert list(skipped) == ["dark/broken.png"]
    said = []
    train(recipe(photos), tmp_path / "run", tell=said.append)
    assert said == [
        "Skipped 1 file that cannot be read: dark/broken.png "
        f"({skipped['dark/broken.png']})."
    ]


def test_of_many_that_are_skipped_some_are_named(photos, tmp_path):
    many = tmp_path / "many"
    shutil.copytree(photos, many)
    for number in range(4):
        (many / "bright" / f"{number}.jpg").touch()
    said = []
    train(recipe(many), tmp_path / "run", tell=said.append)
    [sentence] = said
    assert re.fullmatch(
        r"Skipped 5 files that cannot be read: bright/0\.jpg \(.+\), bright/1\.jpg "
        r"\(.+\), bright/2\.jpg \(.+\), and 2 more, in skipped\.json of the run\.",
        sentence,
    )


def test_the_path_in_a_recipe_is_absolute_and_may_be_gone(photos, monkeypatch):
    monkeypatch.chdir(photos.parent)
    assert recipe("photos").data == recipe("./photos").data == str(photos)
    fields = {**recipe("photos").to_json(), "data": "/gone/photos"}
    assert Recipe.from_json(fields).data == "/gone/photos"


def test_a_relative_path_of_nothing_is_refused():
    with pytest.raises(RecipeError) as error:
        recipe("photoz")
    assert str(error.value) == (
        "Unknown data 'photoz'. Known: digits, fashion_mnist. Or name a folder of "
        "images, an .npz file or a TFRecord set."
    )


@pytest.mark.parametrize("augment", [None, {"flip": True, "crop": 1, "shift": 1}])
def test_images_on_disk_train_to_the_weights_of_those_in_memory(
    photos, tmp_path, monkeypatch, augment
):
    one = recipe(photos, augment=augment)
    in_memory = train(one, tmp_path / "memory")
    monkeypatch.setattr(memory, "memory_limit", lambda: 0)
    streamed = train(one, tmp_path / "streamed")
    assert_same(in_memory, streamed)
    assert in_memory.history() == streamed.history()


def test_a_record_set_trains_to_the_weights_of_its_folder(run, photos, tmp_path):
    convert_folder(photos, tmp_path / "records")
    assert_same(train(recipe(tmp_path / "records"), tmp_path / "run"), run)


def test_an_npz_file_trains_and_is_evaluated(tmp_path):
    random = np.random.default_rng(0)
    y = np.repeat([0, 1], COUNT)
    x = (random.random((2 * COUNT, 6, 6)) + y[:, None, None]).astype("float32") / 2
    np.savez(tmp_path / "data.npz", x=x, y=y)
    run = train(recipe(tmp_path / "data.npz", validation=0.25), tmp_path / "run")
    assert evaluate_run(run)["accuracy"] == run.metrics["test_accuracy"]
    splits = json.loads((run.path / "splits.json").read_text())
    assert [len(splits[part]) for part in ("train", "validation", "test")] == [24, 8, 8]


def test_a_run_of_a_folder_is_evaluated_asked_and_sampled(run, photos, monkeypatch):
    monkeypatch.chdir(photos.parent)
    for data in (None, "photos"):
        figures = evaluate_run(run, data)
        assert figures["loss"] == pytest.approx(run.metrics["test_loss"])
    [(_, ranking)] = predict_files(run, [photos / "dark" / "00.png"])
    assert ranking[0][0] == "dark"
    assert sample_inputs(run, 3).shape == (3, 8, 8, 1)


def test_evaluating_on_other_classes_is_refused(run, photos, tmp_path):
    for label in ("cat", "dog"):
        (tmp_path / "pets" / label).mkdir(parents=True)
        for source in sorted((photos / "dark").glob("0*.png")):
            (tmp_path / "pets" / label / source.name).write_bytes(source.read_bytes())
    with pytest.raises(DataError) as error:
        evaluate_run(run, str(tmp_path / "pets"))
    assert str(error.value) == (
        f"{tmp_path}/pets has the classes cat, dog, but the model of '{run.path}' "
        "knows bright, dark. Name data of the same classes."
    )


def test_an_image_that_goes_while_training_is_named(photos, tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "memory_limit", lambda: 0)
    folder = tmp_path / "photos"
    for source in sorted(photos.glob("*/[0-9]*.png")):
        (folder / source.parent.name).mkdir(parents=True, exist_ok=True)
        (folder / source.parent.name / source.name).write_bytes(source.read_bytes())

    def remove(sentence):
        for path in folder.glob("dark/*.png"):
            path.unlink()

    (folder / "dark" / "broken.png").write_text("no image")  # so that something is told
    with pytest.raises(DataError) as error:
        train(recipe(folder), tmp_path / "run", tell=remove)
    assert "was an image before, but no longer is" in str(error.value)
    assert "\n" not in str(error.value)


def test_augmentation_changes_training_but_not_the_model(run, photos, tmp_path):
    augmented = train(recipe(photos, augment={"flip": True}), tmp_path / "run")
    assert augmented.recipe.augment == Augmentation(flip=True)
    assert read_run(augmented.path) == augmented
    ours, theirs = run.load_model(), augmented.load_model()
    assert [type(layer) for layer in ours.layers] == [
        type(layer) for layer in theirs.layers
    ]
    assert not np.array_equal(ours.get_weights()[0], theirs.get_weights()[0])


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"augment": {"flip": 1}},
            "A recipe needs `flip` to be a bool. Received: flip=1.",
        ),
        (
            {"augment": {"crop": -1}},
            "A recipe needs `crop` to be an int from 0 to 4096. Received: crop=-1.",
        ),
        (
            {"augment": {"shift": 0}},
            "An augmentation needs `flip`, `crop` or `shift`. Leave out `augment` for "
            "none.",
        ),
        (
            {"validation": 1.0},
            "A recipe needs `validation` to be between 0 and 1. Received: "
            "validation=1.0.",
        ),
        (
            {"validation": "much"},
            "A recipe needs `validation` to be between 0 and 1. Received: "
            "validation='much'.",
        ),
    ],
)
def test_a_recipe_refuses_settings_for_images(changes, sentence):
    with pytest.raises(RecipeError) as error:
        recipe("digits", **changes)
    assert str(error.value) == sentence


@pytest.mark.parametrize(
    ("name", "value"), [("validation", 0.1), ("augment", {"flip": True}), ("size", 8)]
)
def test_a_text_has_no_settings_for_images(name, value):
    with pytest.raises(RecipeError) as error:
        default_recipe("rnn_lm", "pydocs", **{name: value})
    assert str(error.value) == f"A text has no `{name}`. Leave it out."
