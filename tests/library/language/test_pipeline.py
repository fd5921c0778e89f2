"""Windows as a `tf.data.Dataset`: the same as those of the index form."""

import numpy as np
import pytest

from kerasheet.errors import DataError
from kerasheet.language import SAMPLINGS, gather
from kerasheet.language.pipeline import window_dataset

both = pytest.mark.parametrize("sampling", SAMPLINGS)


def read(dataset):
    """Inputs and labels of one iteration: (batches, batch_size, steps) each."""
    inputs, labels = zip(*dataset.as_numpy_iterator(), strict=True)
    return np.stack(inputs), np.stack(labels)


@both
def test_feeds_the_windows_of_the_index_form_on_disk_as_in_memory(sampling, tmp_path):
    ids = np.random.default_rng(0).integers(0, 999, 500).astype(np.uint16)
    ids.tofile(tmp_path / "ids")
    for source in (ids, np.memmap(tmp_path / "ids", np.uint16, mode="r")):
        dataset = window_dataset(source, 7, 4, sampling, seed=3)
        for iteration in range(3):
            rng = np.random.default_rng([3, iteration])
            windows = gather(ids, SAMPLINGS[sampling](500, 7, 4, rng), 7)
            inputs, labels = read(dataset)
            np.testing.assert_array_equal(inputs, windows[..., :-1])
            np.testing.assert_array_equal(labels, windows[..., 1:])


@both
def test_each_iteration_and_each_seed_has_windows_of_its_own(sampling):
    ids = np.arange(5000)
    dataset = window_dataset(ids, 50, 2, sampling, seed=0)
    draws = [read(dataset)[0].tobytes() for _ in range(5)]
    draws.append(read(window_dataset(ids, 50, 2, sampling, seed=1))[0].tobytes())
    assert len(set(draws)) == 6


def test_says_how_many_batches_of_which_form_it_has():
    dataset = window_dataset(np.arange(10_000), 35, 32)
    assert dataset.cardinality() == 8
    for part in dataset.element_spec:
        assert part.shape == (32, 35)
        assert part.dtype == "int32"


def test_reads_no_more_of_the_text_than_the_batches_it_gives():
    class Watched:
        """A text that notes what is read of it."""

        read = 0

        def __len__(self):
            return 1_000_000

        def __getitem__(self, places):
            self.read += places.size
            return places

    ids = Watched()
    for batch, _ in zip(range(2), window_dataset(ids, 9, 2), strict=False):
        assert batch < 2
    assert ids.read < 10_000  # what is read ahead is a few batches of 20


def test_refuses_at_once_what_the_index_form_refuses():
    with pytest.raises(DataError) as error:
        window_dataset(np.arange(5), 2, 2)
    assert str(error.value) == (
        "5 tokens are too few for a batch of 2 windows of 2 steps: it takes at least "
        "6. Give more text, or lower --steps or --batch-size."
    )
    with pytest.raises(ValueError) as error:
        window_dataset(np.arange(9), 2, 2, "consecutiv")
    assert str(error.value) == (
        "Unknown sampling 'consecutiv'. Did you mean 'consecutive'? "
        "Known: random, consecutive."
    )
