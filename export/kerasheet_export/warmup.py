"""Requests that TensorFlow Serving answers to itself before it takes others."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

from kerasheet_export.errors import ExportError
from kerasheet_export.image_signature import CLASSIFY
from kerasheet_export.saved_model import SavedModel

FILE = Path("assets.extra") / "tf_serving_warmup_requests"
MOST = 1000
"""More records are refused by TensorFlow Serving."""

Request = tuple[str, Mapping[str, Any]]
"""The name of a signature, and its inputs."""


def write_warmup(directory: Path, model: str, requests: Sequence[Request]) -> None:
    """Write one record a request.

    Args:
        directory: a version directory.
        model: its name in the repository.
        requests: at most `MOST`.
    """
    path = directory / FILE
    path.parent.mkdir()
    with tf.io.TFRecordWriter(str(path)) as file:
        for name, inputs in requests[:MOST]:
            file.write(_log(model, name, inputs).SerializeToString())


def replay(directory: Path, saved_model: SavedModel) -> int:
    """Answer every request of a version as TensorFlow Serving will.

    Returns:
        How many there were.

    Raises:
        ExportError: one fails: TensorFlow Serving would not load the version.
    """
    count = 0
    for count, (name, inputs) in enumerate(read_warmup(directory), start=1):
        try:
            saved_model.run(inputs, name)
        except (tf.errors.OpError, TypeError, KeyError) as error:
            raise ExportError(
                f"Warm-up request {count}, to the signature {name!r}, fails: {error}."
            ) from error
    return count


def read_warmup(directory: Path) -> Iterator[Request]:
    """The requests of a version; none if it has no such file."""
    path = directory / FILE
    if not path.is_file():
        return
    for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
        log = prediction_log_pb2.PredictionLog.FromString(record)
        if log.HasField("classify_log"):
            request = log.classify_log.request
            examples = request.input.example_list.examples
            inputs = [one.SerializeToString() for one in examples]
            # As objects: NumPy's own strings lose zeros at their end.
            arrays = {"inputs": np.array(inputs, object)}
            yield request.model_spec.signature_name, arrays
        else:
            predict = log.predict_log.request
            arrays = {
                name: tf.make_ndarray(proto) for name, proto in predict.inputs.items()
            }
            yield predict.model_spec.signature_name, arrays


def _log(
    model: str, name: str, inputs: Mapping[str, Any]
) -> prediction_log_pb2.PredictionLog:
    log = prediction_log_pb2.PredictionLog()
    if name == CLASSIFY:
        request = log.classify_log.request
        for example in inputs["inputs"]:
            request.input.example_list.examples.add().MergeFromString(example)
    else:
        request = log.predict_log.request
        for key, value in inputs.items():
            request.inputs[key].CopyFrom(tf.make_tensor_proto(value))
    request.model_spec.name, request.model_spec.signature_name = model, name
    return log
