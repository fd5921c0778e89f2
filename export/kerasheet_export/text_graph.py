"""A language model as ONNX, written node by node (sheet §7.2).

tf2onnx makes seventy nodes of what TensorFlow's loop takes; here are those that the
formula has.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import onnx_ir as ir

from kerasheet.layers import Dense, SimpleRNN
from kerasheet_export.errors import ExportError
from kerasheet_export.signature import BATCH, LOGITS, PROBABILITIES, TIME

LOOP, NATIVE = "loop", "native"
FORMS = (LOOP, NATIVE)
"""How the recurrence is written: as a Scan over the steps, or as ONNX's RNN."""

ACTIVATIONS = {"tanh": "Tanh", "relu": "Relu", "sigmoid": "Sigmoid", "linear": "Affine"}
FLOAT, INT = ir.TensorType(ir.DataType.FLOAT), ir.TensorType(ir.DataType.INT32)


@dataclass(frozen=True)
class _Builder:
    """Adds nodes and constants to a graph."""

    tape: ir.tape.Tape
    graph_constants: dict[str, ir.Value]

    def op(self, kind: str, *inputs: ir.Value | None, **attributes: Any) -> ir.Value:
        return self.tape.op(kind, list(inputs), attributes or None)

    def ops(self, kind: str, outputs: int, *inputs: Any, **attributes: Any) -> Any:
        return self.tape.op_multi_out(
            kind, list(inputs), attributes or None, num_outputs=outputs
        )

    def constant(self, name: str, array: np.ndarray) -> ir.Value:
        value = ir.val(name, const_value=ir.tensor(array, name=name))
        self.graph_constants[name] = value
        return value


def is_text_model(model: keras.Model) -> bool:
    """Whether a model is ids, a recurrent layer and a dense one, as `rnn_lm` makes."""
    layers = [one for one in model.layers if type(one).__name__ != "InputLayer"]
    if [type(layer) for layer in layers] != [SimpleRNN, Dense]:
        return False
    rnn, dense = layers
    [tensor] = model.inputs
    return (
        "int" in tensor.dtype
        and not rnn.bidirectional
        and dense.get_config()["activation"] in (None, "linear")
    )


def text_graph(model: keras.Model, form: str, opset: int, *, step: bool) -> ir.Model:
    """The graph of a language model.

    ```
    H_t = φ(onehot(w_t) W_xh + H_{t-1} W_hh + b_h)        O_t = H_t W_hq + b_q
    ```

    Args:
        model: for which `is_text_model` holds.
        form: one of `FORMS`.
        opset: version of ONNX's operators.
        step: whether the state comes in as `state` and goes out as `next_state`,
            (batch, layers, units); else it begins at zero.

    Returns:
        Of `ids`, (batch, time), to `logits` and `probabilities`, (batch, time,
        classes).
    """
    rnn, dense = (one for one in model.layers if isinstance(one, SimpleRNN | Dense))
    ids = ir.val(model.inputs[0].name, type=INT, shape=ir.Shape([BATCH, TIME]))
    state = ir.val(
        "state", type=FLOAT, shape=ir.Shape([BATCH, rnn.num_layers, rnn.units])
    )
    build = _Builder(ir.tape.Tape(), {})
    before = _states(build, rnn, ids, state if step else None)
    x: ir.Value = build.op("Transpose", ids, perm=[1, 0])
    after = []
    for layer, [weights] in enumerate(rnn.weights_of):
        arrays = [np.asarray(weight.numpy()) for weight in weights]
        run = _scan if form == LOOP else _native
        x, last = run(build, layer, x, before[layer], arrays, rnn.activation)
        after.append(last)
    outputs = _outputs(build, dense, x)
    if step:
        rows = [build.op("Unsqueeze", one, _axis(build)) for one in after]
        last = rows[0] if len(rows) == 1 else build.op("Concat", *rows, axis=1)
        outputs["next_state"] = last
        last.type, last.shape = FLOAT, state.shape
    for name, value in outputs.items():
        value.name = name
    graph = ir.Graph(
        [ids, state] if step else [ids],
        list(outputs.values()),
        nodes=build.tape.nodes,
        initializers=list(build.graph_constants.values()),
        opset_imports={"": opset},
        name=model.name,
    )
    return ir.Model(graph, ir_version=8)


def _states(
    build: _Builder, rnn: SimpleRNN, ids: ir.Value, state: ir.Value | None
) -> Sequence[ir.Value]:
    """Each layer's state before the first step, (batch, units)."""
    if state is None:
        batch = build.op("Shape", ids, start=0, end=1)
        units = build.constant("units", np.array([rnn.units]))
        size = build.op("Concat", batch, units, axis=0)
        return [build.op("ConstantOfShape", size)] * rnn.num_layers
    if rnn.num_layers == 1:
        return [build.op("Squeeze", state, _axis(build))]
    rows = build.ops("Split", rnn.num_layers, state, axis=1)
    return [build.op("Squeeze", row, _axis(build)) for row in rows]


