"""The recurrence of a language model as ONNX, in two forms (sheet §7.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx_ir as ir

from kerasheet_export.errors import ExportError
from kerasheet_export.signature import BATCH

LOOP, NATIVE = "loop", "native"
FORMS = (LOOP, NATIVE)
"""How the recurrence is written: as a Scan over the steps, or as ONNX's RNN."""

ACTIVATIONS = {"tanh": "Tanh", "relu": "Relu", "sigmoid": "Sigmoid", "linear": "Affine"}
FLOAT = ir.TensorType(ir.DataType.FLOAT)


@dataclass(frozen=True)
class Builder:
    """Adds nodes and constants to a graph."""

    tape: ir.tape.Tape
    constants: dict[str, ir.Value]

    def op(self, kind: str, *inputs: ir.Value | None, **attributes: Any) -> ir.Value:
        """Add an operation of one output."""
        return self.tape.op(kind, list(inputs), attributes or None)

    def ops(self, kind: str, outputs: int, *inputs: Any, **attributes: Any) -> Any:
        """Add an operation of several outputs."""
        return self.tape.op_multi_out(
            kind, list(inputs), attributes or None, num_outputs=outputs
        )

    def constant(self, name: str, array: np.ndarray) -> ir.Value:
        """Add a constant."""
        value = ir.val(name, const_value=ir.tensor(array, name=name))
        self.constants[name] = value
        return value

    def axis(self, number: int) -> ir.Value:
        """The number of an axis, as operations take it."""
        name = f"axis{number}"
        if name not in self.constants:
            self.constant(name, np.array([number]))
        return self.constants[name]


def check_form(form: str) -> None:
    """Refuse a form that is none.

    Raises:
        ExportError: it is not in `FORMS`.
    """
    if form not in FORMS:
        raise ExportError(
            f"A recurrence can be written as {' or '.join(FORMS)}. Received: {form!r}."
        )


def scan(
    build: Builder,
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


def native(
    build: Builder,
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
    start = build.op("Unsqueeze", before, build.axis(0))
    attributes: dict[str, Any] = {"hidden_size": units}
    if activation != "tanh":
        attributes["activations"] = [ACTIVATIONS[activation]]
    if activation == "linear":
        attributes |= {"activation_alpha": [1.0], "activation_beta": [0.0]}
    outputs, last = build.ops("RNN", 2, x, *constants, None, start, **attributes)
    axes = build.axis(1)
    return build.op("Squeeze", outputs, axes), build.op("Squeeze", last, build.axis(0))
