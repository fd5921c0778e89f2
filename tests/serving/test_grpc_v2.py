"""The Open Inference Protocol over gRPC: what is answered, and what is refused."""

import math
from importlib.metadata import version

import grpc
import numpy as np
import pytest
from google.protobuf.json_format import MessageToDict
from grpc_thread import grpc_of, infer
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from kerasheet_serving.dtypes import V2_NAMES
from kerasheet_serving.grpc.open_inference_pb2 import (
    InferTensorContents,
    ModelMetadataRequest,
    ModelReadyRequest,
    ServerLiveRequest,
    ServerMetadataRequest,
    ServerReadyRequest,
)
from kerasheet_serving.grpc.tensor import read_contents, write_contents
from kerasheet_serving.v2.tensor import read_bytes, write_bytes

CONTENT = np.array([2, 3, 4], "<f4").tobytes()


@pytest.fixture(scope="session")  # as long as `v2`, which drains when this ends
def service(v2, v2_settings):
    with grpc_of(v2.app, v2_settings) as service:
        yield service


def x(contents, datatype="FP32", shape=(3, 1), name="x"):
    return name, datatype, shape, contents


def test_numbers_are_answered_one_by_one_if_they_came_so(service):
    answer = service.ModelInfer(infer(version="1", id="seven"))
    assert MessageToDict(answer, preserving_proto_field_name=True) == {
        "model_name": "M",
        "model_version": "1",
        "id": "seven",
        "outputs": [
            {
                "name": "y",
                "datatype": "FP32",
                "shape": ["3", "1"],
                "contents": {"fp32_contents": [3.0, 3.5, 4.0]},
            }
        ],
    }


def test_bytes_are_answered_as_bytes(service):
    answer = service.ModelInfer(infer(tensors=[x({})], raw=[CONTENT]))
    (output,) = answer.outputs
    assert not output.HasField("contents")
    assert [*answer.raw_output_contents] == [np.array([3, 3.5, 4], "<f4").tobytes()]


def test_a_parameter_asks_for_bytes_or_numbers(service):
    numbers, raw = infer(), infer(tensors=[x({})], raw=[CONTENT])
    numbers.parameters["binary_data_output"].bool_param = True
    raw.parameters["binary_data_output"].bool_param = False
    assert service.ModelInfer(numbers).raw_output_contents
    assert not service.ModelInfer(raw).raw_output_contents


def test_the_newest_version_answers_when_none_is_named(service):
    assert service.ModelInfer(infer()).model_version == "10"
    assert service.ModelInfer(infer(version="0001")).model_version == "1"


def test_outputs_are_those_asked_for_in_their_order(service):
    pair = [
        x({"fp32_contents": [6]}, shape=[1], name="a"),
        x({"fp32_contents": [7]}, shape=[1], name="b"),
    ]
    for names, expected in (
        ([], {"sum": [13], "product": [42]}),
        (["product", "sum"], {"product": [42], "sum": [13]}),
        (["product"], {"product": [42]}),
    ):
        request = infer("ab", tensors=pair)
        for name in names:
            request.outputs.add(name=name)
        answer = service.ModelInfer(request)
        found = [(one.name, [*one.contents.fp32_contents]) for one in answer.outputs]
        assert found == [*expected.items()]


def test_a_tensor_without_dimensions_has_one_value(service):
    request = infer("total", tensors=[x({"fp32_contents": [1, 2, 3]}, shape=[3])])
    (output,) = service.ModelInfer(request).outputs
    assert ([*output.shape], [*output.contents.fp32_contents]) == ([], [6.0])


def test_numbers_that_are_none_come_and_go(service):
    special = [math.nan, math.inf, -math.inf]
    (output,) = service.ModelInfer(
        infer(tensors=[x({"fp32_contents": special})])
    ).outputs
    np.testing.assert_array_equal(output.contents.fp32_contents, special)


