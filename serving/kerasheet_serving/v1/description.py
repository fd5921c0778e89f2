"""What TensorFlow Serving tells of a model: the state of its versions, its tensors."""

from collections.abc import Iterable
from typing import Any

from kerasheet_serving.dtypes import TENSORFLOW_NAMES
from kerasheet_serving.manifest import Manifest
from kerasheet_serving.specs import TensorSpec
from kerasheet_serving.v1.image_bytes import (
    IMAGE_BYTES,
    PREDICT_BYTES,
    class_outputs,
    takes_images,
)
from kerasheet_serving.v1.signature import DEFAULT, METHODS
from kerasheet_serving.version import Version


def status(versions: Iterable[Version]) -> dict[str, Any]:
    """The state of versions, in the order given."""
    return {"model_version_status": [_version_status(version) for version in versions]}


def metadata(name: str, number: int, manifest: Manifest) -> dict[str, Any]:
    """The tensors of a version, for each of its signatures that predicts."""
    signatures = {DEFAULT: _signature(manifest.inputs, manifest.outputs)}
    if takes_images(manifest):
        outputs = (*class_outputs(manifest), *manifest.outputs)
        signatures[PREDICT_BYTES] = _signature((IMAGE_BYTES,), outputs)
    return {
        "model_spec": {"name": name, "signature_name": "", "version": str(number)},
        "metadata": {"signature_def": {"signature_def": signatures}},
    }


def _version_status(version: Version) -> dict[str, Any]:
    error = version.error
    return {
        "version": str(version.number),
        "state": version.state,
        "status": {
            "error_code": "OK" if error is None else error.code,
            "error_message": "" if error is None else str(error),
        },
    }


def _signature(
    inputs: Iterable[TensorSpec], outputs: Iterable[TensorSpec]
) -> dict[str, Any]:
    return {
        "inputs": {spec.name: _tensor_info(spec) for spec in inputs},
        "outputs": {spec.name: _tensor_info(spec) for spec in outputs},
        "method_name": METHODS["predict"],
    }


def _tensor_info(spec: TensorSpec) -> dict[str, Any]:
    sizes = ["-1" if isinstance(size, str) else str(size) for size in spec.shape]
    return {
        "dtype": f"DT_{TENSORFLOW_NAMES[spec.dtype].upper()}",
        "tensor_shape": {
            "dim": [{"size": size, "name": ""} for size in sizes],
            "unknown_rank": False,
        },
        "name": f"{spec.name}:0",
    }
