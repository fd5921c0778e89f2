"""Every ONNX file passes the checker of onnx."""

import onnx
import pytest
from subjects import IN_ONNX


@pytest.mark.parametrize("row", IN_ONNX)
def test_an_onnx_file_passes_the_full_check(row, subjects):
    path = subjects[row].version / subjects[row].graph
    onnx.checker.check_model(str(path), full_check=True)