TABLES = arrays.array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=4)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.mark.parametrize("dtype", V2_NAMES)
@settings(max_examples=10)  # each a whole call
@given(data=st.data())
def test_every_type_comes_back_as_it_went(service, dtype, data):
    kind, values = (object, TEXTS) if dtype == "str" else (dtype, None)
    array = data.draw(arrays.arrays(kind, TABLES, elements=values))
    name = V2_NAMES[dtype]
    raw = dtype == "float16" or data.draw(st.booleans(), "raw")
    request = infer(name, tensors=[x({}, name, array.shape)])
    if raw:
        request.raw_input_contents.append(write_bytes(array))
    else:
        request.inputs[0].contents.CopyFrom(write_contents(array))
    answer = service.ModelInfer(request)
    (output,) = answer.outputs
    assert (output.datatype, [*output.shape]) == (name, [*array.shape])
    if raw:
        flat = read_bytes(answer.raw_output_contents[0], dtype, "y")
    else:
        flat = read_contents(output.contents, dtype, "y")
    if dtype == "str":
        flat = [content.decode() for content in flat]
    np.testing.assert_array_equal(np.array(flat, array.dtype), array.ravel())


@pytest.mark.parametrize(
    ("dtype", "contents", "message"),
    [
        (
            "float16",
            {"fp32_contents": [1.0]},
            "x is FP16, which only 'raw_input_contents' has",
        ),
        (
            "float32",
            {"fp64_contents": [1.0]},
            "x has 'fp64_contents', but FP32 belongs in 'fp32_contents'",
        ),
        (
            "int32",
            {"int_contents": [1], "bool_contents": [True]},
            "x has 'bool_contents', but INT32 belongs in 'int_contents'",
        ),
        ("int8", {"int_contents": [127, -128, 128]}, "x has 128, which is no INT8"),
        ("uint16", {"uint_contents": [65536]}, "x has 65536, which is no UINT16"),
    ],
)
def test_contents_that_are_not_of_the_type_are_refused(dtype, contents, message):
    with pytest.raises(Exception) as error:
        read_contents(InferTensorContents(**contents), dtype, "x")
    assert str(error.value) == message


NOT_FOUND = "Request for unknown model: "
SHAPE = "unexpected shape for input 'x' for model 'M'. Expected [-1,1], got "


@pytest.mark.parametrize(
    ("request_", "code", "message"),
    [
        (infer("nope"), "NOT_FOUND", NOT_FOUND + "'nope' is not found"),
        (infer(version="2"), "NOT_FOUND", NOT_FOUND + "'M' version 2 is not found"),
        (
            infer("broken"),
            "NOT_FOUND",
            NOT_FOUND + "'broken' has no available versions",
        ),
        (
            infer(version="one"),
            "INVALID_ARGUMENT",
            "failed to get model version from specified version string 'one'",
        ),
        (
            infer(tensors=[]),
            "INVALID_ARGUMENT",
            "expected 1 inputs but got 0 inputs for model 'M'. Got input(s) [], but "
            "missing required input(s) ['x']. Please provide all required input(s).",
        ),
        (
            infer(tensors=[x({}, name="z")]),
            "INVALID_ARGUMENT",
            "unexpected inference input 'z' for model 'M', which takes 'x'",
        ),
        (
            infer(tensors=[x({"int_contents": [1]}, "INT32", [1, 1])]),
            "INVALID_ARGUMENT",
            "inference input 'x' data-type is 'INT32', but model 'M' expects 'FP32'",
        ),
        (infer(tensors=[x({}, shape=[3])]), "INVALID_ARGUMENT", SHAPE + "[3]"),
        (infer(tensors=[x({}, shape=[-3, 1])]), "INVALID_ARGUMENT", SHAPE + "[-3, 1]"),
        (
            infer(tensors=[x({"fp32_contents": [2.0, 3.0]})]),
            "INVALID_ARGUMENT",
            "input 'x' of shape [3,1] needs 3 values, received 2",
        ),
        (
            infer(tensors=[x({})], raw=[CONTENT[:-1]]),
            "INVALID_ARGUMENT",
            "input 'x' has 11 bytes, the last of which are no whole FP32",
        ),
        (
            infer(tensors=[x({})], raw=[CONTENT, CONTENT]),
            "INVALID_ARGUMENT",
            "the request has 1 inputs, but 2 entries of 'raw_input_contents', which "
            "must be as many, or none",
        ),
        (
            infer(raw=[CONTENT]),
            "INVALID_ARGUMENT",
            "input 'x' has 'contents', and the request 'raw_input_contents'; only one "
            "of them may be there",
        ),
        (
            infer("picked", tensors=[x({"int64_contents": [3]}, "INT64", [1])]),
            "INVALID_ARGUMENT",
            None,
        ),
    ],
)
def test_what_is_wrong_is_told_in_the_words_of_rest(service, request_, code, message):
    found, sentence = service.refused("ModelInfer", request_)
    assert found == code
    if message is None:  # the rest is the runtime's
        message = "Model 'picked' cannot compute these inputs: "
        sentence = sentence[: len(message)]
    assert sentence == message


