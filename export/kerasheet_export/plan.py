"""What a version of a model will answer, and on what it is compared."""

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from kerasheet_export.batches import compared_batches, least_length
from kerasheet_export.errors import ExportError
from kerasheet_export.image_signature import (
    CLASSIFY,
    PREDICT_BYTES,
    classify,
    predict_bytes,
    takes_images,
)
from kerasheet_export.options import Options
from kerasheet_export.saved_model import describe
from kerasheet_export.signature import SERVE, Signature, inference
from kerasheet_export.subject import Subject
from kerasheet_export.text_graph import is_text_model
from kerasheet_export.text_signature import STEP, step_signature
from kerasheet_serving import Manifest, SignatureSpec, TensorSpec

RESIZE = "bicubic"


class Plan:
    """What a version of a model will answer, and on what it is compared.

    Args:
        subject: what is exported.
        options: how.

    Attributes:
        plain: the model without names of classes, for ONNX.
        signatures: of the SavedModel, by name.

    Raises:
        ExportError: the model has another form than the options take.
    """

    def __init__(self, subject: Subject, options: Options) -> None:
        self.subject, self.options = subject, options
        scale = subject.scale if options.uint8 else None
        if options.uint8 and (scale is None or not takes_images(subject.model)):
            raise ExportError(
                f"{subject.name!r} can take images of 8 bits only if it takes images, "
                "and if their scale is known. Leave out uint8, or pass scale=1 / 255."
            )
        self.plain = inference(subject.model, scale=scale)
        self.signatures = {SERVE: inference(subject.model, subject.labels, scale)}
        if subject.vocabulary is not None:
            if not is_text_model(subject.model):
                raise ExportError(
                    f"{subject.name!r} is not made by rnn_lm, and only such a model "
                    "has a vocabulary. Leave out vocabulary."
                )
            self.signatures[STEP] = step_signature(subject.model)
        else:
            self.signatures |= self._image_signatures(scale)

    def _image_signatures(self, scale: float | None) -> dict[str, Signature]:
        model, labels = self.subject.model, self.subject.labels
        found = {}
        if len(model.outputs[0].shape) == 2 and None not in model.inputs[0].shape[1:]:
            found[CLASSIFY] = classify(model, labels, scale)
        if self.subject.scale is not None and takes_images(model):
            found[PREDICT_BYTES] = predict_bytes(model, labels, self.subject.scale)
        return found

    def manifest(self, version: int) -> Manifest:
        """What is known before anything is written."""
        subject, vocabulary = self.subject, self.subject.vocabulary
        return Manifest(
            name=subject.name,
            version=version,
            inputs=self.tensors.inputs,
            outputs=self.tensors.outputs,
            labels=tuple(subject.labels),
            vocabulary=() if vocabulary is None else tuple(vocabulary.tokens),
            unit="characters" if vocabulary is None else vocabulary.unit,
            preprocessing=self.preprocessing,
            metrics=dict(subject.metrics),
            provenance=dict(subject.provenance),
        )

    @cached_property
    def tensors(self) -> SignatureSpec:
        """The model's input and outputs."""
        concrete = self.plain.function().get_concrete_function()
        inputs = {spec.name: spec for spec in self.plain.inputs}
        return describe(inputs, concrete.structured_outputs)

    @property
    def preprocessing(self) -> Mapping[str, float | str]:
        """How an image file becomes the input, if it can."""
        scale = self.subject.scale
        if scale is None or PREDICT_BYTES not in self.signatures:
            return {}
        return {"scale": scale, "resize": RESIZE}

    @cached_property
    def batches(self) -> list[np.ndarray]:
        """Real and random inputs, of several sizes."""
        [spec], model = self.plain.inputs, self.subject.model
        kind = TensorSpec(spec.name, spec.dtype.name, tuple(spec.shape))
        classes, samples = model.outputs[0].shape[-1], self.subject.samples
        least = least_length(model)
        return compared_batches(kind, classes, self.as_input(samples), least)

    def as_input(self, samples: np.ndarray) -> np.ndarray:
        """What the model takes, as the exported forms take it."""
        if not self.options.uint8:
            return samples
        return np.clip(np.rint(samples / self.scale), 0, 255).astype(np.uint8)

    @property
    def scale(self) -> np.float32:
        """What the model takes for each of 255 steps of a pixel."""
        return np.float32(self.subject.scale)
