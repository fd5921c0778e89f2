"""Small real language models: recurrent, with weights that mean nothing."""

import numpy as np
import onnx
from onnx import helper
from serving_models import Model

from kerasheet_serving import Manifest, Repository, TensorSpec, write_manifest
from kerasheet_serving.specs import GraphSpec

LETTERS = ("<unk>", *"abcdefghijklmnopqrstuvwxyz .")
WORDS = ("<unk>", "to", "be", "or", "not")


def language_model(tokens, step, units=8, layers=2, seed=0, fatal=None):
    """Of ids, and of a state if it is a step, to logits, and the next state.

    Args:
        tokens: number of tokens.
        step: whether the state comes in and goes out.
        units: of each layer.
        layers: number of layers.
        seed: of the weights.
        fatal: a token after which the model gives no numbers.
    """
    rng = np.random.default_rng(seed)
    constants = {
        "table": rng.normal(size=(tokens, units)),
        "kernel": rng.normal(size=(units, tokens)),
        **{
            f"{name}{layer}": rng.normal(size=(1, units, units)) / np.sqrt(units)
            for layer in range(layers)
            for name in "wr"
        },
    }
    constants = {name: np.float32(value) for name, value in constants.items()}
    if fatal is not None:
        constants["table"][fatal] = np.nan
    constants["one"] = np.array([1])
    nodes = [
        helper.make_node("Transpose", ["ids"], ["columns"], perm=[1, 0]),
        helper.make_node("Gather", ["table", "columns"], ["x0"]),
    ]
    if step:
        nodes.append(
            helper.make_node("Transpose", ["state"], ["layers"], perm=[1, 0, 2])
        )
        before = [f"before{layer}" for layer in range(layers)]
        nodes.append(helper.make_node("Split", ["layers"], before, axis=0))
    for layer in range(layers):
        weights = [f"x{layer}", f"w{layer}", f"r{layer}"]
        first = ["", "", f"before{layer}"] if step else []
        outputs = [f"y{layer}", f"after{layer}"]
        nodes += [
            helper.make_node("RNN", [*weights, *first], outputs, hidden_size=units),
            helper.make_node("Squeeze", [f"y{layer}", "one"], [f"x{layer + 1}"]),
        ]
    nodes += [
        helper.make_node("Transpose", [f"x{layers}"], ["hidden"], perm=[1, 0, 2]),
        helper.make_node("MatMul", ["hidden", "kernel"], ["logits"]),
    ]
    inputs = [TensorSpec("ids", "int32", ("batch", "time"))]
    outputs = [TensorSpec("logits", "float32", ("batch", "time", tokens))]
    if step:
        after = [f"after{layer}" for layer in range(layers)]
        nodes.append(helper.make_node("Concat", after, ["afters"], axis=0))
        nodes.append(
            helper.make_node("Transpose", ["afters"], ["next_state"], perm=[1, 0, 2])
        )
        inputs.append(TensorSpec("state", "float32", ("batch", layers, units)))
        outputs.append(TensorSpec("next_state", "float32", ("batch", layers, units)))
    return Model(nodes, inputs, outputs, constants)


def publish_text(
    root, name, tokens=LETTERS, *, version=None, unit="characters", **kind
):
    """Publish a language model and its step; returns the version's directory.

    Args:
        root: of the repository.
        name: of the model.
        tokens: its vocabulary.
        version: its number.
        unit: what a token is.
        kind: of `language_model`.
    """
    whole, step = (language_model(len(tokens), one, **kind) for one in (False, True))
    with Repository(root).stage(name, version) as staging:
        onnx.save(whole.proto, staging.path / "model.onnx")
        onnx.save(step.proto, staging.path / "step.onnx")
        manifest = Manifest(
            name,
            staging.version,
            whole.inputs,
            whole.outputs,
            vocabulary=tokens,
            unit=unit,
            graphs={"step": GraphSpec("step.onnx", step.inputs, step.outputs)},
        )
        write_manifest(staging.path, manifest)
        return staging.publish()
