"""The language model: whole sequences, step by step, and writing texts."""

import numpy as np
from subject import BATCHES, Run, Subject, keras_says
from vivid_weights import make_vivid

from kerasheet.language import Vocabulary, generate
from kerasheet.models import rnn_lm, stateful
from kerasheet_export import export

LANGUAGE_MODEL = "rnn_lm"
STEPS = "rnn_lm step by step"
TEXTS = "rnn_lm writing texts"
PIECES = 5, 1, 1, 1  # a prompt at once, then token by token
PROMPTS = "the cat", "a"
LENGTH, SEED = 12, 3
VOCABULARY = Vocabulary.build("the cat sat on a mat.")


def publish_text_subjects(repository):
    """Export a language model of two layers.

    Returns:
        `LANGUAGE_MODEL`, `STEPS` and `TEXTS`.
    """
    classes = len(VOCABULARY)
    model = rnn_lm(classes=classes, units=24, num_layers=2)
    shape = max(BATCHES), sum(PIECES)
    ids = np.random.default_rng(0).integers(classes, size=shape, dtype=np.int32)
    make_vivid(model, ids)
    version = export(model, repository, LANGUAGE_MODEL, vocabulary=VOCABULARY)
    batches = [ids[:size] for size in BATCHES]
    whole = [Run({"ids": x}, keras_says(model(x, training=False))) for x in batches]
    steps = [run for x in batches for run in _steps(model, x)]
    return [
        Subject(LANGUAGE_MODEL, version, tuple(whole)),
        Subject(STEPS, version, tuple(steps), "step.onnx", "step"),
        Subject(TEXTS, version, (_texts(model),), None, "generate"),
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
