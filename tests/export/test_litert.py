"""LiteRT: every model of images, checked by LiteRT's own interpreter."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from model_cases import CASES

from kerasheet.models import rnn_lm, stateful
from kerasheet_export import ExportError
from kerasheet_export.litert import run_litert, write_litert

ATOL = 1e-5  # on probabilities; float32 in another order of summation
QUICK = {"softmax_regression", "lenet_batch_norm"}


def classifier(model, labels=tuple("abcdefghij")):
    [tensor] = model.inputs
    spec = tf.TensorSpec(tensor.shape, tensor.dtype, name=tensor.name)

    @tf.function(input_signature=[spec], autograph=False)
    def call(x):
        logits = model(x, training=False)
        best = tf.gather(tf.constant(labels), tf.argmax(logits, axis=-1))
        probabilities = tf.nn.softmax(logits)
        return {"logits": logits, "probabilities": probabilities, "classes": best}

    return call


def step_function(model, batch):
    reader = stateful(model)
    shape = reader.inputs[1].shape
    ids = tf.TensorSpec((batch, None), tf.int32, name="ids")
    state = tf.TensorSpec((batch, *shape[1:]), tf.float32, name="state")

    @tf.function(input_signature=[ids, state], autograph=False)
    def call(ids, state):
        logits, last = reader([ids, state], training=False)
        return {"logits": logits, "next_state": last}

    return call


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, marks=[] if case.name in QUICK else [pytest.mark.slow])
        for case in CASES
    ],
    ids=str,
)
def test_every_model_of_images_answers_as_keras_does_for_any_batch(case, tmp_path):
    model = case.build()
    for weight in model.weights:  # also moving averages: nothing may cancel out
        weight.assign(weight + 0.001 * keras.random.uniform(weight.shape))
    path = tmp_path / "model.tflite"
    write_litert(model, classifier(model), path)
    assert path.stat().st_size < 1.01 * 4 * model.count_params() + 10_000
    for batch in (1, 5, 2):
        x = keras.random.uniform((batch, *model.input_shape[1:]))
        found = run_litert(path, {model.inputs[0].name: np.asarray(x)})
        logits = model(x, training=False)
        expected = np.asarray(tf.nn.softmax(logits))
        np.testing.assert_allclose(found["probabilities"], expected, atol=ATOL)
        scale = np.abs(logits).max()
        np.testing.assert_allclose(found["logits"], logits, atol=1e-4 * scale)
        classes = [b"abcdefghij"[best : best + 1] for best in np.argmax(logits, -1)]
        assert found["classes"].tolist() == classes


def test_a_language_model_decodes_one_text_at_a_time(tmp_path):
    model, path = rnn_lm(classes=7, units=8), tmp_path / "step.tflite"
    write_litert(model, step_function(model, batch=1), path)
    ids = np.array([[3, 0, 6, 1, 1]], np.int32)
    state = np.zeros((1, 1, 8), np.float32)
    found = []
    for part in (ids[:, :2], ids[:, 2:]):
        answer = run_litert(path, {"ids": part, "state": state})
        found.append(answer["logits"])
        state = answer["next_state"]
    np.testing.assert_allclose(np.concatenate(found, axis=1), model(ids), atol=ATOL)


def test_a_recurrent_model_of_a_free_batch_is_refused(tmp_path):
    model, path = rnn_lm(classes=7, units=8), tmp_path / "step.tflite"
    with pytest.raises(ExportError) as error:
        write_litert(model, step_function(model, batch=None), path)
    assert str(error.value) == (
        "'rnn_lm' cannot be written for LiteRT: 'tf.TensorListReserve' op requires "
        "element_shape to be static during TF Lite transformation pass. Export it as "
        "ONNX, or, if it is recurrent, for a batch of fixed size."
    )
    assert not path.exists()
