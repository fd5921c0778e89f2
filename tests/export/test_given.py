"""What a caller says of a model: taken in any type, refused if it cannot be."""

import numpy as np
import pytest

from kerasheet.language import Vocabulary
from kerasheet.models import softmax_regression
from kerasheet_export import ExportError, export
from kerasheet_export.example_data import read_example_data
from kerasheet_serving import read_manifest


def images(count=8, height=2):
    return np.random.default_rng(0).random((count, height, 2, 1))


def publish(tmp_path, **given):
    model = softmax_regression((2, 2, 1), 3)
    return export(model, tmp_path, "m", formats=["onnx"], **given)


def test_numpys_types_are_taken(tmp_path):
    version = publish(
        tmp_path,
        labels=np.array(["no", "ja", "日本"]),
        metrics={"accuracy": np.float32(0.5)},
        scale=np.float32(0.5),
    )
    manifest = read_manifest(version)
    assert manifest.labels == ("no", "ja", "日本")
    assert manifest.metrics == {"accuracy": 0.5}


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("kind", [np.asarray, np.ndarray.tolist])
def test_a_few_samples_in_double_precision_are_the_test_data(kind, count, tmp_path):
    samples = images(count)
    inputs, outputs = read_example_data(publish(tmp_path, samples=kind(samples)))
    assert inputs["images"].dtype == np.float32
    assert len(inputs["images"]) == len(outputs["logits"]) == 1
    np.testing.assert_array_equal(inputs["images"][0], samples[-1].astype("float32"))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"samples": images(8, height=3)},
            "'softmax_regression' takes samples of shape (batch, 2, 2, 1). Received: "
            "(8, 3, 2, 1).",
        ),
        (
            {"samples": images() * np.nan},
            "Some of `samples` are no numbers, and nothing can be compared on them. "
            "Leave them out.",
        ),
        (
            {"classes": [0, 1]},
            "`classes` are those of `samples`. Pass these too.",
        ),
        (
            {"samples": images(), "classes": [0, 1]},
            "`classes` are class numbers, one for each of the samples: of shape (8,). "
            "Received: (2,).",
        ),
        (
            {"metrics": {"loss": np.nan}},
            "A metric has to be a number. Received: loss=nan. Leave it out.",
        ),
        (
            {"scale": 0},
            "`scale` is what the model takes for each of 255 steps of a pixel: a "
            "number above 0, such as 1 / 255. Received: 0.",
        ),
        (
            {"vocabulary": Vocabulary.build("ab")},
            "'softmax_regression' is not made by rnn_lm, and only such a model has a "
            "vocabulary. Leave out vocabulary.",
        ),
    ],
)
def test_what_cannot_be_is_refused(given, sentence, tmp_path):
    with pytest.raises(ExportError) as error:
        export(softmax_regression((2, 2, 1), 3), tmp_path, **given)
    assert str(error.value) == sentence
    assert list(tmp_path.rglob("*")) == []