def _scan(
    build: _Builder,
    layer: int,
    x: ir.Value,
    before: ir.Value,
    weights: Sequence[np.ndarray],
    activation: str,
) -> tuple[ir.Value, ir.Value]:
    """Outputs (time, batch, units) and the last state, by a loop over the steps.

    What depends on the input alone is one product for all steps; for ids it is a row of
    W_xh, with the bias already in it.
    """
    kernel, recurrent_kernel, bias = weights
    path = f"rnn/{layer}"
    if layer == 0:
        sums = build.op("Gather", build.constant(f"{path}/rows", kernel + bias), x)
    else:
        product = build.op("MatMul", x, build.constant(f"{path}/kernel", kernel))
        sums = build.op("Add", product, build.constant(f"{path}/bias", bias))
    weight = build.constant(f"{path}/recurrent_kernel", recurrent_kernel)
    body = _body(f"{path}/step", weight, activation, len(bias))
    last, outputs = build.ops("Scan", 2, before, sums, body=body, num_scan_inputs=1)
    return outputs, last


def _body(path: str, weight: ir.Value, activation: str, units: int) -> ir.Graph:
    shape = ir.Shape([BATCH, units])
    before = ir.val(f"{path}/before", type=FLOAT, shape=shape)
    sums = ir.val(f"{path}/sums", type=FLOAT, shape=shape)
    tape = ir.tape.Tape()
    after = tape.op("Add", [tape.op("MatMul", [before, weight]), sums])
    if activation != "linear":
        after = tape.op(ACTIVATIONS[activation], [after])
    output = tape.op("Identity", [after])  # a graph gives no value twice
    for value in (after, output):
        value.type, value.shape = FLOAT, shape
    return ir.Graph([before, sums], [after, output], nodes=tape.nodes, name=path)


def _native(
    build: _Builder,
    layer: int,
    x: ir.Value,
    before: ir.Value,
    weights: Sequence[np.ndarray],
    activation: str,
) -> tuple[ir.Value, ir.Value]:
    """The same by ONNX's RNN, which takes no ids: they pick rows first.

    Of the unit matrix where the vocabulary is smaller than the state, else of W_xh.
    """
    kernel, recurrent_kernel, bias = weights
    features, units = kernel.shape
    path = f"rnn/{layer}"
    if layer == 0:
        wide = features > units
        rows = kernel if wide else np.eye(features, dtype=kernel.dtype)
        kernel = np.eye(units, dtype=kernel.dtype) if wide else kernel
        x = build.op("Gather", build.constant(f"{path}/rows", rows), x)
    parameters = {
        "kernel": kernel.T,
        "recurrent_kernel": recurrent_kernel.T,
        "bias": np.concatenate([bias, np.zeros_like(bias)]),
    }
    constants = [
        build.constant(f"{path}/{name}", np.ascontiguousarray(array[None]))
        for name, array in parameters.items()
    ]
    start = build.op("Unsqueeze", before, _axis(build, 0))
    attributes: dict[str, Any] = {"hidden_size": units}
    if activation != "tanh":
        attributes["activations"] = [ACTIVATIONS[activation]]
    if activation == "linear":
        attributes |= {"activation_alpha": [1.0], "activation_beta": [0.0]}
    outputs, last = build.ops("RNN", 2, x, *constants, None, start, **attributes)
    axes = _axis(build, 1)
    return build.op("Squeeze", outputs, axes), build.op(
        "Squeeze", last, _axis(build, 0)
    )


def _outputs(build: _Builder, dense: Dense, x: ir.Value) -> dict[str, ir.Value]:
    kernel, bias = (np.asarray(weight.numpy()) for weight in dense.weights)
    hidden = build.op("Transpose", x, perm=[1, 0, 2])
    product = build.op("MatMul", hidden, build.constant("logits/kernel", kernel))
    logits = build.op("Add", product, build.constant("logits/bias", bias))
    probabilities = build.op("Softmax", logits, axis=-1)
    for value in (logits, probabilities):
        value.type, value.shape = FLOAT, ir.Shape([BATCH, TIME, len(bias)])
    return {LOGITS: logits, PROBABILITIES: probabilities}


def _axis(build: _Builder, axis: int = 1) -> ir.Value:
    name = f"axis{axis}"
    if name not in build.graph_constants:
        build.constant(name, np.array([axis]))
    return build.graph_constants[name]


def check_form(form: str) -> None:
    """Refuse a form that is none.

    Raises:
        ExportError: it is not in `FORMS`.
    """
    if form not in FORMS:
        raise ExportError(
            f"A recurrence can be written as {' or '.join(FORMS)}. Received: {form!r}."
        )
