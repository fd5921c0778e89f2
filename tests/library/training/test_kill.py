"""A training that is killed again and again ends with the bits of one that is not."""

import dataclasses
import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from kerasheet.training import Augmentation, default_recipe, read_run

PROCESS = Path(__file__).with_name("training_process.py")


def start(recipe, path):
    fields = json.dumps(recipe.to_json())
    command = [sys.executable, PROCESS, fields, path, "resume"]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )


def finish(recipe, path):
    process = start(recipe, path)
    said, _ = process.communicate()
    assert process.returncode == 0, said
    return read_run(path)


def kill(recipe, path, epoch, seconds):
    """SIGKILL so long after an epoch, or one after it, has begun."""
    process = start(recipe, path)
    for line in process.stdout:
        if line.startswith("epoch") and int(line.split()[1]) >= epoch:
            break
    time.sleep(seconds)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL


def assert_same(one, other):
    """Bit by bit: the weights, the optimizer's state and the history."""
    ours, theirs = one.load_model(), other.load_model()
    for mine, its in (
        (ours.weights, theirs.weights),
        (ours.optimizer.variables, theirs.optimizer.variables),
    ):
        for value, expected in zip(mine, its, strict=True):
            np.testing.assert_array_equal(value.numpy(), expected.numpy())
    histories = [(run.path / "history.csv").read_bytes() for run in (one, other)]
    assert histories[0] == histories[1]
    leave_out = {"training_seconds"}
    for name in set(one.metrics) - leave_out:
        assert one.metrics[name] == other.metrics[name]


def image_recipe(tmp_path):
    return default_recipe("mlp_dropout", "digits", epochs=16, patience=15, seed=5)


def text_recipe(tmp_path):
    letters = "".join(random.Random(0).choices("abcde fgh", k=20_000))
    (tmp_path / "text.txt").write_text(letters)
    return default_recipe(
        "rnn_lm",
        str(tmp_path / "text.txt"),
        epochs=6,
        model_arguments={"units": 32},
        batch_size=8,
        text={"steps": 16},
    )


def augmented_recipe(tmp_path):
    return dataclasses.replace(
        default_recipe("lenet_batch_norm", "digits", epochs=6),
        augment=Augmentation(flip=True, crop=2, shift=1),
        precision="mixed_bfloat16",
        validation=0.2,
    )


def kill_and_compare(recipe, tmp_path, kills):
    whole = finish(recipe, tmp_path / "whole")
    generator, path = random.Random(0), tmp_path / "killed"
    for number in range(kills):
        part = (number + generator.random()) / (kills + 1)  # and never the last epoch
        epoch = 1 + int(part * (recipe.epochs - 1))
        kill(recipe, path, epoch, generator.uniform(0, 0.1))
    assert_same(finish(recipe, path), whole)
    assert sorted(entry.name for entry in tmp_path.glob("*killed*")) == ["killed"]


@pytest.mark.parametrize(("make", "kills"), [(image_recipe, 1), (text_recipe, 1)])
def test_a_kill_changes_nothing(make, kills, tmp_path):
    kill_and_compare(make(tmp_path), tmp_path, kills)


@pytest.mark.soak
@pytest.mark.parametrize(
    ("make", "kills"), [(image_recipe, 8), (augmented_recipe, 6), (text_recipe, 6)]
)
def test_twenty_kills_change_nothing(make, kills, tmp_path):
    kill_and_compare(make(tmp_path), tmp_path, kills)
