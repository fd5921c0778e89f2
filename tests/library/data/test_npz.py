"""Images and classes in an `.npz` file."""

import numpy as np
import pytest

from kerasheet.data import npz
from kerasheet.errors import DataError

RANDOM = np.random.default_rng(0)
X = RANDOM.integers(0, 256, (10, 4, 3, 2), dtype=np.uint8)
Y = np.array([0, 2] * 5)


@pytest.fixture
def write(tmp_path):
    """Write arrays; those that are not given are good ones."""

    def write(**arrays):
        path = tmp_path / "data.npz"
        arrays = {"x": X, "y": Y, **arrays}
        np.savez(path, **{name: a for name, a in arrays.items() if a is not None})
        return path

    return write


def refusal(path, size=None):
    with pytest.raises(DataError) as error:
        npz(path, size)
    return str(error.value)


def test_a_fifth_of_every_class_is_for_testing(write):
    data = npz(write())
    assert data.labels == ("0", "1", "2")  # a class without samples is no error
    assert np.bincount(data.train.y).tolist() == [4, 0, 4]
    assert np.bincount(data.test.y).tolist() == [1, 0, 1]
    assert data.input_shape == (4, 3, 2)
    for part, samples in (("train", data.train), ("test", data.test)):
        rows = data.sources[part]
        np.testing.assert_array_equal(samples.x, X[rows] / np.float32(255))
        np.testing.assert_array_equal(samples.y, Y[rows])
        assert samples.x.dtype == np.float32
        assert samples.y.dtype == np.int32


def test_a_test_part_of_its_own_is_the_test_part(write):
    data = npz(write(x_test=X[:3], y_test=np.array([3, 1, 1])))
    assert data.labels == ("0", "1", "2", "3")
    assert len(data.train.y) == 10
    np.testing.assert_array_equal(data.test.x, X[:3] / np.float32(255))
    assert data.sources["test"].tolist() == [0, 1, 2]


@pytest.mark.parametrize("kind", ["float16", "float32", "float64"])
def test_floats_from_0_to_1_are_taken_as_they_are(write, kind):
    x = RANDOM.uniform(size=(10, 4, 3)).astype(kind)
    data = npz(write(x=x))
    assert data.input_shape == (4, 3, 1)
    assert data.train.x.dtype == np.float32
    expected = x[data.sources["train"], ..., np.newaxis].astype("float32")
    np.testing.assert_array_equal(data.train.x, expected)


def test_labels_may_be_named_and_images_resized(write):
    data = npz(write(labels=np.array(["cat", "dog", "emu"])), size=8)
    assert data.labels == ("cat", "dog", "emu")
    assert data.input_shape == (8, 8, 2)
    grey = npz(write(x=np.full((10, 4, 3), 51, np.uint8)), size=8)
    np.testing.assert_allclose(grey.train.x, 0.2, rtol=1e-6)


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        (
            {"y": None},
            "has no array 'y', only x. Write it with np.savez(path, x=x, y=y), or with "
            "x_test and y_test as well.",
        ),
        (
            {"x_test": X},
            "has no array 'y_test', only x, y, x_test. Write it with np.savez(path, "
            "x=x, y=y), or with x_test and y_test as well.",
        ),
        (
            {"y": np.array([None] * 10)},
            "cannot be read (Object arrays cannot be loaded when allow_pickle=False). "
            "Write it with np.savez(path, x=x, y=y), x and y being arrays of numbers.",
        ),
        (
            {"x": X[0, 0]},
            "has an array 'x' of shape (3, 2). Give it (samples, height, width) or "
            "(samples, height, width, channels).",
        ),
        (
            {"x": X[:0], "y": Y[:0]},
            "has an array 'x' of shape (0, 4, 3, 2). Give it (samples, height, width) "
            "or (samples, height, width, channels).",
        ),
        (
            {"y": Y[:9]},
            "has an array 'y' of shape (9,) and type int64. Give it one whole number "
            "for each of the 10 images.",
        ),
        (
            {"y": Y * 0.5},
            "has an array 'y' of shape (10,) and type float64. Give it one whole "
            "number for each of the 10 images.",
        ),
        (
            {"y": Y - 1},
            "has class numbers from -1 to 1 in 'y'. Number the classes from 0, up to "
            "65535.",
        ),
        (
            {"y": Y * 10**9},
            "has class numbers from 0 to 2000000000 in 'y'. Number the classes from 0, "
            "up to 65535.",
        ),
        (
            {"x": X.astype("int64")},
            f"has values from {X.min()} to {X.max()} of type int64 in 'x'. Give uint8 "
            "from 0 to 255, or floats from 0 to 1.",
        ),
        (
            {"x": np.where(X[0, 0, 0, 0] == X, np.nan, 0.5)},
            "has values from nan to nan of type float64 in 'x'. Give uint8 from 0 to "
            "255, or floats from 0 to 1.",
        ),
        (
            {"x_test": np.linspace(-1, 1, 90).reshape(10, 3, 3), "y_test": Y},
            "has values from -1.0 to 1.0 of type float64 in 'x_test'. Give uint8 from "
            "0 to 255, or floats from 0 to 1.",
        ),
        (
            {"x_test": X[..., :1], "y_test": Y},
            "has images of shape (4, 3, 2) in 'x' but (4, 3, 1) in 'x_test'. Give both "
            "the same.",
        ),
        (
            {"labels": np.array(["cat", "dog"])},
            "has an array 'labels' of shape (2,) and type <U3. Give it one name for "
            "each of the 3 classes.",
        ),
    ],
)
def test_arrays_that_will_not_do_are_refused(write, arrays, sentence):
    path = write(**arrays)
    assert refusal(path) == f"'{path}' {sentence}"


def test_a_class_of_one_sample_is_refused_by_its_name(write):
    labels = np.array(["cat", "dog", "emu"])
    assert refusal(write(y=np.array([0] * 9 + [2]), labels=labels)) == (
        "Holding out 20% of every class takes at least 2 samples of each, but class "
        "'emu' has 1. Add samples, or remove the class."
    )


def test_files_that_are_none_are_refused(write, tmp_path):
    assert refusal(tmp_path / "no.npz") == f"There is no file '{tmp_path}/no.npz'."
    path = write()
    whole = path.read_bytes()
    np.save(tmp_path / "one.npy", X)
    for content in (b"", b"text", whole[:200], (tmp_path / "one.npy").read_bytes()):
        path.write_bytes(content)
        assert refusal(path) == (
            f"'{path}' is not an .npz file, or only a part of one. Write it with "
            "np.savez(path, x=x, y=y)."
        )
    path.write_bytes(whole[:200] + bytes([whole[200] ^ 255]) + whole[201:])
    assert refusal(path) == (
        f"'{path}' cannot be read (Bad CRC-32 for file 'x.npy'). Write it with "
        "np.savez(path, x=x, y=y), x and y being arrays of numbers."
    )


def test_a_size_that_is_none_is_refused(write):
    assert refusal(write(), 0) == (
        "Images can be resized to 1 to 4096 pixels. Received: size=0."
    )
