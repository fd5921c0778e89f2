"""The language model: whole sequences, step by step, and writing texts."""

import numpy as np
from subject import BATCHES, Run, Subject, keras_says
from vivid_weights import make_vivid

from kerasheet.language import Vocabulary, generate
from kerasheet.models import rnn_lm, stateful
from kerasheet_export import export

LANGUAGE_MODEL = "rnn_lm"
STEPS = "rnn_lm step by step"
NATIVE, NATIVE_STEPS = "rnn_lm native RNN", "rnn_lm native RNN step by step"
TEXTS = "rnn_lm writing texts"
PIECES = 5, 1, 1, 1  # a prompt at once, then token by token
PROMPTS = "the cat", "a"
LENGTH, SEED = 12, 3
VOCABULARY = Vocabulary.build("the cat sat on a mat.")


def publish_text_subjects(repository):
    """Export a language model of two layers, once for each form that ONNX has of it.

    Returns:
        `LANGUAGE_MODEL`, `STEPS`, `NATIVE`, `NATIVE_STEPS` and `TEXTS`.
    """
    model = rnn_lm(classes=len(VOCABULARY), units=24, num_layers=2)
    shape = max(BATCHES), sum(PIECES)
    rng = np.random.default_rng(0)
    ids = rng.integers(len(VOCABULARY), size=shape, dtype=np.int32)
    make_vivid(model, ids)
    batches = [ids[:size] for size in BATCHES]
    whole = [Run({"ids": x}, keras_says(model(x, training=False))) for x in batches]
    steps = [run for x in batches for run in _steps(model, x)]
    looped = export(model, repository, LANGUAGE_MODEL, vocabulary=VOCABULARY)
    native = export(
        model, repository, "rnn_lm_native", vocabulary=VOCABULARY, rnn="native"
    )
    return [
        Subject(LANGUAGE_MODEL, looped, tuple(whole)),
        Subject(STEPS, looped, tuple(steps), "step.onnx", "step"),
        Subject(NATIVE, native, tuple(whole)),
        Subject(NATIVE_STEPS, native, tuple(steps), "step.onnx", "step"),
        Subject(TEXTS, looped, (_texts(model),), None, "generate"),
    ]


def _steps(model, ids):
    """Runs that read `ids` in pieces; what is expected comes from whole prefixes."""
    reader = stateful(model)
    zeros = np.zeros((len(ids), *reader.inputs[1].shape[1:]), "float32")
    ends = np.cumsum(PIECES)
    for start, end in zip(ends - PIECES, ends, strict=True):
        logits, state = reader([ids[:, :end], zeros], training=False)
        said = keras_says(logits[:, start:], next_state=state)
        piece = {"ids": ids[:, start:end]}
        if start == 0:
            yield Run({**piece, "state": zeros}, said)
        else:
            yield Run(piece, said, handed_on={"state": "next_state"})


def _texts(model):
    texts = [
        generate(model, VOCABULARY, prompt, LENGTH, temperature=0, seed=SEED)
        for prompt in PROMPTS
    ]
    inputs = {
        "prompt": np.array(PROMPTS).astype("S"),
        "length": np.int32(LENGTH),
        "temperature": np.float32(0),
        "top_k": np.int32(0),
        "seed": np.int32(SEED),
    }
    return Run(
        inputs, {"text": np.array(["".join(text) for text in texts]).astype("S")}
    )
