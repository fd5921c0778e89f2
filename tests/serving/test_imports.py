"""What serving may import, and in which order its modules know each other."""

import ast
import doctest
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import kerasheet_serving

FORBIDDEN = {"tensorflow", "keras", "kerasheet", "kerasheet_export"}
SOURCE = Path(kerasheet_serving.__file__).parent
MODULES = sorted(
    module.name for module in pkgutil.iter_modules(kerasheet_serving.__path__)
)
# Each module may import those before it.
ORDER = [
    "errors",
    "readers",
    "settings",
    "api_keys",
    "logs",
    "dtypes",
    "tensor_limit",
    "strict_json",
    "specs",
    "manifest",
    "text",
    "numbering",
    "disk",
    "ledger",
    "reservation",
    "staging",
    "repository",
    "model_settings",
    "onnx_graph",
    "session",
    "tensor_proto",
    "example_data",
    "loading",
    "rows",
    "row_probe",
    "request_queue",
    "batching",
    "json_document",
    "generation",
    "sampling",
    "step_model",
    "writing",
    "decoding",
    "metrics",
    "request_metrics",
    "draining",
    "paths",
    "prefix_route",
    "refusals",
    "request_context",
    "request_limits",
    "key_check",
    "listener",
    "tls",
    "http_server",
    "servable",
    "version",
    "model_runner",
    "registry",
    "announcement",
    "work",
    "json_tensor",
    "json_lists",
    "number_text",
    "v1_request",
    "v1_answer",
    "image_bytes",
    "v1_examples",
    "v1_results",
    "v1_signature",
    "v1_call",
    "v1_path",
    "v1_description",
    "presence",
    "server_sent_events",
    "text_answer",
    "rest_v1",
    "json_member",
    "v2_tensor",
    "v2_inputs",
    "v2_data",
    "v2_request",
    "v2_answer",
    "v2_models",
    "rest_v2",
    "open_inference_pb2",
    "open_inference_pb2_grpc",
    "grpc_tensor",
    "grpc_message",
    "grpc_calls",
    "grpc_v2",
    "grpc_server",
    "grpc_start",
    "health",
    "watcher",
    "v2_repository",
    "page_models",
    "page",
    "openapi_schemas",
    "openapi_answers",
    "openapi_operation",
    "openapi_models",
    "openapi_document",
    "openapi",
    "app",
    "client_answer",
    "client_call",
    "client_events",
    "client_options",
    "client_failures",
    "client_deadline",
    "client_transport",
    "async_transport",
    "client",
    "async_client",
    "setting_sources",
    "arguments",
    "ray_proxy",
    "ray_app",
    "ray_server",
    "cli",
    "__main__",
]


def imported_by(path):
    """Dotted names of everything that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            yield node.module


@pytest.mark.parametrize("name", [*MODULES, "__init__"])
def test_a_module_imports_no_tensorflow_and_nothing_else_of_ours(name):
    roots = {module.split(".")[0] for module in imported_by(SOURCE / f"{name}.py")}
    assert not roots & FORBIDDEN


def test_the_order_lists_every_module():
    assert sorted(ORDER) == MODULES


@pytest.mark.parametrize("name", MODULES)
def test_a_module_imports_only_those_before_it(name):
    ours = {
        module.split(".")[1]
        for module in imported_by(SOURCE / f"{name}.py")
        if module.startswith("kerasheet_serving.")
    }
    assert ours <= set(ORDER[: ORDER.index(name)])


def modules_loaded_by(statement):
    script = f"{statement}\nimport sys; print(*sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return {module.split(".")[0] for module in result.stdout.split()}


def test_the_whole_server_loads_no_tensorflow_and_nothing_else_of_ours():
    everything = "; ".join(f"import kerasheet_serving.{name}" for name in MODULES)
    loaded = modules_loaded_by(everything)
    assert {"onnxruntime", "starlette"} <= loaded
    assert not loaded & FORBIDDEN


def test_importing_the_command_loads_nothing_heavy():
    loaded = modules_loaded_by("import kerasheet_serving.cli")
    assert not loaded & {"numpy", "onnxruntime", "starlette", "uvicorn", "asyncio"}


def test_the_application_loads_nothing_that_only_some_requests_need():
    loaded = modules_loaded_by(
        "import kerasheet_serving.app, kerasheet_serving.grpc_start"
    )
    assert not loaded & {"PIL", "grpc", "google"}


def test_every_public_name_is_there():
    for name in kerasheet_serving.__all__:
        assert getattr(kerasheet_serving, name).__name__ == name


def test_an_unknown_name_is_refused():
    with pytest.raises(AttributeError) as error:
        kerasheet_serving.Sesion  # noqa: B018
    assert str(error.value) == "module 'kerasheet_serving' has no attribute 'Sesion'"


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_docstrings_are_true(name):
    module = importlib.import_module(f"kerasheet_serving.{name}")
    assert doctest.testmod(module).failed == 0
