"""Samples on disk are those in memory."""

import numpy as np
import pytest
import tensorflow as tf

from kerasheet.data import Stream, image_folder
from kerasheet.data.parallel import CHUNK, WORKERS, map_threads
from kerasheet.errors import DataError


@pytest.fixture
def stream(pets):
    """The twelve training images of a folder."""
    return image_folder(pets, memory_limit=0).train


@pytest.fixture
def memory(pets):
    """The same in memory."""
    return image_folder(pets).train


def joined(batches):
    x, y = zip(*batches.as_numpy_iterator(), strict=True)
    return np.concatenate(x), np.concatenate(y)


def test_a_stream_has_what_memory_has(stream, memory):
    assert isinstance(stream, Stream)
    assert len(stream) == len(memory.y) == 12
    assert stream.shape == memory.shape == (6, 5, 3)
    np.testing.assert_array_equal(stream.y, memory.y)
    for part in (stream.load(), memory.load(), stream.subset(np.arange(12)).load()):
        np.testing.assert_array_equal(part.x, memory.x)
        np.testing.assert_array_equal(part.y, memory.y)


@pytest.mark.parametrize("batch_size", [1, 5, 12, 100])
def test_batches_come_in_the_order_asked_for(stream, memory, batch_size):
    order = np.random.default_rng(0).permutation(12)
    batches = stream.batches(batch_size, order=order)
    sizes = [len(y) for _, y in batches]
    assert sizes == [min(batch_size, 12 - at) for at in range(0, 12, batch_size)]
    for _ in range(3):
        x, y = joined(batches)
        np.testing.assert_array_equal(x, memory.x[order])
        np.testing.assert_array_equal(y, memory.y[order])
    x, y = joined(stream.batches(batch_size))
    np.testing.assert_array_equal(x, memory.x)


def test_an_order_may_leave_out_samples_and_repeat_them(stream, memory):
    order = np.array([3, 3, 0])
    np.testing.assert_array_equal(
        joined(stream.batches(2, order=order))[0], memory.x[order]
    )
    half = stream.subset(np.arange(6))
    x, y = joined(half.batches(4))
    np.testing.assert_array_equal(x, memory.x[:6])
    np.testing.assert_array_equal(y, memory.subset(np.arange(6)).y)


def test_batches_have_a_known_shape_and_type(stream):
    x, y = stream.batches(4).element_spec
    assert x == tf.TensorSpec((None, 6, 5, 3), tf.float32)
    assert y == tf.TensorSpec((None,), tf.int32)


def test_a_sample_that_is_gone_is_named(stream, pets):
    (pets / stream.places[7]).write_bytes(b"")
    sentence = (
        f"'{pets}/{stream.places[7]}' was an image before, but no longer is: cannot "
        f"identify image file '{pets}/{stream.places[7]}'."
    )
    with pytest.raises(DataError) as error:
        stream.load()
    assert str(error.value) == sentence
    with pytest.raises(tf.errors.OpError) as wrapped:
        joined(stream.batches(4))
    assert sentence in str(wrapped.value)


@pytest.mark.parametrize("batch_size", [0, 2.0, True])
def test_a_batch_size_that_is_none_is_refused(stream, batch_size):
    with pytest.raises(ValueError) as error:
        stream.batches(batch_size)
    assert str(error.value) == (
        "A stream needs `batch_size` to be a positive int. "
        f"Received: batch_size={batch_size!r}."
    )


def test_threads_give_results_in_order_and_errors_at_once():
    count = 3 * CHUNK * WORKERS + 1
    squares = map_threads(lambda number: number**2, range(count))
    assert list(squares) == [number**2 for number in range(count)]
    assert list(map_threads(len, [])) == []
    done = []

    def fail(number):
        done.append(number)
        raise KeyError(number)

    with pytest.raises(KeyError):
        list(map_threads(fail, range(count)))
    assert len(done) <= 4 * WORKERS  # each chunk stops at its first error
