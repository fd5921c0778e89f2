"""Models of somebody's own, of Keras' layers: published, or refused in a sentence."""

import keras
import numpy as np
import pytest
from keras import layers

from kerasheet.models import softmax_regression
from kerasheet_export import ExportError, export
from kerasheet_serving import Session, read_manifest


def model(x, *steps):
    inputs = x
    for step in steps:
        x = step(x)
    return keras.Model(inputs, x, name="mine")


def features(size=4, name="x", **options):
    return keras.Input((size,), name=name, **options)


def image(height, width, channels):
    return keras.Input((height, width, channels), name="x")


def normalized():
    layer = layers.Normalization()
    layer.adapt(np.random.default_rng(0).normal(3, 2, (50, 4)))
    return model(features(), layer, layers.Dense(3))


def built_by_a_call_on_one_sample():
    one = keras.Sequential([layers.Dense(3)], name="mine")
    one(np.zeros((1, 4), "float32"))
    return one


def applied_twice():
    twice = layers.Dense(4, "relu")
    return model(features(), twice, twice, layers.Dense(3))


OWN = {
    "dense on every pixel": lambda: model(
        image(4, 4, 2),
        layers.Conv2D(3, 3),
        layers.Dense(4),
        layers.Flatten(),
        layers.Dense(3),
    ),
    "dense on every pixel of many": lambda: model(
        image(8, 8, 1),
        layers.Conv2D(3, 3),
        layers.Dense(4),
        layers.Flatten(),
        layers.Dense(3),
    ),
    "normalization": normalized,
    "outputs in a list": lambda: model(features(), lambda x: [layers.Dense(3)(x)]),
    "outputs in a dict": lambda: model(features(), lambda x: {"y": layers.Dense(3)(x)}),
    "batch of a fixed size": lambda: model(
        keras.Input(batch_shape=(4, 4), name="x"), layers.Dense(3)
    ),
    "built by a call on one sample": built_by_a_call_on_one_sample,
    "images of any size": lambda: model(
        image(None, None, 3),
        layers.Conv2D(4, 3),
        layers.GlobalAveragePooling2D(),
        layers.Dense(3),
    ),
    "sequences of five or more": lambda: model(
        keras.Input((None, 3), name="x"),
        layers.Conv1D(4, 5),
        layers.GlobalAveragePooling1D(),
        layers.Dense(3),
    ),
    "noise and dropout with seeds": lambda: model(
        features(),
        layers.Dropout(0.5, seed=1),
        layers.GaussianNoise(0.1, seed=2),
        layers.Dense(3),
    ),
    "one layer applied twice": applied_twice,
    "ids of 64 bits": lambda: model(
        features(7, dtype="int64"),
        layers.Embedding(20, 4),
        layers.GlobalAveragePooling1D(),
        layers.Dense(3),
    ),
    "yes and no": lambda: model(
        features(dtype="bool"),
        lambda x: keras.ops.cast(x, "float32"),
        layers.Dense(3),
    ),
}


@pytest.mark.parametrize("name", OWN)
def test_a_model_of_ones_own_is_published_as_keras_computes_it(name, tmp_path):
    own = OWN[name]()
    version = export(own, tmp_path, "m", labels=["a", "b", "c"])
    [spec] = read_manifest(version).inputs
    shape = [size if isinstance(size, int) else 9 for size in spec.shape[1:]]
    x = np.random.default_rng(0).uniform(0, 3, (4, *shape)).astype(spec.dtype)
    [expected] = keras.tree.flatten(own(x, training=False))
    logits = Session(version).run({spec.name: x})["logits"]
    np.testing.assert_allclose(logits, np.asarray(expected), rtol=1e-4, atol=1e-5)


def test_publishing_prints_nothing(tmp_path, capfd):
    model = softmax_regression()
    capfd.readouterr()  # what TensorFlow says when it begins
    export(model, tmp_path / "repository")
    assert capfd.readouterr() == ("", "")


def test_the_card_knows_ids_of_64_bits(tmp_path):
    card = export(OWN["ids of 64 bits"](), tmp_path) / "README.md"
    assert 'new ort.Tensor("int64", new BigInt64Array(7), [1, 7])' in card.read_text()
    assert "int64_t x[7] = {0};" in card.read_text()


