"""Requests to the signatures of a SavedModel, to compare and to warm up with."""

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf
from PIL import Image

from kerasheet_export.image_signature import IMAGE_BYTES
from kerasheet_export.signature import Signature

COUNT = 3
"""Samples of a request."""


def image_files(signature: Signature) -> tuple[dict[str, Any], np.ndarray]:
    """PNG files of noise, of the size that the model takes.

    Returns:
        The inputs of `predict_bytes`, and the same pixels, (samples, height, width,
        channels), uint8.
    """
    shape = tuple(signature.model.inputs[0].shape[1:])
    rng = np.random.default_rng(0)
    pixels = rng.integers(256, size=(COUNT, *shape), dtype=np.uint8)
    return {IMAGE_BYTES: np.array([_png(one) for one in pixels], object)}, pixels


def _png(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels.squeeze(-1) if pixels.shape[-1] == 1 else pixels).save(
        file, "PNG"
    )
    return file.getvalue()


def examples(name: str, batch: np.ndarray) -> dict[str, Any]:
    """A batch as the inputs of `classify`: a tf.Example a sample."""
    return {"inputs": np.array([_example(name, one) for one in batch], object)}


def _example(name: str, sample: np.ndarray) -> bytes:
    feature = tf.train.Feature()
    if sample.dtype.kind == "f":
        feature.float_list.value.extend(sample.ravel().tolist())
    else:
        feature.int64_list.value.extend(sample.ravel().astype(int).tolist())
    features = tf.train.Features(feature={name: feature})
    return bytes(tf.train.Example(features=features).SerializeToString())


def steps(signature: Signature, ids: np.ndarray) -> Mapping[str, Any]:
    """A batch of ids as the inputs of `step`, at the beginning of a text."""
    state = signature.inputs[1]
    zeros = np.zeros((len(ids), *state.shape[1:]), state.dtype.as_numpy_dtype)
    return {"ids": ids, state.name: zeros}


def texts(token: str) -> Mapping[str, Any]:
    """A short text to write, as the inputs of `generate`."""
    return {
        "prompt": np.array([token.encode()], object),
        "length": np.int32(8),
        "temperature": np.float32(1.0),
        "top_k": np.int32(0),
        "seed": np.int32(0),
    }
