"""Stopping a training, and going on: Ctrl-C, NaN, a full disk, another recipe."""

import dataclasses
import fcntl
import os
import signal
from contextlib import suppress

import keras
import numpy as np
import pytest

from kerasheet.errors import RunError, TrainingError, TrainingStopped
from kerasheet.training import (
    Augmentation,
    checkpoint,
    default_recipe,
    guard,
    loop,
    read_run,
    train,
)

RECIPE = default_recipe("softmax_regression", "digits", epochs=4, seed=3)


class At(keras.callbacks.Callback):
    """Does something when an epoch, counted from 1, has ended."""

    def __init__(self, epoch, what):
        super().__init__()
        self.epoch, self.what = epoch, what

    def on_epoch_end(self, epoch, logs=None):
        if epoch + 1 == self.epoch:
            self.what(self.model)


def press_control_c(model):
    signal.raise_signal(signal.SIGINT)


def stop(recipe, path, epoch=2, **settings):
    with pytest.raises(TrainingStopped) as error:
        train(recipe, path, callbacks=[At(epoch, press_control_c)], **settings)
    return str(error.value)


def assert_same(run, other):
    for one, two in zip(
        run.load_model().weights, other.load_model().weights, strict=True
    ):
        np.testing.assert_array_equal(one.numpy(), two.numpy())
    assert run.history() == other.history()


def checkpoints(path):
    directory = path.with_name(f".{path.name}-training") / "checkpoints"
    return sorted(entry.name for entry in directory.iterdir())


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return train(RECIPE, tmp_path_factory.mktemp("runs") / "whole")


def test_control_c_stops_says_where_and_the_training_goes_on(whole, tmp_path):
    said, handler = [], signal.getsignal(signal.SIGINT)
    assert stop(RECIPE, tmp_path / "run") == (
        "Stopped in epoch 3 of 4. Train again with resume=True to go on."
    )
    assert signal.getsignal(signal.SIGINT) is handler
    assert not (tmp_path / "run").exists()
    run = train(RECIPE, tmp_path / "run", resume=True, tell=said.append)
    assert said == ["Goes on in epoch 3 of 4."]
    assert_same(run, whole)
    assert os.listdir(tmp_path) == ["run"]
    assert not (run.path / "checkpoints").exists()


def test_control_c_that_something_swallows_stops_the_training_when_it_begins(tmp_path):
    def swallow(sentence):
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)

    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(TrainingStopped, match=r"^Stopped in epoch 1 of 4\. "):
        train(RECIPE, tmp_path / "run", resume=True, tell=swallow)
    assert signal.getsignal(signal.SIGINT) is handler


def test_control_c_acts_within_an_epoch(whole, tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "CHUNK_SECONDS", 0.0)
    sentence = stop(RECIPE, tmp_path / "run", 1)
    assert sentence.startswith("Stopped in epoch 2 of 4.")
    with pytest.raises(TrainingStopped) as error:
        train(
            RECIPE,
            tmp_path / "run",
            resume=True,
            callbacks=[keras.callbacks.LambdaCallback(on_epoch_begin=interrupt)],
        )
    assert error.value.epoch == 2
    state = checkpoint.Checkpoints(
        tmp_path / ".run-training" / "checkpoints", RECIPE
    ).read()
    assert (state.facts["epoch"], state.facts["step"]) == (1, 1)
    assert_same(train(RECIPE, tmp_path / "run", resume=True), whole)


def test_what_the_process_ignores_does_not_stop_it(whole, tmp_path):
    """`nohup kerasheet train` outlives its terminal."""

    def close_terminal(model):
        signal.raise_signal(signal.SIGHUP)

    usual = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        run = train(RECIPE, tmp_path / "run", callbacks=[At(2, close_terminal)])
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, usual)
    assert_same(run, whole)


