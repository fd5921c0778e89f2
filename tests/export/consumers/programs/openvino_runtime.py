"""Reads ONNX, or the default signature of a SavedModel, with OpenVINO."""

import openvino
from jobs import perform

SETTINGS = {
    "INFERENCE_PRECISION_HINT": "f32"
}  # its own default is 16 bits where it can

core = openvino.Core()


def load(path, _signature):
    model = core.compile_model(core.read_model(path), "CPU", SETTINGS)
    return lambda inputs: {
        name: value
        for output, value in model(inputs).items()
        for name in output.get_names()
    }


print(openvino.__version__.split("-")[0])
perform(load)
