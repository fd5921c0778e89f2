"""What TensorBoard would read."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasheet.errors import TrainingError
from kerasheet.models import softmax_regression
from kerasheet.training import fit
from kerasheet.training.event_log import EventLog


@pytest.fixture
def training():
    model = softmax_regression((4, 4, 1), classes=3)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("sgd", loss, metrics=["accuracy"])
    random = np.random.default_rng(0)
    x, y = random.random((12, 4, 4, 1), "float32"), random.integers(0, 3, 12)
    return model, x, y


def events(directory):
    """The figures in the only file of a directory, by tag, as (epoch, value)."""
    [file] = directory.iterdir()
    found = {}
    for event in tf.compat.v1.train.summary_iterator(str(file)):
        for value in event.summary.value:
            assert value.metadata.plugin_data.plugin_name in {"scalars", ""}
            figure = float(tf.make_ndarray(value.tensor))
            found.setdefault(value.tag, []).append((event.step, figure))
    return found


def expected(history, prefix):
    names = [n for n in history if n.startswith("val_") == (prefix == "val_")]
    return {
        f"epoch_{name.removeprefix('val_')}": [
            # TensorBoard keeps float32.
            (epoch, pytest.approx(value, rel=1e-6))
            for epoch, value in enumerate(history[name])
        ]
        for name in names
    }


@pytest.mark.filterwarnings("ignore:.*tf_record_iterator.*")
@pytest.mark.parametrize("ours", [True, False])
def test_every_figure_of_every_epoch_is_written(training, tmp_path, ours):
    model, x, y = training
    train = fit if ours else type(model).fit
    history = train(
        model,
        x,
        y,
        batch_size=4,
        epochs=3,
        validation_data=(x, y),
        callbacks=[EventLog(tmp_path / "log")],
        verbose=0,
    ).history
    assert sorted(history) == ["accuracy", "loss", "val_accuracy", "val_loss"]
    assert events(tmp_path / "log" / "train") == expected(history, "")
    assert events(tmp_path / "log" / "validation") == expected(history, "val_")


def test_without_held_out_data_there_is_no_file_for_it(training, tmp_path):
    model, x, y = training
    fit(model, x, y, batch_size=4, epochs=1, callbacks=[EventLog(tmp_path)], verbose=0)
    assert [path.name for path in tmp_path.iterdir()] == ["train"]


def test_a_place_that_cannot_be_written_to_is_refused_before_training(
    training, tmp_path
):
    model, x, y = training
    before = model.get_weights()
    (tmp_path / "log").touch()
    log = EventLog(tmp_path / "log")
    with pytest.raises(TrainingError) as error:
        fit(model, x, y, batch_size=4, epochs=1, callbacks=[log], verbose=0)
    assert str(error.value) == (
        f"Event files cannot be written to '{tmp_path}/log/train' (Not a directory). "
        "Make room, or name another directory with --tensorboard."
    )
    np.testing.assert_array_equal(model.get_weights()[0], before[0])


def test_a_disk_that_fills_up_is_a_sentence(training, tmp_path, monkeypatch):
    model, x, y = training

    def fail(*arguments, **options):
        raise tf.errors.ResourceExhaustedError(None, None, "No space left on device")

    log = EventLog(tmp_path)
    monkeypatch.setattr(tf.summary, "write", fail)
    with pytest.raises(TrainingError) as error:
        fit(model, x, y, batch_size=4, epochs=1, callbacks=[log], verbose=0)
    assert str(error.value) == (
        f"Event files cannot be written to '{tmp_path}/train' "
        "(ResourceExhaustedError). Make room, or name another directory with "
        "--tensorboard."
    )
