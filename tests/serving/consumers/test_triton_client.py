"""NVIDIA's client for the Open Inference Protocol, over HTTP and gRPC."""

import json
import subprocess
from pathlib import Path

import pytest
from serving_models import half_plus_two, identity, publish, sum_and_product
from serving_process import grpc_address, serve

from kerasheet_serving.dtypes import V2_NAMES

ROOT = Path(__file__).parents[3]
PROGRAM = Path(__file__).parent / "ask_triton.py"
SECONDS = 120
TRANSPORTS = ("http", "grpc")


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """What the client was answered, over each transport."""
    root = tmp_path_factory.mktemp("models")
    publish(root, "M", half_plus_two(("batch", 1)))
    publish(root, "ab", sum_and_product())
    for dtype, name in V2_NAMES.items():
        publish(root, name, identity(dtype, ("rows", "columns")))
    with serve(root) as (process, url):
        addresses = {
            "http": url.removeprefix("http://"),
            "grpc": grpc_address(process),
        }
        return {
            transport: ask(transport, addresses[transport]) for transport in addresses
        }


def ask(transport, address):
    done = subprocess.run(
        [ROOT / ".venv-triton" / "bin" / "python", PROGRAM, transport, address],
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(params=TRANSPORTS)
def answers(said, request):
    return said[request.param]


def test_it_sees_that_the_server_and_its_models_are_ready(answers):
    names = ("live", "ready", "model ready", "unknown ready")
    assert [answers[name] for name in names] == [True, True, True, False]


def test_it_reads_what_the_server_and_a_model_are(answers):
    assert answers["server"] == "kerasheet-serving"
    model = answers["model"]
    for tensor in model["inputs"] + model["outputs"]:
        tensor["shape"] = [int(size) for size in tensor["shape"]]
    tensor = {"datatype": "FP32", "shape": [-1, 1]}
    assert model == {
        "name": "M",
        "versions": ["1"],
        "platform": "onnxruntime_onnx",
        "inputs": [{"name": "x", **tensor}],
        "outputs": [{"name": "y", **tensor}],
    }


@pytest.mark.parametrize("how", ["json", "FP32"])
def test_it_reads_numbers_one_by_one_and_as_bytes(answers, how):
    assert answers[how] == [[3.0], [3.5], [4.0]]


def test_it_reads_other_types(answers):
    found = {name: answers[name] for name in ("INT32", "FP16", "BOOL", "BYTES")}
    assert found == {
        "INT32": [[-1, 2**31 - 1]],
        "FP16": [[0.5, -2.0]],
        "BOOL": [[True, False]],
        "BYTES": [["Bär", ""]],
    }


def test_it_sends_several_inputs_and_reads_one_output(answers):
    assert answers["several"] == {"product": [42.0, 2.0], "sum": None, "id": "seven"}


def test_it_reads_the_answers_to_requests_that_are_under_way_together(answers):
    assert answers["async"] == [2.0 + n for n in range(8)]


@pytest.mark.parametrize(
    ("transport", "not_found", "invalid"),
    [
        ("http", "404", "400"),
        ("grpc", "StatusCode.NOT_FOUND", "StatusCode.INVALID_ARGUMENT"),
    ],
)
def test_it_is_told_what_is_wrong(said, transport, not_found, invalid):
    answers = said[transport]
    unknown = "Request for unknown model: "
    assert {
        name: answers[name] for name in answers if name.startswith(("un", "wr"))
    } == {
        "unknown ready": False,
        "unknown model": [not_found, unknown + "'nope' is not found"],
        "unknown version": [not_found, unknown + "'M' version 2 is not found"],
        "wrong input": [
            invalid,
            "unexpected inference input 'z' for model 'M', which takes 'x'",
        ],
        "wrong type": [
            invalid,
            "inference input 'x' data-type is 'INT32', but model 'M' expects 'FP32'",
        ],
        "wrong shape": [
            invalid,
            "unexpected shape for input 'x' for model 'M'. Expected [-1,1], got [1]",
        ],
    }
