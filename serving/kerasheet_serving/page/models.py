"""The models as the page shows them, which is also how it knows what to ask them."""

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Literal

from kerasheet_serving.manifest import Manifest
from kerasheet_serving.registry import Registry
from kerasheet_serving.v1.image_bytes import takes_images
from kerasheet_serving.version import Version


def describe_models(registry: Registry) -> list[dict[str, Any]]:
    """Every model by name, with all its versions, newest first.

    Kind, labels and input shape are those of the newest version that serves; a model
    of which none does is of `tensors`, and has neither.
    """
    return [_model(name, registry.states(name)) for name in registry.names()]


def _model(name: str, versions: list[Version]) -> dict[str, Any]:
    serving = [v.servable.manifest for v in versions if v.servable is not None]
    newest = serving[0] if serving else Manifest(name, 1, (), ())
    shape = newest.inputs[0].shape if len(newest.inputs) == 1 else None
    return {
        "name": name,
        "kind": _kind(newest),
        "input_shape": shape,
        "labels": newest.labels,
        "versions": [_version(version) for version in versions],
    }


def _kind(manifest: Manifest) -> Literal["image", "text", "tensors"]:
    if takes_images(manifest):
        return "image"
    return "text" if "step" in manifest.graphs else "tensors"


def _version(version: Version) -> dict[str, Any]:
    """One version; its number is a string, as JavaScript's end at 2⁵³."""
    described: dict[str, Any] = {
        "version": str(version.number),
        "state": version.repository_state,
        "reason": version.reason,
    }
    if version.servable is not None:
        manifest = version.servable.manifest
        described |= {
            "metrics": _finite(manifest.metrics),
            "inputs": [asdict(spec) for spec in manifest.inputs],
            "outputs": [asdict(spec) for spec in manifest.outputs],
            "unit": manifest.unit,
        }
    return described


def _finite(metrics: Mapping[str, float]) -> dict[str, float | str]:
    """Metrics as plain JSON, which has no infinity."""
    return {
        name: value if math.isfinite(value) else str(value)
        for name, value in metrics.items()
    }
