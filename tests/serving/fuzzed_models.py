"""A repository of every kind of small model, for requests that are made up."""

from serving_models import (
    half_plus_two,
    identity,
    picked_row,
    publish,
    publish_numbers,
    sum_and_product,
    total,
)
from text_models import publish_text


def publish_all(root):
    """Publish the models; returns the root."""
    publish(root, "H", half_plus_two())
    publish(root, "ab", sum_and_product())
    publish(root, "total", total())
    publish(root, "picked", picked_row())
    publish(root, "grid", identity("float32", ("rows", "columns")))
    for dtype in ("str", "bool", "int8", "uint64", "float16", "float64"):
        publish(root, dtype, identity(dtype))
    publish(
        root,
        "images",
        identity("float32", ("batch", 2, 2, 1)),
        preprocessing={"scale": 1.0},
    )
    publish_text(root, "letters")
    publish_numbers(root, 1, 2)
    return root
