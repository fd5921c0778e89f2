"""What the server prints when it starts."""

import json
import math
import os
import sys

import numpy as np

from kerasheet_serving.manifest import Manifest
from kerasheet_serving.registry import Registry

_MOST_EXAMPLE_NUMBERS = 64


def announce(registry: Registry, url: str) -> None:
    """Print every model that serves at `url`, each with a command that asks it."""
    models = registry.serving()
    lines = [f"Serving {len(models)} model(s) at {url}"]
    for name, servables in models.items():
        manifest = servables[0].manifest
        numbers = ", ".join(str(servable.number) for servable in servables)
        inputs = ", ".join(map(str, manifest.inputs))
        outputs = ", ".join(map(str, manifest.outputs))
        lines.append(f"  {name}  {numbers}  {inputs} -> {outputs}")
        lines.append(f"    {_example(name, manifest, url)}")
    say("\n".join(lines))


def say(text: str) -> None:
    """Print at once, if anyone reads: who has read enough does not stop the server."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())  # for what is still to be flushed
        os.close(nowhere)


def _example(name: str, manifest: Manifest, url: str) -> str:
    """Command that asks for a prediction, or what to send if that would be long."""
    specs = manifest.inputs
    shapes = [[1 if isinstance(d, str) else d for d in spec.shape] for spec in specs]
    if not specs or sum(map(math.prod, shapes)) > _MOST_EXAMPLE_NUMBERS:
        return f"curl {url}/v1/models/{name}/metadata"
    inputs = {
        spec.name: np.zeros(shape, spec.dtype).tolist()
        for spec, shape in zip(specs, shapes, strict=True)
    }
    values = inputs if len(inputs) > 1 else inputs[specs[0].name]
    body = json.dumps({"inputs": values})
    return f"curl -d '{body}' {url}/v1/models/{name}:predict"