def test_an_output_that_is_none_is_refused(service):
    request = infer()
    request.outputs.add(name="z")
    assert service.refused("ModelInfer", request) == (
        "INVALID_ARGUMENT",
        "unexpected inference output 'z' for model 'M', which gives 'y'",
    )


def test_parameters_of_another_type_are_refused(service):
    request = infer()
    request.parameters["binary_data_output"].double_param = 1.0
    assert service.refused("ModelInfer", request) == (
        "INVALID_ARGUMENT",
        "'binary_data_output' of the request must be true or false, received 1.0",
    )


@pytest.mark.parametrize("compression", [None, grpc.Compression.Gzip])
def test_a_message_beyond_the_limit_is_refused(service, compression):
    zeros = bytes(4 * 30_000)
    request = infer(tensors=[x({}, shape=[30_000, 1])], raw=[zeros])
    code, _ = service.refused("ModelInfer", request, compression=compression)
    assert code == "RESOURCE_EXHAUSTED"


def test_a_compressed_message_is_decompressed(service):
    answer = service.ModelInfer(infer(), compression=grpc.Compression.Gzip)
    assert [*answer.outputs[0].contents.fp32_contents] == [3.0, 3.5, 4.0]


def test_the_server_lives_and_is_ready_and_says_what_it_is(service):
    assert service.ServerLive(ServerLiveRequest()).live
    assert service.ServerReady(ServerReadyRequest()).ready
    answer = service.ServerMetadata(ServerMetadataRequest())
    name, number = answer.name, answer.version
    assert (name, number) == ("kerasheet-serving", version("kerasheet-serving"))


@pytest.mark.parametrize("name", ["M", "ab", "BYTES"])
def test_a_model_says_the_same_as_over_rest(service, v2, name):
    answer = MessageToDict(service.ModelMetadata(ModelMetadataRequest(name=name)))
    for tensor in answer["inputs"] + answer["outputs"]:
        tensor["shape"] = [int(size) for size in tensor["shape"]]  # int64 is a string
    assert answer == v2.ask("GET", f"/v2/models/{name}").json()


@pytest.mark.parametrize(
    ("name", "number", "is_ready"),
    [("M", "", True), ("M", "1", True), ("M", "2", False), ("nope", "", False)],
)
def test_a_model_that_does_not_serve_is_not_ready(service, name, number, is_ready):
    answer = service.ModelReady(ModelReadyRequest(name=name, version=number))
    assert answer.ready == is_ready


def test_the_metadata_of_an_unknown_model_are_not_found(service):
    assert service.refused("ModelMetadata", ModelMetadataRequest(name="nope")) == (
        "NOT_FOUND",
        NOT_FOUND + "'nope' is not found",
    )


def test_a_method_of_no_protocol_is_unimplemented(service):
    call = service.channel.unary_unary("/inference.GRPCInferenceService/Nothing")
    with pytest.raises(grpc.RpcError) as error:
        call(b"")
    assert error.value.code() == grpc.StatusCode.UNIMPLEMENTED
