"""What an export is asked for: forms in fewer bits, and what is refused."""

import keras
import numpy as np
import onnx
import pytest

from kerasheet.data import digits
from kerasheet.layers import Dense
from kerasheet.models import lenet, softmax_regression
from kerasheet_export import ExportError, export, verify
from kerasheet_serving import RepositoryError, Session, read_manifest


def refusal(tmp_path, model=None, **options):
    with pytest.raises((ExportError, RepositoryError)) as error:
        export(model or softmax_regression((2, 2, 1), 3), tmp_path, **options)
    assert list(tmp_path.rglob("*")) == []
    return str(error.value)


def test_fewer_bits_are_published_with_what_they_cost(run, tmp_path):
    version = export(run, tmp_path, quantize=["fp16"], formats=["onnx"])
    manifest = read_manifest(version)
    assert set(manifest.files) >= {"model.onnx", "model.fp16.onnx"}
    figures = manifest.reductions["fp16"]
    assert figures["size"] <= 0.55 * figures["float32_size"]
    assert figures["accuracy"] >= figures["float32_accuracy"] - 0.005
    images = digits().test.x[:5]
    answers = Session(version, graph="fp16").run({"images": images})
    exact = Session(version).run({"images": images})
    np.testing.assert_allclose(
        answers["probabilities"], exact["probabilities"], atol=0.02
    )
    assert "| fp16 |" in (version / "README.md").read_text()
    assert set(verify(version)) == {"onnx"}


def test_all_forms_at_once(tmp_path):
    version = export(lenet(), tmp_path, formats=["saved_model", "onnx", "litert"])
    assert {"onnx", "saved_model", "litert"} < set(read_manifest(version).parity)
    assert set(verify(version)) == {"onnx", "saved_model", "litert"}


def test_a_saved_model_alone_is_a_version_too(tmp_path):
    version = export(
        softmax_regression((2, 2, 1), 3), tmp_path, formats=["saved_model"]
    )
    assert not list(version.glob("*.onnx"))
    assert set(verify(version)) == {"saved_model"}


def test_the_onnx_file_says_where_it_comes_from(version):
    said = {
        one.key: one.value for one in onnx.load(version / "model.onnx").metadata_props
    }
    assert said.keys() >= {
        "dataset",
        "kerasheet",
        "labels",
        "metrics",
        "parity",
        "preprocessing",
        "recipe",
    }
    assert said["dataset"] == "digits"
    assert "probabilities" in said["parity"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"opset": 12},
            "ONNX can be written with opset 13 to 18. Received: 12.",
        ),
        (
            {"formats": ["pickle"]},
            "There is no format 'pickle'. There are saved_model, onnx, litert.",
        ),
        (
            {"formats": []},
            "An export needs a format. Name one or more of saved_model, onnx, litert.",
        ),
        (
            {"quantize": ["int4"]},
            "There is no form in fewer bits 'int4'. There are int8, fp16.",
        ),
        (
            {"quantize": ["int8"], "formats": ["saved_model"]},
            "Forms in fewer bits are made of the ONNX file. Add onnx to formats.",
        ),
        (
            {"quantize": ["int8"]},
            "Quantizing to int8 needs real inputs to calibrate on. Received: none. "
            "Export a run whose data can be had.",
        ),
        (
            {"rnn": "native"},
            "'softmax_regression' is not made by rnn_lm, and only of such models can "
            "the recurrence be written as native. Leave out rnn.",
        ),
        (
            {"rnn": "tree"},
            "A recurrence can be written as loop or native. Received: 'tree'.",
        ),
        (
            {"uint8": True},
            "'softmax_regression' can take images of 8 bits only if it takes images, "
            "and if their scale is known. Leave out uint8, or pass scale=1 / 255.",
        ),
    ],
)
def test_refuses_in_a_sentence_and_leaves_nothing(options, sentence, tmp_path):
    assert refusal(tmp_path, **options) == sentence


@pytest.mark.parametrize("name", ["a/b", "..", ""])
def test_refuses_a_name_that_leaves_the_repository(name, tmp_path):
    assert refusal(tmp_path, name=name).startswith(f"Model name {name!r} cannot be a ")


def test_refuses_a_model_that_was_never_built(tmp_path):
    model = keras.Sequential([Dense(3)], name="unbuilt")
    assert refusal(tmp_path, model) == (
        "Exporting 'unbuilt' needs a built model with one input and one output, the "
        "logits. Make it with keras.Model(inputs, outputs)."
    )


def test_refuses_a_model_that_answers_with_no_number(tmp_path):
    model = softmax_regression((2, 2, 1), 3)
    model.layers[-1].bias.assign([0.0, np.nan, 0.0])
    assert refusal(tmp_path, model) == (
        "'softmax_regression' answers with logits that are no numbers. Nothing was "
        "published: train it again, with a smaller learning rate."
    )
