"""Reads ONNX with the evaluator that defines what its operators mean."""

import onnx
from jobs import perform
from onnx.reference import ReferenceEvaluator


def load(path, _signature):
    evaluator = ReferenceEvaluator(path)
    names = evaluator.output_names
    return lambda inputs: dict(
        zip(names, evaluator.run(names, dict(inputs)), strict=True)
    )


print(onnx.__version__)
perform(load)
