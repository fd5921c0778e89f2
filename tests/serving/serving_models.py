"""Small real models, built with ONNX and published as export publishes them."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from kerasheet_serving import Manifest, Repository, TensorSpec, write_manifest

ONNX_TYPES = {
    "float16": TensorProto.FLOAT16,
    "float32": TensorProto.FLOAT,
    "float64": TensorProto.DOUBLE,
    "int8": TensorProto.INT8,
    "int16": TensorProto.INT16,
    "int32": TensorProto.INT32,
    "int64": TensorProto.INT64,
    "uint8": TensorProto.UINT8,
    "uint16": TensorProto.UINT16,
    "uint32": TensorProto.UINT32,
    "uint64": TensorProto.UINT64,
    "bool": TensorProto.BOOL,
    "str": TensorProto.STRING,
}


class Model:
    """A graph and the manifest entries that describe it."""

    def __init__(self, nodes, inputs, outputs, constants=None):
        self.inputs = tuple(inputs)
        self.outputs = tuple(outputs)
        graph = helper.make_graph(
            nodes,
            "graph",
            [_value_info(spec) for spec in inputs],
            [_value_info(spec) for spec in outputs],
            [
                numpy_helper.from_array(value, name)
                for name, value in (constants or {}).items()
            ],
        )
        self.proto = helper.make_model(
            graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)]
        )
        onnx.checker.check_model(self.proto)


def _value_info(spec):
    return helper.make_tensor_value_info(
        spec.name, ONNX_TYPES[spec.dtype], list(spec.shape)
    )


def half_plus_two(shape=("batch",)):
    """y = 0.5 x + 2, TensorFlow Serving's own test model."""
    return Model(
        [
            helper.make_node("Mul", ["x", "half"], ["halved"]),
            helper.make_node("Add", ["halved", "two"], ["y"]),
        ],
        [TensorSpec("x", "float32", shape)],
        [TensorSpec("y", "float32", shape)],
        {"half": np.array(0.5, np.float32), "two": np.array(2, np.float32)},
    )


def identity(dtype, shape=("batch",), output="y"):
    """y = x, of any type."""
    return Model(
        [helper.make_node("Identity", ["x"], [output])],
        [TensorSpec("x", dtype, shape)],
        [TensorSpec(output, dtype, shape)],
    )


def sum_and_product():
    """Two inputs and two outputs: the sum and the product of a and b."""
    return Model(
        [
            helper.make_node("Add", ["a", "b"], ["sum"]),
            helper.make_node("Mul", ["a", "b"], ["product"]),
        ],
        [
            TensorSpec("a", "float32", ("batch",)),
            TensorSpec("b", "float32", ("batch",)),
        ],
        [
            TensorSpec("sum", "float32", ("batch",)),
            TensorSpec("product", "float32", ("batch",)),
        ],
    )


def total():
    """One number for a whole batch, which has no rows."""
    return Model(
        [helper.make_node("ReduceSum", ["x"], ["y"], keepdims=0)],
        [TensorSpec("x", "float32", ("batch",))],
        [TensorSpec("y", "float32", ())],
    )


def values_and_total():
    """Outputs that disagree about the size of the batch."""
    return Model(
        [
            helper.make_node("Identity", ["x"], ["values"]),
            helper.make_node("ReduceSum", ["x"], ["total"], keepdims=1),
        ],
        [TensorSpec("x", "float32", ("batch",))],
        [
            TensorSpec("values", "float32", ("batch",)),
            TensorSpec("total", "float32", (1,)),
        ],
    )


def similarities():
    """Products of all rows with all rows: as many columns as there are rows."""
    return Model(
        [
            helper.make_node("Transpose", ["x"], ["columns"], perm=[1, 0]),
            helper.make_node("MatMul", ["x", "columns"], ["y"]),
        ],
        [TensorSpec("x", "float32", ("batch", 2))],
        [TensorSpec("y", "float32", ("batch", "others"))],
    )


