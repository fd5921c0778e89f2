"""Compiles the protocol of `open_inference.proto` when the package is built."""

import os
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PROTOCOL = "kerasheet_serving/grpc/open_inference.proto"
MODULES = [
    "kerasheet_serving/grpc/open_inference_pb2.py",
    "kerasheet_serving/grpc/open_inference_pb2.pyi",
    "kerasheet_serving/grpc/open_inference_pb2_grpc.py",
]


class CompileProtocol(BuildHookInterface):  # type: ignore[misc]
    """Puts the modules of the protocol beside it, for a wheel or an editable install.

    They are not under version control; `artifacts` takes them into the wheel anyway.
    """

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        from grpc_tools import protoc

        root = Path(self.root)
        with tempfile.TemporaryDirectory(dir=root, prefix=".protocol-") as directory:
            outputs = [
                f"--{kind}_out={directory}" for kind in ("python", "pyi", "grpc_python")
            ]
            status = protoc.main(["protoc", f"-I{root}", *outputs, PROTOCOL])
            if status:
                raise RuntimeError(
                    f"protoc ended with {status} and could not compile "
                    f"{root / PROTOCOL}. What it says is above."
                )
            for module in MODULES:  # replaced at once: a server may be starting
                os.replace(Path(directory, module), root / module)
        build_data["artifacts"] += [f"/{module}" for module in MODULES]
