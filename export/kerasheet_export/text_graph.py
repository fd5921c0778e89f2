"""A language model as ONNX, written node by node (sheet §7.2).

tf2onnx makes seventy nodes of what TensorFlow's loop takes; here are those that the
formula has.
"""

from collections.abc import Sequence

import keras
import numpy as np
import onnx_ir as ir

from kerasheet.layers import Dense, SimpleRNN
from kerasheet_export.recurrence import FLOAT, LOOP, Builder, native, scan
from kerasheet_export.signature import BATCH, LOGITS, PROBABILITIES, TIME

INT = ir.TensorType(ir.DataType.INT32)


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
        form: one of `kerasheet_export.recurrence.FORMS`.
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
    build = Builder(ir.tape.Tape(), {})
    before = _states(build, rnn, ids, state if step else None)
    x: ir.Value = build.op("Transpose", ids, perm=[1, 0])
    after = []
    for layer, [weights] in enumerate(rnn.weights_of):
        arrays = [np.asarray(weight.numpy()) for weight in weights]
        run = scan if form == LOOP else native
        x, last = run(build, layer, x, before[layer], arrays, rnn.activation)
        after.append(last)
    outputs = _outputs(build, dense, x)
    if step:
        rows = [build.op("Unsqueeze", one, build.axis(1)) for one in after]
        last = rows[0] if len(rows) == 1 else build.op("Concat", *rows, axis=1)
        outputs["next_state"] = last
        last.type, last.shape = FLOAT, state.shape
    for name, value in outputs.items():
        value.name = name
    graph = ir.Graph(
        [ids, state] if step else [ids],
        list(outputs.values()),
        nodes=build.tape.nodes,
        initializers=list(build.constants.values()),
        opset_imports={"": opset},
        name=model.name,
    )
    return ir.Model(graph, ir_version=8)


def _states(
    build: Builder, rnn: SimpleRNN, ids: ir.Value, state: ir.Value | None
) -> Sequence[ir.Value]:
    """Each layer's state before the first step, (batch, units)."""
    if state is None:
        batch = build.op("Shape", ids, start=0, end=1)
        units = build.constant("units", np.array([rnn.units]))
        size = build.op("Concat", batch, units, axis=0)
        return [build.op("ConstantOfShape", size)] * rnn.num_layers
    if rnn.num_layers == 1:
        return [build.op("Squeeze", state, build.axis(1))]
    rows = build.ops("Split", rnn.num_layers, state, axis=1)
    return [build.op("Squeeze", row, build.axis(1)) for row in rows]


def _outputs(build: Builder, dense: Dense, x: ir.Value) -> dict[str, ir.Value]:
    kernel, bias = (np.asarray(weight.numpy()) for weight in dense.weights)
    hidden = build.op("Transpose", x, perm=[1, 0, 2])
    product = build.op("MatMul", hidden, build.constant("logits/kernel", kernel))
    logits = build.op("Add", product, build.constant("logits/bias", bias))
    probabilities = build.op("Softmax", logits, axis=-1)
    for value in (logits, probabilities):
        value.type, value.shape = FLOAT, ir.Shape([BATCH, TIME, len(bias)])
    return {LOGITS: logits, PROBABILITIES: probabilities}