def picked_row():
    """Row of a constant table by number, which must lie in the table."""
    return Model(
        [helper.make_node("Gather", ["table", "x"], ["y"])],
        [TensorSpec("x", "int64", ("batch",))],
        [TensorSpec("y", "float32", ("batch",))],
        {"table": np.array([10, 20, 30], np.float32)},
    )


def constant(number):
    """A model that answers its version, whatever it is asked."""
    return Model(
        [
            helper.make_node("Mul", ["x", "zero"], ["nothing"]),
            helper.make_node("Add", ["nothing", "number"], ["y"]),
        ],
        [TensorSpec("x", "float32", ("batch",))],
        [TensorSpec("y", "float32", ("batch",))],
        {"zero": np.array(0, np.float32), "number": np.array(number, np.float32)},
    )


def lenet():
    """A convolutional network of LeNet's size, with weights that mean nothing."""
    rng = np.random.default_rng(0)
    shapes = {
        "kernel1": (6, 1, 5, 5),
        "kernel2": (16, 6, 5, 5),
        "dense1": (784, 120),
        "dense2": (120, 84),
        "dense3": (84, 10),
    }
    pool = {"kernel_shape": [2, 2], "strides": [2, 2]}
    nodes = [
        helper.make_node("Reshape", ["images", "planes"], ["x0"]),
        helper.make_node("Conv", ["x0", "kernel1"], ["x1"], pads=[2] * 4),
        helper.make_node("AveragePool", ["x1"], ["x2"], **pool),
        helper.make_node("Conv", ["x2", "kernel2"], ["x3"], pads=[2] * 4),
        helper.make_node("AveragePool", ["x3"], ["x4"], **pool),
        helper.make_node("Flatten", ["x4"], ["x5"]),
        helper.make_node("MatMul", ["x5", "dense1"], ["x6"]),
        helper.make_node("Sigmoid", ["x6"], ["x7"]),
        helper.make_node("MatMul", ["x7", "dense2"], ["x8"]),
        helper.make_node("Sigmoid", ["x8"], ["x9"]),
        helper.make_node("MatMul", ["x9", "dense3"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"]),
    ]
    return Model(
        nodes,
        [TensorSpec("images", "float32", ("batch", 28, 28, 1))],
        [
            TensorSpec("logits", "float32", ("batch", 10)),
            TensorSpec("probabilities", "float32", ("batch", 10)),
        ],
        {
            "planes": np.array([-1, 1, 28, 28]),
            **{
                name: rng.normal(size=shape, scale=0.1).astype(np.float32)
                for name, shape in shapes.items()
            },
        },
    )


def slow():
    """Sum over repeated products of two matrices of ones, of the size asked for."""
    nodes = [
        helper.make_node(
            "ConstantOfShape",
            ["shape"],
            ["m0"],
            value=helper.make_tensor("one", TensorProto.FLOAT, [1], [1.0]),
        )
    ]
    nodes += [
        helper.make_node("MatMul", [f"m{step}", "m0"], [f"m{step + 1}"])
        for step in range(6)
    ]
    nodes.append(helper.make_node("ReduceMax", ["m6"], ["largest"], keepdims=0))
    return Model(
        nodes,
        [TensorSpec("shape", "int64", (2,))],
        [TensorSpec("largest", "float32", ())],
    )


def publish(root, name, model, version=None, **manifest):
    """Publish `model` below `root` as its next version, or the one given."""
    with Repository(root).stage(name, version) as staging:
        onnx.save(model.proto, staging.path / "model.onnx")
        write_manifest(
            staging.path,
            Manifest(name, staging.version, model.inputs, model.outputs, **manifest),
        )
        return staging.publish()


def publish_numbers(root, *numbers):
    """Publish versions of a model M that answer their numbers."""
    for number in numbers:
        publish(root, "M", constant(number), version=number)


def change_byte(path: Path):
    """Flip one bit in the middle of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
