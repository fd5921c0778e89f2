"""What the tests of smaller files calibrate on, and how they ask."""

from kerasheet.data import digits
from kerasheet_serving.onnx_graph import open_graph


def batches(count=8):
    """So many batches of 32 images to calibrate on."""
    x = digits().train.x
    return [{"images": x[start : start + 32]} for start in range(0, 32 * count, 32)]


def answers(path, x):
    """Logits and probabilities of images, from an ONNX file."""
    outputs = ["logits", "probabilities"]
    return open_graph(path, 1).session.run(outputs, {"images": x})
