"""Whether a smaller file is worth what it costs."""

import json

import numpy as np
import pytest
from smaller_files import answers

from kerasheet.data import digits
from kerasheet_export import ExportError
from kerasheet_export.quantize import write_int8
from kerasheet_export.reduction import Reduction, check_reduction


@pytest.mark.parametrize("form", ["int8", "fp16"])
def test_a_smaller_file_is_worth_keeping(form, float32, smaller):
    test = digits().test
    reduction = check_reduction(form, float32, smaller[form], test.x, test.y)
    logits = answers(float32, test.x)[0]
    assert reduction.float32_accuracy == np.mean(logits.argmax(-1) == test.y)
    assert reduction.size == smaller[form].stat().st_size
    assert reduction.ratio <= {"int8": 0.3, "fp16": 0.55}[form]
    figures = json.loads(json.dumps(reduction.figures()))
    assert Reduction(form, **figures) == reduction


def test_judging_needs_labelled_samples(float32, smaller):
    none = digits().test.subset(np.arange(0))
    with pytest.raises(ExportError) as error:
        check_reduction("int8", float32, smaller["int8"], none.x, none.y)
    assert str(error.value) == (
        "Whether int8 keeps the accuracy needs labelled samples to tell. "
        "Received: none. Export a run whose data can be had."
    )


def test_a_file_that_is_hardly_smaller_is_refused_with_the_figures(float32):
    test = digits().test
    accuracy = np.mean(answers(float32, test.x)[0].argmax(-1) == test.y)
    size = float32.stat().st_size
    with pytest.raises(ExportError) as error:
        check_reduction("fp16", float32, float32, test.x, test.y)
    assert str(error.value) == (
        f"The fp16 form is not worth keeping: accuracy {accuracy:.2%} instead of "
        f"{accuracy:.2%} in 1.00× the bytes ({size:,} instead of {size:,}), where a "
        "fall of 0.5 points and 0.55× are allowed."
    )


def test_a_file_that_has_lost_accuracy_is_refused_with_the_figures(
    float32, smaller, tmp_path
):
    """Calibrated on darkness, it knows no light."""
    test, path = digits().test, tmp_path / "model.int8.onnx"
    write_int8(float32, path, [{"images": np.zeros_like(test.x[:8])}])
    before = np.mean(answers(float32, test.x)[0].argmax(-1) == test.y)
    after = np.mean(answers(path, test.x)[0].argmax(-1) == test.y)
    sizes = path.stat().st_size, float32.stat().st_size
    assert after < before - 0.005
    with pytest.raises(ExportError) as error:
        check_reduction("int8", float32, path, test.x, test.y)
    assert str(error.value) == (
        f"The int8 form is not worth keeping: accuracy {after:.2%} instead of "
        f"{before:.2%} in {sizes[0] / sizes[1]:.2f}× the bytes ({sizes[0]:,} instead "
        f"of {sizes[1]:,}), where a fall of 0.5 points and 0.3× are allowed."
    )
