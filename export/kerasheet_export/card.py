"""The model card: what a version is, how good, and how to ask it."""

import json
import math
import shutil
from pathlib import Path

import jinja2

from kerasheet_export.parity import LOGITS_TOLERANCE, TOLERANCE
from kerasheet_serving import Manifest

FILE, CURVES = "README.md", "curves.png"
NOT_A_VERSION = ("recipe", "dataset")
JAVASCRIPT = {
    "float32": "Float32Array",
    "float64": "Float64Array",
    "int32": "Int32Array",
    "int64": "BigInt64Array",
    "uint8": "Uint8Array",
}
C = {
    "float32": ("float", "ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT"),
    "float64": ("double", "ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE"),
    "int32": ("int32_t", "ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32"),
    "int64": ("int64_t", "ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64"),
    "uint8": ("uint8_t", "ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8"),
}


def write_card(directory: Path, manifest: Manifest, curves: Path | None) -> None:
    """Write `README.md`, and the picture of how the model was trained.

    Args:
        directory: a version directory.
        manifest: what is known of it.
        curves: the picture; None if there is none.
    """
    if curves is not None and curves.is_file():
        shutil.copyfile(curves, directory / CURVES)
    else:
        curves = None
    card = (
        _environment()
        .get_template("card.md")
        .render(**_facts(manifest), curves=None if curves is None else CURVES)
    )
    (directory / FILE).write_text(card, encoding="utf-8")


def _facts(manifest: Manifest) -> dict[str, object]:
    spec = manifest.inputs[0]
    shape = [size if isinstance(size, int) else 1 for size in spec.shape]
    recipe = manifest.provenance.get("recipe")
    c_type, c_enum = C.get(spec.dtype, C["float32"])
    return {
        "m": manifest,
        "recipe": recipe and json.dumps(json.loads(recipe), indent=2),
        "tolerance": f"{TOLERANCE:.0e}",
        "logits_tolerance": f"{LOGITS_TOLERANCE:.0e}",
        "example_shape": tuple(shape),
        "example_list": shape,
        "example_size": math.prod(shape),
        "js_array": JAVASCRIPT.get(spec.dtype, "Float32Array"),
        "c_type": c_type,
        "c_enum": c_enum,
        "versions": {
            name: value
            for name, value in manifest.provenance.items()
            if name not in NOT_A_VERSION
        },
    }


def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("kerasheet_export"),
        undefined=jinja2.ChainableUndefined,
        keep_trailing_newline=True,
    )
