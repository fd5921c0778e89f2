"""Serves ONNX models over TensorFlow Serving's REST protocol, without TensorFlow.

Names are imported when first used, so that reading a manifest loads no web stack.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kerasheet_serving.app import create_app
    from kerasheet_serving.client.asynchronous import AsyncClient
    from kerasheet_serving.client.sync import Client
    from kerasheet_serving.errors import (
        InvalidArgument,
        NotFound,
        RepositoryError,
        ServingError,
    )
    from kerasheet_serving.manifest import (
        Deviation,
        Manifest,
        read_manifest,
        verify_file,
        verify_files,
        write_manifest,
    )
    from kerasheet_serving.publishing.staging import Staging
    from kerasheet_serving.repository import Repository
    from kerasheet_serving.session import Session
    from kerasheet_serving.settings import Settings
    from kerasheet_serving.specs import GraphSpec, SignatureSpec, TensorSpec
    from kerasheet_serving.text import Tokenizer

_HOMES = {
    "create_app": "app",
    "AsyncClient": "client.asynchronous",
    "Client": "client.sync",
    "InvalidArgument": "errors",
    "NotFound": "errors",
    "RepositoryError": "errors",
    "ServingError": "errors",
    "Deviation": "manifest",
    "GraphSpec": "specs",
    "Manifest": "manifest",
    "SignatureSpec": "specs",
    "TensorSpec": "specs",
    "read_manifest": "manifest",
    "verify_file": "manifest",
    "verify_files": "manifest",
    "write_manifest": "manifest",
    "Repository": "repository",
    "Session": "session",
    "Settings": "settings",
    "Staging": "publishing.staging",
    "Tokenizer": "text",
}

__all__ = [
    "AsyncClient",
    "Client",
    "Deviation",
    "GraphSpec",
    "InvalidArgument",
    "Manifest",
    "NotFound",
    "Repository",
    "RepositoryError",
    "ServingError",
    "Session",
    "Settings",
    "SignatureSpec",
    "Staging",
    "TensorSpec",
    "Tokenizer",
    "create_app",
    "read_manifest",
    "verify_file",
    "verify_files",
    "write_manifest",
]


# Else ONNX Runtime tells Microsoft of the models; it looks when it is imported.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")


def __getattr__(name: str) -> Any:
    """Import a public name from the module it lives in (PEP 562)."""
    if name == "__version__":
        return import_module("importlib.metadata").version("kerasheet-serving")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