def interrupt(epoch, logs):
    signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize(
    "changes",
    [
        {"model": "mlp_dropout"},
        {"model": "lenet_batch_norm", "optimizer": "sgd", "momentum": 0.9},
        {"augment": Augmentation(flip=True, crop=2, shift=1), "validation": 0.2},
        {"patience": 1, "learning_rate": 0.5, "schedule": "constant", "epochs": 9},
        {"accumulation": 3, "warmup": 40, "optimizer": "adamw", "weight_decay": 0.01},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_whatever_the_recipe_a_resumed_training_ends_the_same(
    changes, tmp_path, monkeypatch
):
    monkeypatch.setattr(loop, "CHUNK_SECONDS", 0.0)
    monkeypatch.setattr(guard, "SECONDS", 0.0)
    recipe = dataclasses.replace(RECIPE, **changes)
    stop(recipe, tmp_path / "stopped", 1)
    resumed = train(recipe, tmp_path / "stopped", resume=True)
    assert_same(resumed, train(recipe, tmp_path / "whole"))


def test_a_finished_run_is_left_alone(whole):
    said, before = [], (whole.path / "model.keras").stat().st_mtime_ns
    assert train(RECIPE, whole.path, resume=True, tell=said.append) == whole
    assert said == [f"'{whole.path}' is finished, and left as it is."]
    assert (whole.path / "model.keras").stat().st_mtime_ns == before


def test_a_finished_run_of_another_recipe_is_refused(whole):
    with pytest.raises(RunError) as error:
        train(dataclasses.replace(RECIPE, epochs=9), whole.path, resume=True)
    assert str(error.value) == (
        f"'{whole.path}' is a finished run of another recipe: epochs is 4 there and 9 "
        "here. Name another with --run, or replace it with --overwrite and without "
        "--resume."
    )


def test_a_checkpoint_of_another_recipe_is_refused_and_kept(tmp_path):
    stop(RECIPE, tmp_path / "run")
    other = dataclasses.replace(RECIPE, seed=4, learning_rate=0.5)
    before = checkpoints(tmp_path / "run")
    with pytest.raises(RunError) as error:
        train(other, tmp_path / "run", resume=True)
    assert str(error.value) == (
        f"'{tmp_path}/.run-training/checkpoints' is of another recipe: learning_rate "
        "is 0.003 there and 0.5 here, seed is 3 there and 4 here. Go on with that "
        "recipe, or begin anew with --overwrite."
    )
    assert checkpoints(tmp_path / "run") == before


def test_an_unfinished_training_is_forgotten_only_when_asked(whole, tmp_path):
    stop(RECIPE, tmp_path / "run")
    with pytest.raises(RunError) as error:
        train(RECIPE, tmp_path / "run")
    assert str(error.value) == (
        f"An unfinished training is in '{tmp_path}/.run-training'. Go on with "
        "--resume, or begin anew with --overwrite."
    )
    assert_same(train(RECIPE, tmp_path / "run", overwrite=True), whole)


def test_without_a_checkpoint_training_begins_anew_and_says_so(whole, tmp_path):
    said = []
    run = train(RECIPE, tmp_path / "run", resume=True, tell=said.append)
    assert said == ["There is no checkpoint to go on from: training begins anew."]
    assert_same(run, whole)


def test_a_damaged_checkpoint_is_passed_over_for_the_one_before(
    whole, tmp_path, monkeypatch
):
    monkeypatch.setattr(guard, "SHARE", 1e9)
    stop(RECIPE, tmp_path / "run", 3)
    directory = tmp_path / ".run-training" / "checkpoints"
    _, latest = sorted(directory.iterdir())
    latest.write_bytes(latest.read_bytes()[:-100])
    assert_same(train(RECIPE, tmp_path / "run", resume=True), whole)


def test_checkpoints_that_are_all_damaged_are_named(tmp_path):
    stop(RECIPE, tmp_path / "run")
    directory = tmp_path / ".run-training" / "checkpoints"
    for path in directory.iterdir():
        path.write_bytes(b"")
    with pytest.raises(RunError) as error:
        train(RECIPE, tmp_path / "run", resume=True)
    assert str(error.value) == (
        f"The checkpoints in '{directory}' are damaged. Begin anew with --overwrite."
    )


def poison(model):
    model.weights[0].assign(np.full(model.weights[0].shape, np.nan))


@pytest.mark.parametrize(
    ("share", "sentence"),
    [
        (1e-9, "The loss is no longer a number in epoch 3, step 1 of 23."),
        (1e9, "The weights are no longer numbers after epoch 2, step 23 of 23."),
    ],
    ids=["next step", "checkpoint"],
)
def test_what_is_no_number_stops_and_leaves_the_last_good_checkpoint(
    share, sentence, tmp_path, monkeypatch
):
    monkeypatch.setattr(guard, "SHARE", share)
    with pytest.raises(TrainingError) as error:
        train(RECIPE, tmp_path / "run", callbacks=[At(2, poison)])
    assert str(error.value) == f"{sentence} Try a smaller learning rate."
    directory = tmp_path / ".run-training" / "checkpoints"
    state = checkpoint.Checkpoints(directory, RECIPE).read()
    assert state.facts["epoch"] == 1
    assert np.isfinite(state.arrays["model/0"]).all()


def test_the_step_of_a_loss_that_is_no_number_is_named_within_an_epoch(tmp_path):
    recipe = dataclasses.replace(RECIPE, learning_rate=1e38, optimizer="sgd")
    with pytest.raises(TrainingError, match=r"in epoch 1, step [2-9] of 23\."):
        train(recipe, tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_a_sentence_and_the_checkpoint_before_it_is_whole(
    whole, tmp_path, monkeypatch
):
    monkeypatch.setattr(guard, "SHARE", 1e9)
    savez = np.savez

    def half(file, **arrays):
        savez(file, **dict(list(arrays.items())[:2]))
        raise OSError(28, "No space left on device")

    def fill_disk(model):
        monkeypatch.setattr(np, "savez", half)

    with pytest.raises(TrainingError) as error:
        train(RECIPE, tmp_path / "run", callbacks=[At(3, fill_disk)])
    directory = tmp_path / ".run-training" / "checkpoints"
    assert str(error.value) == (
        f"A checkpoint cannot be written to '{directory}' (No space left on device). "
        "Make room, and go on from the one before it with --resume."
    )
    monkeypatch.setattr(np, "savez", savez)
    assert all(name.endswith(".npz") for name in checkpoints(tmp_path / "run"))
    assert_same(train(RECIPE, tmp_path / "run", resume=True), whole)


def test_a_disk_that_is_full_at_the_end_loses_nothing(whole, tmp_path, monkeypatch):
    def fail(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(keras.Model, "save", fail)
    with pytest.raises(TrainingError) as error:
        train(RECIPE, tmp_path / "run")
    assert str(error.value) == (
        f"The run cannot be written to '{tmp_path}/.run-training' (No space left on "
        "device), but its last checkpoint is whole. Make room, and go on with --resume."
    )
    monkeypatch.undo()
    assert_same(train(RECIPE, tmp_path / "run", resume=True), whole)


def test_two_trainings_do_not_write_to_one_place(tmp_path):
    staging = tmp_path / ".run-training"
    staging.mkdir()
    other = os.open(staging, os.O_RDONLY)
    fcntl.flock(other, fcntl.LOCK_EX)
    with pytest.raises(RunError) as error:
        train(RECIPE, tmp_path / "run")
    os.close(other)
    assert str(error.value) == (
        f"'{tmp_path}/run' is being trained by another process. Wait for it, or name "
        "another place with --run."
    )


def test_a_callback_with_a_state_is_resumed(tmp_path):
    class Counter(keras.callbacks.Callback):
        seen = 0

        def on_epoch_end(self, epoch, logs=None):
            self.seen += 1

        def get_state(self):
            return {"seen": np.array(self.seen)}

        def set_state(self, arrays):
            self.seen = int(arrays["seen"])

    with pytest.raises(TrainingStopped):
        train(RECIPE, tmp_path / "run", callbacks=[Counter(), At(2, press_control_c)])
    again = Counter()
    train(RECIPE, tmp_path / "run", resume=True, callbacks=[again])
    assert again.seen == 4


def test_an_overwriting_training_that_is_stopped_leaves_the_old_run(whole, tmp_path):
    train(dataclasses.replace(RECIPE, epochs=1), tmp_path / "run")
    stop(RECIPE, tmp_path / "run", overwrite=True)
    assert read_run(tmp_path / "run").recipe.epochs == 1
    with pytest.raises(RunError, match="is a run directory already"):
        train(RECIPE, tmp_path / "run", resume=True)
    run = train(RECIPE, tmp_path / "run", resume=True, overwrite=True)
    assert_same(run, whole)
