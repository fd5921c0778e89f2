"""A language model, exported: the whole sequence, a step, and whole texts."""

import re
import subprocess
import sys

import keras
import numpy as np
import onnx
import onnxruntime
import pytest
import tensorflow as tf
from serving_http import InProcess

from kerasheet.language import Vocabulary, generate
from kerasheet.models import rnn_lm, stateful
from kerasheet.ops import softmax
from kerasheet.training import default_recipe, train
from kerasheet_export import ExportError, export
from kerasheet_export.onnx import write_onnx
from kerasheet_export.recurrence import FORMS
from kerasheet_export.text_graph import text_graph
from kerasheet_serving import (
    InvalidArgument,
    Session,
    Settings,
    Tokenizer,
    create_app,
    read_manifest,
)

TEXT = "the cat sat on the mat, and the dog ran round the house. " * 40
ATOL = 1e-5  # on probabilities; float32 in another order of summation


@pytest.fixture(scope="module")
def text_run(tmp_path_factory):
    path = tmp_path_factory.mktemp("runs")
    (path / "story.txt").write_text(TEXT)
    recipe = default_recipe(
        "rnn_lm",
        str(path / "story.txt"),
        epochs=12,
        batch_size=4,
        learning_rate=0.01,
        model_arguments={"units": 24, "num_layers": 2},
        text={"steps": 16},
    )
    return train(recipe, path / "run")


@pytest.fixture(scope="module")
def text_version(text_run, tmp_path_factory):
    return export(text_run, tmp_path_factory.mktemp("repository"))


@pytest.fixture(scope="module")
def model(text_run):
    return text_run.load_model()


