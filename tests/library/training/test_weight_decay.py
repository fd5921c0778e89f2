"""The book's experiment on weight decay: what must come out of it, and its rows."""

import dataclasses
import json
from functools import cache

import keras
import numpy as np
import pytest

from kerasheet.errors import RecipeError
from kerasheet.ops import l2_update
from kerasheet.training import BOOK, Outcome, reproduce, write_table
from kerasheet.training.weight_decay import (
    LEARNING_RATE,
    SAMPLES,
    STRENGTH,
    make_model,
    make_samples,
)

ROW = BOOK["weight_decay"]


@cache
def history(strength, mean=ROW.start):
    return dataclasses.replace(ROW, start=mean).train(strength)[1]


def weights(model):
    return [weight.numpy().astype("float64") for weight in model.weights]


def start(row):
    keras.utils.set_random_seed(0)
    return weights(make_model(row.start))


def seen_by_no_sample(kernel):
    """What is left of w without its part in the span of the samples."""
    x = make_samples()[0].x.astype("float64")
    return kernel - np.linalg.pinv(x) @ (x @ kernel)


@pytest.mark.parametrize("strength", [0.0, STRENGTH])
def test_along_what_no_sample_sees_weights_decay_and_do_nothing_else(strength):
    row = dataclasses.replace(ROW, epochs=10)
    steps = row.epochs * SAMPLES // row.batch_size
    before = seen_by_no_sample(start(row)[0])
    after = seen_by_no_sample(weights(row.train(strength)[0])[0])
    factor = (1 - LEARNING_RATE * strength) ** steps
    np.testing.assert_allclose(after, factor * before, atol=1e-5)  # float32, 40 steps


@pytest.mark.parametrize("strength", [0.0, STRENGTH])
def test_a_step_is_the_sheets_for_w_and_leaves_b_without_decay(strength):
    row = dataclasses.replace(ROW, batch_size=SAMPLES, epochs=1)
    x, y = (array.astype("float64") for array in make_samples()[0])
    kernel, bias = start(row)
    error = x @ kernel + bias - y
    moved = l2_update(kernel, x.T @ error / SAMPLES, LEARNING_RATE, strength)
    ours, our_bias = weights(row.train(strength)[0])
    np.testing.assert_allclose(ours, moved, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(our_bias, bias - LEARNING_RATE * error.mean(), rtol=1e-4)


@pytest.mark.parametrize(
    ("mean", "norm", "decayed"), [(1.0, 19.01, 0.502), (0.0, 12.96, 0.356)]
)
def test_norms_are_those_of_theory_and_of_the_book(mean, norm, decayed):
    """TensorFlow's notebook starts from N(1, 1), PyTorch's from N(0, 1)."""
    steps = ROW.epochs * SAMPLES // ROW.batch_size
    expected = np.sqrt(180 * (1 + mean**2))
    shrunk = expected * (1 - LEARNING_RATE * STRENGTH) ** steps
    for strength, values in ((0.0, (expected, norm)), (STRENGTH, (shrunk, decayed))):
        ours = history(strength, mean)["norm"][-1]
        # Three standard deviations of the length of 180 numbers by chance.
        assert ours == pytest.approx(values[0], rel=0.16)
        assert ours == pytest.approx(values[1], rel=0.22)


def test_decay_costs_fit_and_gains_on_the_test():
    plain, decayed = history(0.0), history(STRENGTH)
    assert decayed["loss"][-1] > plain["loss"][-1]
    assert decayed["val_loss"][-1] < plain["val_loss"][-1] / 100


@pytest.mark.parametrize(
    "name", ["weight_decay", "weight_decay_concise", "weight_decay_first"]
)
def test_a_row_comes_out_as_published_with_a_plot_and_without_a_run(name, tmp_path):
    [one] = reproduce([name], tmp_path / "book", follow=None, samples=7)
    assert one.agrees()
    assert (one.epochs, set(one.ours)) == (100, {"norm", "decayed_norm"})
    write_table([one], tmp_path / "book")
    assert sorted(path.name for path in (tmp_path / "book").iterdir()) == [
        "reproduction.json",
        "reproduction.md",
        "reproduction.png",
        f"{name}.png",
    ]
    [row] = json.loads((tmp_path / "book" / "reproduction.json").read_text())
    assert row["ours"]["decayed_norm"] == one.ours["decayed_norm"]


@pytest.mark.parametrize("factor", [0.5, 1.0, 2.0])
def test_another_strength_does_not_pass_for_the_books(factor):
    plain, decayed = (
        history(strength)["norm"] for strength in (0.0, factor * STRENGTH)
    )
    ours = {"norm": plain[-1], "decayed_norm": decayed[-1]}
    one = Outcome("row", ROW.epochs, ours, ROW.published, 1.0, "")
    assert one.agrees() is (factor == 1.0)


def test_epochs_are_as_asked_and_fewer_do_not_agree(tmp_path):
    [one] = reproduce(["weight_decay"], tmp_path, follow=None, epochs=3)
    assert one.epochs == 3
    assert not one.agrees()


def test_no_epochs_are_refused(tmp_path):
    with pytest.raises(RecipeError) as error:
        list(reproduce(["weight_decay"], tmp_path, follow=None, epochs=0))
    assert str(error.value) == (
        "Weight decay needs `epochs` to be a positive int. Received: epochs=0."
    )
