"""Folders of a person's own images."""

import os
import shutil
import warnings

import numpy as np
import pytest
from PIL import Image

from kerasheet.data import Examples, Stream, image_folder, read_image
from kerasheet.errors import DataError

TRUNCATED = "image file is truncated"


def everything(data):
    """Each sample's pixels and class, by its name."""
    found = {}
    for part, examples in (("train", data.train), ("test", data.test)):
        for name, x, y in zip(data.sources[part], *examples, strict=True):
            found[name] = (x, data.labels[y])
    return found


def refusal(*arguments, **options):
    with pytest.raises(DataError) as error:
        image_folder(*arguments, **options)
    return str(error.value)


def test_subfolders_are_classes_and_a_fifth_of_each_is_for_testing(pets):
    data = image_folder(pets)
    assert data.labels == ("cat", "dog")
    assert data.input_shape == (6, 5, 3)
    assert np.bincount(data.train.y).tolist() == [8, 4]
    assert np.bincount(data.test.y).tolist() == [2, 1]
    assert data.train.x.dtype == np.float32
    assert data.train.y.dtype == np.int32
    assert (data.skipped, data.ignored) == ((), 0)


def test_a_model_is_trained_on_the_very_pixels_it_is_asked_about(pets):
    for size in (None, 9):
        samples = everything(image_folder(pets, size))
        assert len(samples) == 15
        for name, (x, label) in samples.items():
            assert name.startswith(label)
            shape = (size or 6, size or 5, 3)
            asked = read_image(pets / name, shape, resize=size is not None)
            np.testing.assert_array_equal(x, asked)


def test_the_split_depends_on_names_alone(pets, tmp_path, monkeypatch):
    first = image_folder(pets)
    moved = shutil.copytree(pets, tmp_path / "elsewhere")
    list_folder = os.scandir
    random = np.random.default_rng(1)

    class Shuffled:
        def __init__(self, path):
            self.entries = list(list_folder(path))
            random.shuffle(self.entries)

        def __enter__(self):
            return self.entries

        def __exit__(self, *_):
            pass

    monkeypatch.setattr("os.scandir", Shuffled)
    again = image_folder(moved)
    for part in ("train", "test"):
        assert again.sources[part].tolist() == first.sources[part].tolist()
    np.testing.assert_array_equal(again.train.x, first.train.x)
    expected = ["cat/02.png", "cat/08.png", "dog/1.jpg"]
    assert first.sources["test"].tolist() == expected  # on every machine


def test_folders_named_train_and_test_are_the_split(write_images):
    for part, count in (("train", 3), ("test", 1)):
        for label in ("cat", "dog"):
            write_images(*(f"{part}/{label}/{n}.png" for n in range(count)))
    data = image_folder(write_images())
    assert data.labels == ("cat", "dog")
    assert data.train.y.tolist() == [0, 0, 0, 1, 1, 1]
    assert data.sources["test"].tolist() == ["test/cat/0.png", "test/dog/0.png"]


def test_train_and_test_may_be_classes_too(write_images):
    folder = write_images("train/1.png", "train/2.png", "test/1.png", "test/2.png")
    assert image_folder(folder).labels == ("test", "train")


def test_train_and_test_must_have_the_same_classes(write_images):
    folder = write_images("train/cat/1.png", "train/dog/1.png", "test/dog/1.png")
    assert refusal(folder) == (
        f"'{folder}' has class 'cat' in train but not in test. Give both the same "
        "subfolders."
    )
    shutil.move(folder / "train" / "cat", folder / "test" / "bat")
    assert refusal(folder) == (
        f"'{folder}' has class 'bat' in test but not in train. Give both the same "
        "subfolders."
    )


@pytest.mark.parametrize(
    ("mode", "suffix", "channels"),
    [
        ("L", "png", 1),
        ("L", "jpg", 1),
        ("L", "bmp", 1),
        ("L", "gif", 1),
        ("1", "png", 1),
        ("LA", "png", 1),
        ("RGB", "JPEG", 3),
        ("RGB", "BMP", 3),
        ("P", "png", 3),
        ("P", "gif", 3),
        ("RGBA", "png", 3),
        ("CMYK", "jpg", 3),
    ],
)
def test_every_format_and_mode_is_read(write_images, mode, suffix, channels):
    names = [f"{label}/{n}.{suffix}" for label in "ab" for n in range(2)]
    folder = write_images(*names, mode=mode)
    data = image_folder(folder)
    assert data.input_shape == (6, 5, channels)
    name = data.sources["test"][0]
    asked = read_image(folder / name, data.input_shape, resize=True)
    np.testing.assert_array_equal(data.test.x[0], asked)


def test_16_bits_keep_their_brightness(write_images):
    folder = write_images("a/1.png", "a/2.png", "b/1.png", "b/2.png", mode="L")
    Image.new("I;16", (5, 6), 51 * 257).save(folder / "a" / "1.png")
    data = everything(image_folder(folder))
    np.testing.assert_allclose(data["a/1.png"][0], 0.2, rtol=1e-6)


def test_one_colour_image_makes_all_of_them_colour(write_images):
    folder = write_images("a/1.png", "a/2.png", "b/1.png", mode="L")
    write_images("b/2.png", mode="RGB")
    assert image_folder(folder).input_shape == (6, 5, 3)
    assert image_folder(folder, channels=1).input_shape == (6, 5, 1)


