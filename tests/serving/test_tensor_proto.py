"""TensorProto, read without ONNX and compared with what ONNX reads."""

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from kerasheet_serving.errors import RepositoryError
from kerasheet_serving.tensor_proto import read_tensor_proto

TYPES = [
    "float16",
    "float32",
    "float64",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "bool",
]
VALUES = [0, 1, 2, 77, 100, 127]


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("raw", [True, False])
def test_every_type_reads_as_onnx_reads_it(dtype, raw):
    array = np.array(VALUES).astype(dtype).reshape(2, 3)
    if array.dtype.kind in "if":
        array = -array
    if raw:
        proto = numpy_helper.from_array(array, "x")
    else:
        kind = helper.np_dtype_to_tensor_dtype(array.dtype)
        proto = helper.make_tensor("x", kind, array.shape, array.ravel().tolist())
    name, found = read_tensor_proto(proto.SerializeToString())
    assert (name, found.dtype) == ("x", array.dtype)
    np.testing.assert_array_equal(found, array)


def test_the_largest_integers_keep_their_sign():
    for dtype in ("int64", "uint64"):
        limits = np.iinfo(dtype)
        kind = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
        proto = helper.make_tensor("x", kind, [2], [limits.min, limits.max])
        _, found = read_tensor_proto(proto.SerializeToString())
        assert found.tolist() == [limits.min, limits.max]


def test_strings_are_text():
    proto = numpy_helper.from_array(np.array([["a", "é"]], object), "texts")
    name, found = read_tensor_proto(proto.SerializeToString())
    assert (name, found.tolist()) == ("texts", [["a", "é"]])


def test_a_scalar_has_no_shape_and_an_empty_tensor_no_numbers():
    for array in (np.float32(3), np.zeros((0, 4), np.float32)):
        proto = numpy_helper.from_array(np.asarray(array))
        _, found = read_tensor_proto(proto.SerializeToString())
        np.testing.assert_array_equal(found, array)
        assert found.shape == np.shape(array)


def test_data_that_lies_in_another_file_is_refused():
    proto = numpy_helper.from_array(np.float32([1]))
    proto.data_location = TensorProto.EXTERNAL
    with pytest.raises(RepositoryError) as error:
        read_tensor_proto(proto.SerializeToString())
    assert str(error.value) == (
        "It is not a TensorProto that is served: its data lies in another file."
    )


def test_too_few_numbers_are_refused():
    proto = numpy_helper.from_array(np.float32([1, 2]))
    proto.dims[0] = 3
    with pytest.raises(RepositoryError) as error:
        read_tensor_proto(proto.SerializeToString())
    assert str(error.value) == (
        "It is not a TensorProto that is served: 2 numbers for the shape [3]."
    )


@given(st.data())
def test_half_a_tensor_or_noise_is_refused_or_read_but_never_fails(data):
    proto = numpy_helper.from_array(np.float32([1, 2, 3]), "x")
    content = bytearray(proto.SerializeToString())
    for _ in range(data.draw(st.integers(0, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(
            st.integers(0, 255)
        )
    end = data.draw(st.integers(0, len(content)))
    with suppress(RepositoryError):
        read_tensor_proto(bytes(content[:end]))