def ids(batch, time, classes, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(classes, size=(batch, time), dtype=np.int32)


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("time", [1, 2, 50])
def test_onnx_runtime_agrees_for_any_batch_and_length(
    batch, time, model, text_run, text_version
):
    x = ids(batch, time, len(text_run.vocabulary))
    expected = np.asarray(softmax(model(x)))
    answers = Session(text_version).run({"ids": x})
    np.testing.assert_allclose(answers["probabilities"], expected, atol=ATOL)


def test_step_by_step_is_the_whole_sequence(text_run, text_version):
    x = ids(2, 30, len(text_run.vocabulary))
    whole = Session(text_version).run({"ids": x})["logits"]
    step, state, pieces = Session(text_version, graph="step"), None, []
    state = np.zeros((2, 2, 24), "float32")
    for first in (*range(10), 10, 17):  # tokens one by one, then seven, then the rest
        last = {10: 17, 17: 30}.get(first, first + 1)
        answers = step.run({"ids": x[:, first:last], "state": state})
        pieces.append(answers["logits"])
        state = answers["next_state"]
    np.testing.assert_allclose(np.concatenate(pieces, axis=1), whole, atol=ATOL)


def test_graphs_have_one_scan_a_layer_and_named_tensors(text_version):
    for file, names in (
        ("model.onnx", ["ids", "logits", "probabilities"]),
        ("step.onnx", ["ids", "state", "logits", "next_state", "probabilities"]),
    ):
        graph = onnx.load(text_version / file).graph
        values = (*graph.input, *graph.output)
        assert sorted(value.name for value in values) == sorted(names)
        symbols = {
            size.dim_param
            for value in values
            for size in value.type.tensor_type.shape.dim
            if size.dim_param
        }
        assert symbols == {"batch", "time"}
        operations = [node.op_type for node in graph.node]
        assert operations.count("Scan") == 2
        assert not {"OneHot", "Cast", "Loop"} & {*operations}


def test_the_manifest_has_the_vocabulary_and_the_step(text_run, text_version):
    manifest = read_manifest(text_version)
    assert manifest.vocabulary == text_run.vocabulary.tokens
    assert manifest.unit == "characters"
    step = manifest.graphs["step"]
    assert step.file == "step.onnx"
    classes = len(text_run.vocabulary)
    assert [str(spec) for spec in (*step.inputs, *step.outputs)] == [
        "ids int32[batch, time]",
        "state float32[batch, 2, 24]",
        f"logits float32[batch, time, {classes}]",
        f"probabilities float32[batch, time, {classes}]",
        "next_state float32[batch, 2, 24]",
    ]
    assert set(manifest.parity) == {
        "saved_model",
        "saved_model_step",
        "onnx",
        "onnx_step",
    }
    assert (
        max(
            min(delta.absolute, delta.relative)
            for outputs in manifest.parity.values()
            for delta in outputs.values()
        )
        <= ATOL
    )


def test_text_becomes_ids_and_back_by_the_manifest(text_run, text_version):
    tokenizer = Tokenizer(read_manifest(text_version))
    text = "the zebra"
    expected = text_run.vocabulary.encode(text)
    np.testing.assert_array_equal(tokenizer.encode(text), expected)
    assert 0 in expected
    assert tokenizer.decode(expected) == text_run.vocabulary.decode(expected)


def test_the_saved_model_writes_the_texts_that_python_writes(
    model, text_run, text_version, tmp_path
):
    """In a process without Keras; several prompts of several lengths at once."""
    prompts = ["the c", "and the dog", "t"]
    script = f"""
import sys
sys.modules["keras"] = sys.modules["kerasheet"] = None
import tensorflow as tf
write = tf.saved_model.load({str(text_version)!r}).signatures["generate"]
for temperature, top_k in ((0.0, 0), (1.0, 0), (1.5, 3)):
    texts = write(prompt=tf.constant({prompts!r}), length=tf.constant(25),
                  temperature=tf.constant(temperature), top_k=tf.constant(top_k),
                  seed=tf.constant(7))["text"]
    one = write(prompt=tf.constant({prompts[:1]!r}), length=tf.constant(25),
                temperature=tf.constant(temperature), top_k=tf.constant(top_k),
                seed=tf.constant(7))["text"]
    print([text.decode() for text in texts.numpy()], one.numpy()[0].decode(), sep="|")
"""
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    greedy, *drawn = (line.split("|") for line in done.stdout.splitlines())

    def by_python(prompt, **options):
        tokens = generate(model, text_run.vocabulary, prompt, 25, seed=7, **options)
        return "".join(tokens)

    expected = [by_python(prompt, temperature=0) for prompt in prompts]
    assert greedy == [str(expected), expected[0]]
    for (_, one), options in zip(
        drawn, ({"temperature": 1.0}, {"temperature": 1.5, "top_k": 3}), strict=True
    ):
        assert one == by_python(prompts[0], **options)


def test_the_server_writes_the_texts_that_python_writes(model, text_run, text_version):
    server = InProcess(create_app(Settings(text_version.parent.parent)))
    path = f"/v1/models/{text_version.parent.name}:generate"
    for prompt in ("the c", "and the dog? ran " * 10, "t"):
        wanted = {"prompt": prompt, "length": 25, "temperature": 0}
        answer = server.ask("POST", path, json=wanted)
        tokens = generate(model, text_run.vocabulary, prompt, 25, temperature=0)
        assert answer.json() == {"text": "".join(tokens)}


def test_the_saved_model_stores_each_weight_once(model, text_version):
    reader = tf.train.load_checkpoint(str(text_version / "variables" / "variables"))
    stored = sum(
        int(np.prod(shape))
        for name, shape in reader.get_variable_to_shape_map().items()
        if name != "_CHECKPOINTABLE_OBJECT_GRAPH"
    )
    assert stored == model.count_params()


def test_a_model_of_words_is_exported_too(tmp_path):
    keras.utils.set_random_seed(0)
    words = Vocabulary.build("to be or not to be", "words")
    model = rnn_lm(classes=len(words), units=4)
    version = export(model, tmp_path, vocabulary=words)
    write = tf.saved_model.load(str(version)).signatures["generate"]
    [text] = write(
        prompt=tf.constant(["to be"]),
        length=tf.constant(5),
        temperature=tf.constant(1.0),
        top_k=tf.constant(0),
        seed=tf.constant(3),
    )["text"].numpy()
    assert text.decode() == "".join(generate(model, words, "to be", 5, seed=3))
    assert read_manifest(version).unit == "words"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"length": 0}, "`length` of 1 or more. Received:] [0]"),
        ({"temperature": -1.0}, "`temperature` of 0 or more. Received:] [-1]"),
        ({"temperature": float("nan")}, "`temperature` of 0 or more. Received:] [nan]"),
        ({"top_k": 99}, "`top_k` from 1 to {most}, or 0 for all. Received:] [99]"),
        ({"top_k": -1}, "`top_k` from 1 to {most}, or 0 for all. Received:] [-1]"),
        ({"prompt": ["a", ""]}, "prompts of a token or more. Received:] [a ]"),
    ],
)
def test_the_saved_model_refuses_what_no_text_can_be_drawn_with(
    change, sentence, text_run, text_version
):
    write = tf.saved_model.load(str(text_version)).signatures["generate"]
    inputs = {"prompt": ["a"], "length": 1, "temperature": 1.0, "top_k": 0, "seed": 0}
    tensors = {name: tf.constant(one) for name, one in {**inputs, **change}.items()}
    with pytest.raises(tf.errors.InvalidArgumentError) as error:
        write(**tensors)
    sentence = sentence.format(most=len(text_run.vocabulary) - 1)
    assert f"assertion failed: [Generating needs {sentence}" in error.value.message


