"""Keras models to SavedModel and ONNX, proven equal before they are published.

Names are imported when first used, so that the command line need not wait for
TensorFlow to show its help.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kerasheet_export.errors import ExportError, ParityError
    from kerasheet_export.publish import export
    from kerasheet_export.verification import verify

_HOMES = {
    "ExportError": "errors",
    "ParityError": "errors",
    "export": "publish",
    "verify": "verification",
}

__all__ = ["ExportError", "ParityError", "export", "verify"]


# As in kerasheet_serving: else ONNX Runtime tells Microsoft of the models.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")


def __getattr__(name: str) -> Any:
    """Import a public name from the module it lives in (PEP 562)."""
    if name == "__version__":
        return import_module("importlib.metadata").version("kerasheet-export")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
