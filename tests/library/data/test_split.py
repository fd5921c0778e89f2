"""What is held out, and from what."""

import numpy as np
import pytest

from kerasheet.data import Dataset, Examples, Stream, digits, hold_out, image_folder
from kerasheet.data.split import stratify
from kerasheet.errors import DataError


def test_every_class_gives_its_share_and_at_least_one():
    y = np.repeat([0, 1, 2, 3], [100, 50, 3, 2])
    rest, held_out = stratify(np.random.default_rng(0).permutation(y), 0.2)
    assert sorted([*rest, *held_out]) == list(range(155))
    assert list(rest) == sorted(rest)
    rest, held_out = stratify(y, 0.2)
    assert np.bincount(y[held_out]).tolist() == [20, 10, 1, 1]
    rest, held_out = stratify(y, 0.99)
    assert np.bincount(y[rest]).tolist() == [1, 1, 1, 1]


def test_the_seed_decides():
    y = np.repeat([0, 1], 50)
    _, first = stratify(y, 0.1)
    _, again = stratify(y, 0.1, seed=0)
    _, other = stratify(y, 0.1, seed=1)
    assert first.tolist() == again.tolist() != other.tolist()
    assert first.tolist() == [2, 10, 11, 28, 41, 52, 63, 66, 73, 80]  # everywhere


@pytest.mark.parametrize("share", [0, 1, -0.5, float("nan")])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(ValueError) as error:
        stratify(np.array([0, 0]), share)
    assert str(error.value) == (
        f"Holding out needs a `share` between 0 and 1. Received: share={share!r}."
    )


def test_a_class_of_one_sample_is_refused_by_number_or_name():
    for labels, name in ((None, "1"), (("cat", "dog"), "dog")):
        with pytest.raises(DataError) as error:
            stratify(np.array([0, 0, 1]), 0.5, labels=labels)
        assert str(error.value) == (
            "Holding out 50% of every class takes at least 2 samples of each, but "
            f"class {name!r} has 1. Add samples, or remove the class."
        )


def test_samples_in_memory_and_on_disk_are_held_out_alike(pets):
    memory, stream = image_folder(pets).train, image_folder(pets, memory_limit=0).train
    for here, there in zip(
        hold_out(memory, 0.25, 3), hold_out(stream, 0.25, 3), strict=True
    ):
        assert isinstance(here, Examples)
        assert isinstance(there, Stream)
        np.testing.assert_array_equal(here.x, there.load().x)
        np.testing.assert_array_equal(here.y, there.y)


def test_a_validation_part_comes_out_of_training_with_its_names(pets):
    before = image_folder(pets)
    data = before.split(0.25)
    assert before.validation is None
    assert [len(part.y) for part in (data.train, data.validation, data.test)] == [
        9,
        3,
        3,
    ]
    assert list(data.sources) == ["train", "validation", "test"]
    rows = [list(before.sources["train"]).index(n) for n in data.sources["validation"]]
    np.testing.assert_array_equal(data.validation.x, before.train.x[rows])
    assert not set(data.sources["validation"]) & set(data.sources["train"])
    assert data.sources["test"] is before.sources["test"]


def test_a_validation_part_of_a_class_with_one_sample_is_refused_by_name():
    one = Examples(np.zeros((3, 1, 1, 1), "float32"), np.array([0, 0, 1], "int32"))
    with pytest.raises(DataError, match="class 'dog' has 1"):
        Dataset(one, one, ("cat", "dog")).split(0.5)


def test_samples_without_names_are_called_by_their_numbers():
    one = Examples(np.zeros((3, 1, 1, 1), "float32"), np.zeros(3, "int32"))
    data = Dataset(one, one.subset(np.array([0])), ("cat",))
    assert {part: names.tolist() for part, names in data.sources.items()} == {
        "train": [0, 1, 2],
        "test": [0],
    }


def test_digits_are_called_by_their_numbers_in_scikit_learn():
    from sklearn.datasets import load_digits

    data, images = digits(8), load_digits().images
    for part, samples in (("train", data.train), ("test", data.test)):
        expected = images[data.sources[part]] / 16
        np.testing.assert_allclose(samples.x[..., 0], expected, rtol=1e-6)