def test_refusals(text_version, model, tmp_path):
    with pytest.raises(ExportError) as error:
        export(model, tmp_path, vocabulary=Vocabulary.build("abc"))
    assert str(error.value) == (
        f"Exporting 'rnn_lm' needs as many tokens as classes, "
        f"{model.output_shape[-1]}. "
        "Received: 4 tokens."
    )
    session, most = Session(text_version), model.output_shape[-1] - 1
    for wrong in (9999, -1):
        with pytest.raises(InvalidArgument) as error:
            session.run({"ids": np.array([[0, wrong]], np.int32)})
        assert str(error.value) == (
            f"Input 'ids' must hold ids of tokens, from 0 to {most}, received {wrong}."
        )


@pytest.mark.parametrize("shape", [(1, 3, 24), (1, 2, 8)])
def test_the_saved_model_refuses_a_state_of_other_layers_or_units(shape, text_version):
    step = tf.saved_model.load(str(text_version)).signatures["step"]
    with pytest.raises(tf.errors.InvalidArgumentError):
        step(ids=tf.constant([[1]]), state=tf.zeros(shape))


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid", "linear"])
@pytest.mark.parametrize("classes", [5, 20])
@pytest.mark.parametrize("form", FORMS)
def test_both_forms_of_the_recurrence_mean_the_same(
    form, classes, activation, tmp_path
):
    model = rnn_lm(
        classes=classes, units=8, num_layers=2, activation=activation, stddev=None
    )
    model.set_weights([weight + 0.1 for weight in model.get_weights()])
    state = np.random.default_rng(0).random((3, 2, 8), "float32")
    feed = {"ids": ids(3, 7, classes), "state": state}
    path = tmp_path / "step.onnx"
    write_onnx(text_graph(model, form, 17, step=True), path, {})
    logits, last = onnxruntime.InferenceSession(path).run(
        ["logits", "next_state"], feed
    )
    expected = stateful(model)([feed["ids"], state])
    np.testing.assert_allclose(logits, np.asarray(expected[0]), rtol=1e-5, atol=ATOL)
    np.testing.assert_allclose(last, np.asarray(expected[1]), rtol=1e-5, atol=ATOL)
    operations = [node.op_type for node in onnx.load(path).graph.node]
    assert operations.count("Scan" if form == "loop" else "RNN") == 2


def test_half_the_bits_are_enough_for_text(tmp_path):
    model, x = rnn_lm(classes=11, units=64, num_layers=2, stddev=None), ids(8, 9, 11)
    y = np.argmax(np.asarray(model(x)), axis=-1)  # what it says itself
    version = export(
        model, tmp_path, formats=["onnx"], quantize=["fp16"], samples=x, classes=y
    )
    figures = read_manifest(version).reductions["fp16"]
    assert figures["float32_accuracy"] == 1
    assert figures["accuracy"] >= 0.995


def test_a_run_of_text_measures_fewer_bits_on_its_tail_and_has_no_int8(
    text_run, tmp_path
):
    with pytest.raises(ExportError) as error:
        export(text_run, tmp_path, formats=["onnx"], quantize=["fp16"])
    assert re.fullmatch(
        r"The fp16 form is not worth keeping: accuracy (\S+)% instead of \1% in 0.5\d× "
        r"the bytes \(.*\), where a fall of 0.5 points and 0.55× are allowed.",
        str(error.value),
    )  # so small a model is half metadata
    with pytest.raises(ExportError, match="Export it in float16"):
        export(text_run, tmp_path, formats=["onnx"], quantize=["int8"])