def test_what_is_transparent_in_a_palette_is_black(write_images):
    folder = write_images("a/1.png", "a/2.png", "b/1.png", "b/2.png")
    clear = Image.new("P", (5, 6))
    clear.putpalette([255, 255, 255, 10, 20, 30])
    clear.save(folder / "a" / "1.png", transparency=bytes([0, 255]))
    data = image_folder(folder)
    assert data.skipped == ()  # Pillow warns of such files, which many tools write
    assert everything(data)["a/1.png"][0].max() == 0


def test_the_first_frame_of_an_animation_counts(write_images):
    folder = write_images("a/1.png", "a/2.png", "b/1.png", "b/2.png", mode="L")
    frames = [Image.new("L", (5, 6), value) for value in (51, 255)]
    frames[0].save(folder / "a" / "3.gif", save_all=True, append_images=frames[1:])
    data = everything(image_folder(folder))
    np.testing.assert_allclose(data["a/3.gif"][0], 0.2, rtol=1e-6)


def damage(pets):
    """Four files that cannot be read, the first of another size and mode."""
    whole = (pets / "dog" / "0.jpg").read_bytes()
    (pets / "cat" / "cut.jpg").write_bytes(whole[:-20])
    (pets / "cat" / "empty.png").touch()
    (pets / "dog" / "text.PNG").write_text("not an image")
    (pets / "dog" / "gone.png").symlink_to(pets / "nowhere.png")


@pytest.mark.parametrize("limit", [None, 0])
def test_unreadable_files_are_listed_and_left_out(pets, limit):
    sound = image_folder(pets, memory_limit=limit)
    damage(pets)
    data = image_folder(pets, memory_limit=limit)
    names, reasons = zip(*data.skipped, strict=True)
    assert names == ("cat/cut.jpg", "cat/empty.png", "dog/gone.png", "dog/text.PNG")
    assert reasons[0].startswith(TRUNCATED)
    assert reasons[1] == f"cannot identify image file '{pets}/cat/empty.png'"
    assert data.sources["test"].tolist() == sound.sources["test"].tolist()
    if limit is None:
        np.testing.assert_array_equal(data.train.x, sound.train.x)


def test_other_files_are_counted_and_hidden_ones_are_not(pets):
    (pets / "README.md").touch()
    (pets / "cat" / "notes.txt").touch()
    (pets / "dog" / "more").mkdir()
    (pets / "dog" / ".hidden.png").touch()
    (pets / ".cache").mkdir()
    data = image_folder(pets)
    assert (data.labels, data.skipped, data.ignored) == (("cat", "dog"), (), 1)


def test_a_class_without_a_readable_image_is_refused(pets):
    (pets / "emu").mkdir()
    assert refusal(pets) == (
        f"'{pets}/emu' has no readable PNG, JPEG, BMP or GIF file. Add some, or remove "
        "the folder."
    )
    (pets / "emu" / "1.png").touch()
    assert refusal(pets) == (
        f"'{pets}/emu' has no readable PNG, JPEG, BMP or GIF file ('emu/1.png': cannot "
        f"identify image file '{pets}/emu/1.png'). Add some, or remove the folder."
    )
    whole = (pets / "dog" / "0.jpg").read_bytes()
    (pets / "emu" / "1.png").write_bytes(whole[:-20])
    assert refusal(pets, 8).startswith(
        f"'{pets}/emu' has no readable PNG, JPEG, BMP or GIF file ('emu/1.png': "
        f"{TRUNCATED}"
    )


def test_a_class_of_one_image_is_refused(pets, write_images):
    write_images("emu/1.png")
    assert refusal(pets) == (
        "Holding out 20% of every class takes at least 2 samples of each, but class "
        "'emu' has 1. Add samples, or remove the class."
    )


def test_images_of_several_sizes_are_scaled_or_refused(pets, write_images):
    write_images("dog/large.png", size=(60, 50))
    assert refusal(pets) == (
        f"The images of '{pets}' differ in size: 'cat/00.png' is 6×5 pixels, "
        "'dog/large.png' 60×50. Scale them all with --size."
    )
    assert image_folder(pets, 8).input_shape == (8, 8, 3)


def test_a_folder_that_is_none_is_refused(tmp_path, pets):
    assert refusal(tmp_path / "no") == f"There is no folder '{tmp_path}/no'."
    assert refusal(pets / "cat") == (
        "A folder of images needs at least two subfolders, one a class, but "
        f"'{pets}/cat' has 0. Sort the images into subfolders."
    )


@pytest.mark.parametrize("size", [0, 4097, 28.0])
def test_a_size_that_is_none_is_refused(pets, size):
    assert refusal(pets, size) == (
        f"Images can be resized to 1 to 4096 pixels. Received: size={size!r}."
    )


def test_two_channels_are_refused(pets):
    assert refusal(pets, channels=2) == (
        "Images have 1 or 3 channels. Received: channels=2."
    )


def test_what_does_not_fit_into_the_limit_stays_on_disk(pets):
    needed = 15 * 6 * 5 * 3 * 4  # float32
    assert isinstance(image_folder(pets, memory_limit=needed).train, Examples)
    assert isinstance(image_folder(pets, memory_limit=needed - 1).train, Stream)


def test_an_image_that_only_an_attack_would_be_is_skipped(pets, monkeypatch):
    Image.new("L", (40, 40)).save(pets / "cat" / "huge.png")
    for limit in (1000, 100):  # over the limit a warning, over twice the limit an error
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
        [(name, reason)] = image_folder(pets).skipped
        assert name == "cat/huge.png"
        assert reason.startswith("Image size (1600 pixels) exceeds limit of")


def test_warnings_are_as_before_once_a_folder_is_read(pets):
    before = list(warnings.filters)
    image_folder(pets)
    assert warnings.filters == before
