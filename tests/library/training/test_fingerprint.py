"""A training is not silently continued on data that has changed."""

import os
import shutil
import signal
import time

import keras
import numpy as np
import pytest
from PIL import Image

from kerasheet.data import Dataset, Examples, convert_folder, load_images, memory
from kerasheet.errors import DataError, RunError, TrainingStopped
from kerasheet.training import default_recipe, train
from kerasheet.training.fingerprint import END_BYTES, images_fingerprint

COUNT = 10


def paint(path, seed, side=8):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side), dtype=np.uint8)
    Image.fromarray(pixels).save(path)


@pytest.fixture
def photos(tmp_path):
    for number in range(2 * COUNT):
        label = ("bright", "dark")[number % 2]
        paint(tmp_path / "photos" / label / f"{number:02}.bmp", number)
    return tmp_path / "photos"


def write_npz(path, seed=0):
    x = np.random.default_rng(seed).random((2 * COUNT, 6, 6))
    np.savez(path, x=x, y=np.repeat([0, 1], COUNT))
    return path


def write_text(path, tail="abab"):
    path.write_text("abcde fgh" * 200 + tail)
    return path


def small_recipe(data):
    if data.suffix == ".txt":
        settings = {"model_arguments": {"units": 8}, "text": {"steps": 8}}
        return default_recipe("rnn_lm", str(data), epochs=2, **settings)
    return default_recipe("softmax_regression", str(data), epochs=2, batch_size=4)


def stop_and_resume(data, path, change, **settings):
    """Train an epoch, change the data, and go on."""
    recipe = small_recipe(data)
    press = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: signal.raise_signal(signal.SIGINT)
    )
    with pytest.raises(TrainingStopped):
        train(recipe, path, callbacks=[press])
    change()
    return train(recipe, path, **{"resume": True, **settings})


def assert_refused(data, path, change):
    with pytest.raises(RunError) as error:
        stop_and_resume(data, path, change)
    assert str(error.value) == (
        f"'{data}' is no longer the data that '{path.parent}/.{path.name}-training' "
        "was trained on: put it back as it was, or begin anew with --overwrite instead "
        "of --resume."
    )


def test_a_changed_npz_file_is_refused(tmp_path):
    data = write_npz(tmp_path / "data.npz")
    assert_refused(data, tmp_path / "run", lambda: write_npz(data, seed=1))
    run = train(small_recipe(data), tmp_path / "run", overwrite=True)
    assert len(run.history()["loss"]) == 2


@pytest.mark.parametrize("in_memory", [True, False])
def test_a_changed_picture_in_a_folder_is_refused(
    photos, tmp_path, monkeypatch, in_memory
):
    if not in_memory:
        monkeypatch.setattr(memory, "memory_limit", lambda: 0)
    picture = photos / "dark" / "01.bmp"
    assert_refused(photos, tmp_path / "run", lambda: paint(picture, seed=99))


@pytest.mark.parametrize(
    "change",
    [
        lambda photos: paint(photos / "dark" / "new.bmp", seed=99),
        lambda photos: (photos / "dark" / "01.bmp").unlink(),
        lambda photos: os.rename(photos / "dark", photos / "black"),
        lambda photos: os.rename(
            photos / "dark" / "01.bmp", photos / "bright" / "01.bmp"
        ),
    ],
    ids=["added", "removed", "class renamed", "moved to another class"],
)
def test_a_folder_with_other_files_is_refused(photos, tmp_path, change):
    assert_refused(photos, tmp_path / "run", lambda: change(photos))


def test_a_changed_text_is_refused(tmp_path):
    data = write_text(tmp_path / "text.txt")
    assert_refused(data, tmp_path / "run", lambda: write_text(data, tail="abba"))


def test_a_text_of_other_letters_in_the_same_places_is_refused(tmp_path):
    data = write_text(tmp_path / "text.txt")
    change = {"a": "b", "b": "a"}
    swapped = data.read_text().translate(str.maketrans(change))
    assert_refused(data, tmp_path / "run", lambda: data.write_text(swapped))


def test_the_same_data_written_anew_goes_on(photos, tmp_path):
    def copy():
        photos.rename(tmp_path / "old")
        shutil.copytree(tmp_path / "old", photos, copy_function=shutil.copyfile)

    assert len(stop_and_resume(photos, tmp_path / "run", copy).history()["loss"]) == 2
    data = write_npz(tmp_path / "data.npz")
    stop_and_resume(data, tmp_path / "npz", lambda: write_npz(data))
    text = write_text(tmp_path / "text.txt")
    stop_and_resume(text, tmp_path / "text", lambda: write_text(text))


def fingerprint(path):
    return images_fingerprint(load_images(str(path)).split(0.2), str(path))


def test_folders_and_record_sets_have_one_fingerprint_in_memory_and_on_disk(
    photos, tmp_path, monkeypatch
):
    convert_folder(photos, tmp_path / "records")
    places = photos, tmp_path / "records"
    in_memory = [fingerprint(place) for place in places]
    monkeypatch.setattr(memory, "memory_limit", lambda: 0)
    assert [fingerprint(place) for place in places] == in_memory


def test_a_record_set_of_other_pictures_has_another_fingerprint(photos, tmp_path):
    convert_folder(photos, tmp_path / "one")
    paint(photos / "dark" / "01.bmp", seed=99)
    convert_folder(photos, tmp_path / "two")
    assert fingerprint(tmp_path / "one") != fingerprint(tmp_path / "two")


def test_large_files_count_by_their_ends(photos):
    picture = photos / "dark" / "01.bmp"
    for number in range(2 * COUNT):
        paint(photos / ("bright", "dark")[number % 2] / f"{number:02}.bmp", number, 128)
    before, content = fingerprint(photos), picture.read_bytes()
    assert len(content) > 2 * END_BYTES
    picture.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert fingerprint(photos) != before


def test_a_file_that_went_since_it_was_read_is_named(photos):
    data = load_images(str(photos))
    (photos / "dark" / "01.bmp").unlink()
    with pytest.raises(DataError) as error:
        images_fingerprint(data, str(photos))
    assert str(error.value) == (
        f"'{photos}/dark/01.bmp' was there before, but can no longer be read (No such "
        "file or directory). Leave the data alone while it is trained on."
    )


def test_seventy_thousand_images_take_no_more_than_seconds():
    x, y = np.zeros((70_000, 28, 28, 1), "float32"), np.zeros(70_000, "int32")
    data = Dataset(
        Examples(x[:60_000], y[:60_000]), Examples(x[60_000:], y[60_000:]), ("a",)
    )
    started = time.process_time()
    images_fingerprint(data, "fashion_mnist")
    assert time.process_time() - started < 5.0  # a tenth of that on an idle machine
