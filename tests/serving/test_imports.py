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
PREFIX = "kerasheet_serving."
MODULES = sorted(
    module.name.removeprefix(PREFIX)
    for module in pkgutil.walk_packages(kerasheet_serving.__path__, PREFIX)
    if not module.ispkg
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
    "publishing.numbering",
    "publishing.disk",
    "publishing.ledger",
    "publishing.reservation",
    "publishing.staging",
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
    "fast_json",
    "generation.request",
    "generation.sampling",
    "generation.step_model",
    "generation.writing",
    "generation.decoding",
    "shared_counts",
    "metric_families",
    "metrics",
    "web.served",
    "web.draining",
    "web.paths",
    "web.prefix_route",
    "web.refusals",
    "web.request_context",
    "web.request_limits",
    "web.key_check",
    "web.listener",
    "web.connection",
    "web.tls",
    "web.server",
    "servable",
    "version",
    "model_runner",
    "registry",
    "announcement",
    "web.work",
    "v1.json_tensor",
    "v1.json_lists",
    "v1.number_text",
    "v1.request",
    "v1.answer",
    "v1.image_bytes",
    "v1.examples",
    "v1.results",
    "v1.signature",
    "v1.call",
    "v1.path",
    "v1.description",
    "generation.presence",
    "generation.events",
    "generation.answer",
    "rest_v1",
    "v2.json_member",
    "v2.tensor",
    "v2.inputs",
    "v2.data",
    "v2.flat_numbers",
    "v2.request",
    "v2.answer",
    "v2.models",
    "rest_v2",
    "grpc.open_inference_pb2",
    "grpc.open_inference_pb2_grpc",
    "grpc.tensor",
    "grpc.message",
    "grpc.calls",
    "grpc.gate",
    "grpc_v2",
    "grpc.server",
    "grpc.start",
    "web.health",
    "watcher",
    "v2.repository",
    "page.models",
    "page.routes",
    "openapi.schemas",
    "openapi.answers",
    "openapi.operation",
    "openapi.models",
    "openapi.document",
    "openapi.routes",
    "app",
    "process",
    "worker",
    "workers",
    "client.answer",
    "client.call",
    "client.events",
    "client.options",
    "client.base",
    "client.failures",
    "client.deadline",
    "client.transport",
    "client.async_transport",
    "client.sync",
    "client.asynchronous",
    "setting_sources",
    "arguments",
    "ray.proxy",
    "ray.metrics",
    "ray.app",
    "ray.server",
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
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def file_of(name):
    return SOURCE / f"{name.replace('.', '/')}.py"


@pytest.mark.parametrize("name", [*MODULES, "__init__"])
def test_a_module_imports_no_tensorflow_and_nothing_else_of_ours(name):
    roots = {module.split(".")[0] for module in imported_by(file_of(name))}
    assert not roots & FORBIDDEN


def test_the_order_lists_every_module():
    assert sorted(ORDER) == MODULES


@pytest.mark.parametrize("name", MODULES)
def test_a_module_imports_only_those_before_it(name):
    names = [f"{imported}." for imported in imported_by(file_of(name))]
    ours = {
        module
        for module in MODULES
        if any(imported.startswith(f"{PREFIX}{module}.") for imported in names)
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
        "import kerasheet_serving.app, kerasheet_serving.grpc.start"
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
