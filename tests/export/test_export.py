"""What is published: valid, small, named, equal to Keras, all or nothing."""

import subprocess
import sys
from functools import partial

import keras
import numpy as np
import pytest
import tensorflow as tf
from onnx.reference import ReferenceEvaluator

from kerasheet.data import digits
from kerasheet.language import Vocabulary
from kerasheet.layers import Dense
from kerasheet.models import MODELS, lenet, rnn_lm, softmax_regression
from kerasheet.ops import softmax
from kerasheet_export import ExportError, ParityError, export
from kerasheet_export import parity as parity_module
from kerasheet_export.signature import inference
from kerasheet_serving import (
    Repository,
    RepositoryError,
    Session,
    read_manifest,
    verify_files,
)

TOLERANCE = 1e-5  # on probabilities; float32 in another order of summation


def worst(version):
    """The largest difference that the manifest has, relative or absolute."""
    return max(
        min(delta.absolute, delta.relative)
        for outputs in read_manifest(version).parity.values()
        for delta in outputs.values()
    )


def keras_answers(model, x):
    logits = np.asarray(model(x, training=False))
    return {"logits": logits, "probabilities": np.asarray(softmax(logits))}


@pytest.fixture(scope="module")
def expected(run):
    return keras_answers(run.load_model(), digits().test.x)


def test_onnx_runtime_agrees_on_every_test_image(version, expected):
    answers = Session(version).run({"images": digits().test.x})
    for name, values in answers.items():
        np.testing.assert_allclose(values, expected[name], rtol=1e-4, atol=TOLERANCE)


def test_onnx_means_the_same_to_its_reference_implementation(version, expected):
    [probabilities] = ReferenceEvaluator(str(version / "model.onnx")).run(
        ["probabilities"], {"images": digits().test.x[:8]}
    )
    np.testing.assert_allclose(
        probabilities, expected["probabilities"][:8], atol=TOLERANCE
    )


def test_saved_model_agrees_in_a_process_where_keras_cannot_be_imported(
    version, expected, tmp_path
):
    np.save(tmp_path / "x.npy", digits().test.x)
    script = f"""
import sys
sys.modules["keras"] = sys.modules["kerasheet"] = None
import numpy as np, tensorflow as tf
serve = tf.saved_model.load({str(version)!r}).signatures["serving_default"]
answer = serve(images=tf.constant(np.load({str(tmp_path / "x.npy")!r})))
np.save({str(tmp_path / "y.npy")!r}, answer["probabilities"].numpy())
"""
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)
    np.testing.assert_allclose(
        np.load(tmp_path / "y.npy"), expected["probabilities"], atol=TOLERANCE
    )


def test_saved_model_stores_each_weight_once(version, run):
    reader = tf.train.load_checkpoint(str(version / "variables" / "variables"))
    stored = sum(
        int(np.prod(shape))
        for name, shape in reader.get_variable_to_shape_map().items()
        if name != "_CHECKPOINTABLE_OBJECT_GRAPH"
    )
    assert stored == run.load_model().count_params()


def test_manifest_says_what_is_there(version, run):
    manifest = read_manifest(version)
    assert manifest.name == "lenet_batch_norm"
    assert manifest.version == 1
    assert [str(spec) for spec in (*manifest.inputs, *manifest.outputs)] == [
        "images float32[batch, 28, 28, 1]",
        "logits float32[batch, 10]",
        "probabilities float32[batch, 10]",
    ]
    assert manifest.labels == run.labels
    assert manifest.metrics == run.metrics
    assert set(manifest.parity) == {"saved_model", "onnx", "classify", "predict_bytes"}
    assert set(manifest.parity["saved_model"]) == {"logits", "probabilities", "classes"}
    assert worst(version) <= TOLERANCE
    assert {"model.onnx", "saved_model.pb", "README.md"} < set(manifest.files)
    assert manifest.preprocessing == {"scale": 1 / 255, "resize": "bicubic"}
    assert manifest.provenance["dataset"] == "digits"
    verify_files(version, manifest)