@pytest.mark.parametrize("kind", ["functional", "sequential"])
def test_models_in_a_model_of_mixed_precision_are_published_in_float32(kind, tmp_path):
    keras.config.set_dtype_policy("mixed_float16")
    try:
        hidden = layers.Dense(4, "relu")
        inner = keras.Sequential([hidden])
        if kind == "functional":
            inner = model(features(), hidden)
        outer = model(features(), inner, layers.Dense(3))
    finally:
        keras.config.set_dtype_policy("float32")
    x = np.random.default_rng(0).random((3, 4), "float32")
    first, second = outer.get_weights()[::2]
    expected = np.maximum(x @ first, 0) @ second  # biases are zeros
    logits = Session(export(outer, tmp_path)).run({"x": x})["logits"]
    np.testing.assert_allclose(logits, expected, rtol=1e-4, atol=1e-5)


REFUSED = {
    "softmax": (
        lambda: model(features(), layers.Dense(3, "softmax")),
        "'mine' answers with probabilities; what is exported answers with logits. "
        "Leave out its softmax, and train it with from_logits=True.",
    ),
    "one number": (
        lambda: model(features(), layers.Dense(1)),
        "Exporting 'mine' needs logits of two classes or more on the last axis, after "
        "that of the batch. Received: an output of (None, 1).",
    ),
    "no axis of classes": (
        lambda: model(features(), layers.Dense(1), layers.Reshape(())),
        "Exporting 'mine' needs logits of two classes or more on the last axis, after "
        "that of the batch. Received: an output of (None,).",
    ),
    "odd name": (
        lambda: model(features(name="my input:0"), layers.Dense(3)),
        "The input of 'mine' is named 'my input:0'. Begin its name with a letter or "
        "digit, go on with these, '_', '.' and '-', and do not name it as an output: "
        "keras.Input(..., name='x').",
    ),
    "name of an output": (
        lambda: model(features(name="logits"), layers.Dense(3)),
        "The input of 'mine' is named 'logits'. Begin its name with a letter or digit, "
        "go on with these, '_', '.' and '-', and do not name it as an output: "
        "keras.Input(..., name='x').",
    ),
    "strings": (
        lambda: model(
            features(1, dtype="string"),
            layers.StringLookup(vocabulary=["a", "b"], output_mode="one_hot"),
            layers.Dense(3),
        ),
        "'mine' takes strings, and only models of numbers are exported. Turn strings "
        "into numbers before the model.",
    ),
    "table": (
        lambda: model(
            features(1, dtype="int64"),
            layers.IntegerLookup(vocabulary=[3, 4], output_mode="one_hot"),
            layers.Dense(3),
        ),
        "'mine' computes with a table or a variable that is no weight of its layers, "
        "which a SavedModel cannot store. Do that layer's work before the model.",
    ),
    "no model": (
        lambda: "runs/mine",
        "A keras.Model or a run is exported. Received: str. Read a run with "
        "kerasheet.training.read_run.",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_model_that_cannot_be_published_is_refused(name, tmp_path):
    build, sentence = REFUSED[name]
    with pytest.raises(ExportError) as error:
        export(build(), tmp_path)
    assert str(error.value) == sentence
    assert list(tmp_path.rglob("*")) == []


def test_a_subclassed_model_is_refused(tmp_path):
    class Subclassed(keras.Model):
        def __init__(self):
            super().__init__(name="mine")
            self.dense = layers.Dense(3)

        def call(self, x):
            return self.dense(x)

    own = Subclassed()
    own(np.zeros((1, 4), "float32"))
    with pytest.raises(ExportError) as error:
        export(own, tmp_path)
    assert str(error.value) == (
        "Exporting 'mine' needs a built model with one input and one output, the "
        "logits. Make it with keras.Model(inputs, outputs)."
    )


def test_a_frozen_layer_is_published_with_its_weights(tmp_path):
    own = softmax_regression((2, 2, 1), 3)
    own.layers[-1].trainable = False
    x = np.random.default_rng(0).random((3, 2, 2, 1), "float32")
    logits = Session(export(own, tmp_path)).run({"images": x})["logits"]
    np.testing.assert_allclose(logits, np.asarray(own(x)), atol=1e-6)
