"""The data sources and image files."""

import gzip
import tracemalloc

import numpy as np
import pytest
from PIL import Image

from kerasheet.data import Stream, digits, fashion_mnist, read_image
from kerasheet.errors import DataError


def test_digits_are_split_the_same_way_every_time_and_evenly():
    first, again = digits(), digits()
    np.testing.assert_array_equal(first.train.x, again.train.x)
    assert first.train.x.shape == (1437, 28, 28, 1)
    assert first.test.x.shape == (360, 28, 28, 1)
    assert first.labels == tuple("0123456789")
    assert set(np.bincount(first.test.y)) <= {35, 36, 37}
    for examples in (first.train, first.test):
        assert examples.x.dtype == np.float32
        assert examples.x.min() == 0
        assert 0.9 < examples.x.max() <= 1


def test_no_test_digit_is_a_training_digit():
    data = digits()
    train = {image.tobytes() for image in data.train.x}
    assert not any(image.tobytes() in train for image in data.test.x)


def test_digits_come_in_any_size():
    assert digits(12).input_shape == (12, 12, 1)


def write_idx(path, array):
    """The format of the Fashion-MNIST files: magic, sizes, bytes."""
    header = [0x800 + array.ndim, *array.shape]
    path.write_bytes(gzip.compress(np.array(header, ">i4").tobytes() + array.tobytes()))


def test_fashion_mnist_is_read_from_keras_home_without_a_network(tmp_path, monkeypatch):
    folder = tmp_path / "datasets" / "fashion-mnist"
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for name, count in (("train", 60_000), ("t10k", 10_000)):
        images = np.zeros((count, 28, 28), np.uint8)
        images[0] = rng.integers(0, 256, (28, 28))
        labels = rng.integers(0, 10, count).astype(np.uint8)
        write_idx(folder / f"{name}-images-idx3-ubyte.gz", images)
        write_idx(folder / f"{name}-labels-idx1-ubyte.gz", labels)
    monkeypatch.setattr(
        "keras.src.utils.file_utils.config.keras_home", lambda: str(tmp_path)
    )
    data = fashion_mnist()
    assert data.train.x.shape == (60_000, 28, 28, 1)
    assert data.test.x.shape == (10_000, 28, 28, 1)
    assert data.labels[9] == "Ankle boot"


def test_enlarged_images_are_in_memory_only_once(monkeypatch):
    images, labels = np.full((500, 8, 8), 51, np.uint8), np.zeros(500, np.uint8)
    loaded = ((images, labels), (images[:10], labels[:10]))
    monkeypatch.setattr("keras.datasets.fashion_mnist.load_data", lambda: loaded)
    tracemalloc.start()
    data = fashion_mnist(64)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    np.testing.assert_allclose(data.train.x, 0.2, rtol=1e-6)
    assert most < 1.5 * data.train.x.nbytes


def test_images_too_large_for_the_memory_are_enlarged_batch_by_batch(monkeypatch):
    images = np.arange(6 * 64, dtype=np.uint8).reshape(6, 8, 8)
    loaded = ((images, np.arange(6)), (images[:2], np.arange(2)))
    monkeypatch.setattr("keras.datasets.fashion_mnist.load_data", lambda: loaded)
    whole = fashion_mnist(16)
    monkeypatch.setattr("kerasheet.data.memory.memory_limit", lambda: 1000)
    stream = fashion_mnist(16)
    assert isinstance(stream.train, Stream)
    assert isinstance(stream.test, Stream)
    for ours, expected in zip(stream.train.load(), whole.train, strict=True):
        np.testing.assert_array_equal(ours, expected)
    assert not isinstance(fashion_mnist().train, Stream)


def save(image, path):
    image.save(path)
    return path


def test_an_image_of_the_right_shape_becomes_numbers_from_0_to_1(tmp_path):
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4) * 20
    path = save(Image.fromarray(pixels), tmp_path / "a.png")
    np.testing.assert_allclose(
        read_image(path, (3, 4, 1))[..., 0], pixels / 255, rtol=1e-6
    )


@pytest.mark.parametrize(
    ("mode", "color", "expected"),
    [
        ("1", 1, 1.0),
        ("L", 51, 0.2),
        ("RGB", (51, 51, 51), 0.2),
        ("RGBA", (255, 255, 255, 51), 0.2),  # mostly transparent: black shows through
        ("LA", (255, 51), 0.2),
        ("I;16", 51 * 257, 0.2),  # 16 bits, not clipped to 8
    ],
)
@pytest.mark.parametrize("channels", [1, 3])
def test_resize_takes_images_of_any_kind(tmp_path, mode, color, expected, channels):
    path = save(Image.new(mode, (9, 5), color), tmp_path / "a.png")
    image = read_image(path, (28, 28, channels), resize=True)
    assert image.shape == (28, 28, channels)
    np.testing.assert_allclose(image, expected, atol=1e-6)


def test_resize_refuses_pixels_of_no_known_range(tmp_path):
    path = save(Image.new("F", (9, 5), 0.5), tmp_path / "a.tiff")
    with pytest.raises(DataError) as error:
        read_image(path, (28, 28, 1), resize=True)
    assert str(error.value) == (
        f"'{path}' cannot be read as an image: the range of mode F is unknown."
    )


def test_refuses_an_image_that_only_an_attack_would_be(tmp_path, monkeypatch):
    path = save(Image.new("L", (28, 28)), tmp_path / "a.png")
    for limit in (500, 100):  # over the limit a warning, over twice the limit an error
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
        sentence = refusal(path)
        assert sentence.startswith(f"'{path}' cannot be read as an image: Image size")


def refusal(path, shape=(28, 28, 1)):
    with pytest.raises(DataError) as error:
        read_image(path, shape)
    return str(error.value)


def test_refuses_another_size(tmp_path):
    path = save(Image.new("L", (9, 5)), tmp_path / "a.png")
    assert refusal(path) == (
        f"'{path}' is 5×9 pixels in mode L, but the model takes 28×28 in mode L. "
        "Convert it, or pass --resize."
    )


def test_refuses_another_number_of_channels(tmp_path):
    path = save(Image.new("RGB", (28, 28)), tmp_path / "a.png")
    assert refusal(path) == (
        f"'{path}' is 28×28 pixels in mode RGB, but the model takes 28×28 in mode L. "
        "Convert it, or pass --resize."
    )


def test_refuses_what_is_not_an_image(tmp_path):
    path = tmp_path / "a.png"
    path.write_text("not an image")
    assert refusal(path) == (
        f"'{path}' cannot be read as an image: cannot identify image file '{path}'."
    )
    whole = save(Image.new("L", (28, 28)), tmp_path / "b.png").read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert refusal(path).startswith(f"'{path}' cannot be read as an image: ")


def test_refuses_a_missing_file(tmp_path):
    assert (
        refusal(tmp_path / "no.png") == f"There is no image file '{tmp_path}/no.png'."
    )