def test_an_answer_does_not_depend_on_the_rest_of_its_batch(version):
    session, x = Session(version), digits().test.x[:6]
    together = session.run({"images": x})["logits"]
    alone = [session.run({"images": x[i : i + 1]})["logits"][0] for i in range(6)]
    np.testing.assert_allclose(together, alone, rtol=1e-4, atol=1e-5)


def test_any_keras_model_of_logits_is_published(tmp_path):
    inputs = keras.Input((5,), name="features")
    hidden = keras.layers.Dense(8, "relu")(inputs)
    model = keras.Model(inputs, Dense(3)(hidden), name="mine")
    path = export(model, tmp_path, labels=["a", "b", "c"])
    assert path == tmp_path / "mine" / "1"
    assert str(read_manifest(path).inputs[0]) == "features float32[batch, 5]"


def test_versions_count_up_and_may_be_given(tmp_path):
    model = softmax_regression((2, 2, 1), 3)
    paths = [export(model, tmp_path, "m", version=v) for v in (None, 7, None)]
    assert [path.name for path in paths] == ["1", "7", "8"]
    assert Repository(tmp_path).models() == {"m": (1, 7, 8)}


def test_a_form_that_answers_differently_is_not_published(tmp_path, monkeypatch):
    monkeypatch.setattr(parity_module, "TOLERANCE", -1.0)
    with pytest.raises(ParityError) as error:
        export(lenet(), tmp_path, "m")
    assert "differs from Keras by" in str(error.value)
    assert "It must not be used." in str(error.value)
    assert list(tmp_path.rglob("*")) == []


def test_weights_that_differ_a_little_are_noticed(tmp_path):
    """The check compares computations, not files."""
    model = softmax_regression((4, 4, 1), 3)
    x = np.random.default_rng(0).random((8, 4, 4, 1), "float32")
    path = export(model, tmp_path, "m")
    model.set_weights(
        [weight + 1e-3 * (i + 1) for i, weight in enumerate(model.get_weights())]
    )
    model.layers[-1].bias.assign([0.0, 1e-3, 2e-3])
    with pytest.raises(ParityError):
        parity_module.measure_parity(inference(model), {"onnx": Session(path).run}, [x])


def test_refuses_a_model_with_two_outputs(tmp_path):
    inputs = keras.Input((5,))
    model = keras.Model(inputs, [Dense(3)(inputs), Dense(2)(inputs)], name="two")
    with pytest.raises(ExportError) as error:
        export(model, tmp_path)
    assert str(error.value) == (
        "Exporting 'two' needs a built model with one input and one output, the "
        "logits. Make it with keras.Model(inputs, outputs)."
    )


def test_refuses_labels_that_do_not_match_the_classes(tmp_path):
    with pytest.raises(ExportError) as error:
        export(softmax_regression((2, 2, 1), 3), tmp_path, labels=["a", "b"])
    assert str(error.value) == (
        "Exporting 'softmax_regression' needs as many labels as classes, 3. "
        "Received: 2 labels."
    )


def test_refuses_a_repository_that_is_a_file(tmp_path):
    place = tmp_path / "file"
    place.write_text("")
    with pytest.raises(RepositoryError):
        export(softmax_regression((2, 2, 1), 3), place, "m")


@pytest.mark.parametrize("name", ["lenet_batch_norm", "resnet18", "rnn_lm"])
def test_a_model_of_mixed_precision_is_published_in_float32(name, tmp_path):
    build, vocabulary = MODELS[name], None
    if name == "rnn_lm":
        build, vocabulary = partial(rnn_lm, classes=4), Vocabulary.build("abc")
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = build()
    finally:
        keras.config.set_dtype_policy("float32")
    path = export(model, tmp_path, name, vocabulary=vocabulary)
    assert worst(path) <= TOLERANCE
