"""Two replicas that share every batch come to what one process does."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from kerasheet.training.replicas import cut

ALIKE = (
    "mlp",
    "mlp_on_disk",
    "clipped_with_momentum",
    "accumulated",
    "adam_with_scaled_loss",
    "batch_norm_together",
    "text_random",
    "text_consecutive",
)


@pytest.fixture(scope="module")
def found():
    script = Path(__file__).with_name("replicas_process.py")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("name", ALIKE)
def test_two_replicas_learn_what_one_process_does(found, name):
    alone, shared = found[name]
    # The parts are added up in another order; 1e-5 is what rounding leaves.
    np.testing.assert_allclose(
        shared["weights"], alone["weights"], rtol=1e-5, atol=1e-5
    )
    for figure, values in alone["history"].items():
        np.testing.assert_allclose(shared["history"][figure], values, rtol=1e-5)


def test_replicas_normalize_by_their_own_statistics_unless_told_otherwise(found):
    alone, shared = found["batch_norm"]
    difference = np.subtract(shared["weights"], alone["weights"])
    assert np.abs(difference).max() > 1e-3


def test_moving_averages_are_the_mean_over_the_replicas_on_each(found):
    # The halves are (0, 2) and (4, 6): means 1 and 5, and variances of 1.
    assert found["statistics"] == [[3.0, 3.0], [1.0, 1.0]]


def test_replicas_drop_different_units(found):
    assert 400 < found["masks"] < 600  # about half are alike by chance


def test_what_replicas_cannot_share_is_refused_in_a_sentence(found):
    sentence = (
        "Model 'own' cannot be trained on several replicas: that takes losses of Keras "
        "that are a mean over the samples, and Keras' own train_step."
    )
    assert found["refused"] == [sentence] * 3


def test_weights_that_the_loss_does_not_reach_stay_as_they_are(found):
    assert found["unreached"] == [False, False, True, True]


@pytest.mark.parametrize("replicas", [1, 2, 3, 8])
def test_parts_of_a_batch_are_all_of_it_and_never_grow_as_it_shrinks(replicas):
    before = [0] * replicas
    for size in range(1, 20):
        parts = [cut(size, rank, replicas, min) for rank in range(replicas)]
        counted = [
            row for part in parts for row in range(part.first, part.first + part.rows)
        ]
        assert counted == list(range(size))
        lengths = [part.last - part.first for part in parts]
        assert min(lengths) >= 1
        assert all(part.last <= size for part in parts)
        assert all(now >= then for now, then in zip(lengths, before, strict=True))
        before = lengths
