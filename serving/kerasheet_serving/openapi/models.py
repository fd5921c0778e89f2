"""The paths of each model that serves, with the very tensors that it takes."""

from typing import Any
from urllib.parse import quote

from kerasheet_serving.generation.step_model import writes_text
from kerasheet_serving.manifest import Manifest
from kerasheet_serving.openapi.operation import answer, ask_body, operation
from kerasheet_serving.openapi.schemas import (
    GENERATE,
    Schema,
    example_of,
    examples_body,
    infer_body,
    predict_body,
)
from kerasheet_serving.registry import Registry
from kerasheet_serving.v1.signature import has_signature


def model_paths(
    registry: Registry, names: list[str], v1: str, v2: str
) -> dict[str, Any]:
    """Describe what the newest version of each model is asked.

    Args:
        registry: the models.
        names: of those that serve.
        v1: tag of the first protocol.
        v2: tag of the second.
    """
    paths: dict[str, Any] = {}
    for name, servables in registry.serving().items():
        if name not in names:
            continue
        manifest = max(servables, key=lambda one: one.number).manifest
        if not manifest.inputs:
            continue
        quoted = quote(name, safe="")
        for method, (schema, result, example) in _v1_bodies(manifest).items():
            paths[f"/v1/models/{quoted}:{method}"] = {
                "post": operation(
                    v1,
                    f"Ask {name} to {method}.",
                    answer(result),
                    body=ask_body(schema, example),
                )
            }
        paths[f"/v2/models/{quoted}/infer"] = {
            "post": operation(
                v2,
                f"Ask {name}.",
                answer("Inference"),
                body=ask_body(infer_body(manifest.inputs)),
            )
        }
    return paths


def _v1_bodies(manifest: Manifest) -> dict[str, tuple[Schema, str, Any]]:
    """Of each method that the model has: the body, the answer's name, an example."""
    inputs = manifest.inputs
    bodies = {"predict": (predict_body(inputs), "Predictions", example_of(inputs))}
    for method in ("classify", "regress"):
        if has_signature(manifest, method):
            bodies[method] = (examples_body(inputs[0]), "Results", None)
    if writes_text(manifest):
        bodies["generate"] = (GENERATE, "Text", {"prompt": "a", "length": 10})
    return bodies
