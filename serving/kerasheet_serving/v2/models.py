"""What the Open Inference Protocol tells of the server and its models."""

import re
from contextlib import suppress
from typing import Any

from kerasheet_serving.dtypes import V2_NAMES
from kerasheet_serving.errors import InvalidArgument, NotFound
from kerasheet_serving.registry import Registry
from kerasheet_serving.servable import Servable
from kerasheet_serving.specs import TensorSpec
from kerasheet_serving.v2.inputs import v2_shape

_MAX_DIGITS = 18


def find_version(registry: Registry, name: str, version: str | None) -> Servable:
    """The version that a request names.

    Args:
        registry: the models.
        name: of the model.
        version: its number, as it was sent; None takes the newest.

    Raises:
        InvalidArgument: the version is no number.
        NotFound: it does not serve.
    """
    if version is not None and not re.fullmatch("[0-9]+", version):
        raise InvalidArgument(
            f"failed to get model version from specified version string '{version}'"
        )
    if version is None or len(version) <= _MAX_DIGITS:
        number = None if version is None else int(version)
        with suppress(NotFound):  # is told in the words of this protocol
            return registry.find(name, number)
    what = "is not found"
    if registry.versions(name):
        what = "has no available versions"
        if version is not None:
            what = f"version {version} is not found"
    raise NotFound(f"Request for unknown model: '{name}' {what}")


def server_metadata(*extensions: str) -> dict[str, Any]:
    """What this server is, and which extensions of the protocol it has."""
    from importlib.metadata import version  # slow to import, seldom asked for

    name = "kerasheet-serving"
    return {"name": name, "version": version(name), "extensions": list(extensions)}


def model_metadata(
    registry: Registry, name: str, version: str | None
) -> dict[str, Any]:
    """What a model takes and gives.

    The arguments, and what is raised, are those of `find_version`.
    """
    manifest = find_version(registry, name, version).manifest
    numbers = sorted(other.number for other in registry.serving()[name])
    return {
        "name": name,
        "versions": [str(number) for number in numbers],
        "platform": "onnxruntime_onnx",
        "inputs": [_metadata(spec) for spec in manifest.inputs],
        "outputs": [_metadata(spec) for spec in manifest.outputs],
    }


def _metadata(spec: TensorSpec) -> dict[str, Any]:
    return {
        "name": spec.name,
        "datatype": V2_NAMES[spec.dtype],
        "shape": v2_shape(spec),
    }
