"""Reads ONNX with ONNX Runtime, by its own interface."""

import onnxruntime
from jobs import perform


def load(path, _signature):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return lambda inputs: dict(zip(names, session.run(names, inputs), strict=True))


print(onnxruntime.__version__)
perform(load)
