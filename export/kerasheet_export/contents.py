"""What goes into a version directory, and that it agrees with Keras."""

import dataclasses
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnx_ir as ir

from kerasheet_export import requests
from kerasheet_export.batches import compared_batches
from kerasheet_export.errors import ExportError
from kerasheet_export.example_data import write_example_data
from kerasheet_export.float16 import write_float16
from kerasheet_export.image_signature import (
    CLASSIFY,
    PREDICT_BYTES,
    classify,
    predict_bytes,
    takes_images,
)
from kerasheet_export.litert import run_litert, write_litert
from kerasheet_export.onnx import onnx_graph, write_onnx
from kerasheet_export.options import INT8, LITERT, ONNX, SAVED_MODEL, Options
from kerasheet_export.parity import Parity, compare, keras_answers, measure_parity
from kerasheet_export.quantize import write_int8
from kerasheet_export.reduction import check_reduction
from kerasheet_export.saved_model import SavedModel, describe, write_saved_model
from kerasheet_export.signature import SERVE, Function, Signature, inference
from kerasheet_export.subject import Subject
from kerasheet_export.text_graph import LOOP, is_text_model, text_graph
from kerasheet_export.text_signature import GENERATE, STEP, Generator, step_signature
from kerasheet_export.warmup import Request, replay, write_warmup
from kerasheet_serving import GraphSpec, Manifest, TensorSpec, write_manifest

FILES = {SERVE: "model.onnx", STEP: "step.onnx"}
LITERT_FILE = "model.tflite"
EXAMPLES = 8
CALIBRATION_BATCH = 32

Tell = Callable[[str], None]


class Contents:
    """Everything that a version of a model holds.

    Args:
        subject: what is exported.
        options: how.

    Raises:
        ExportError: the model has another form than these options take.
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
            self.signatures[STEP] = step_signature(subject.model)
        else:
            self.signatures |= self._image_signatures(scale)

    def write(self, directory: Path, version: int, tell: Tell) -> Manifest:
        """Write every file but the card, and compare what was written with Keras.

        Args:
            directory: an empty one.
            version: of the model.
            tell: called with what is done next.

        Returns:
            The manifest, whose list of files the caller has to complete.

        Raises:
            ExportError: a form cannot be written, or fewer bits are not worth it.
            ParityError: a form answers differently from Keras.
        """
        manifest = self._manifest(version)
        if SAVED_MODEL in self.options.formats:
            tell("Writing the SavedModel")
            manifest = self._write_saved_model(directory, manifest)
        if ONNX in self.options.formats:
            tell("Writing ONNX")
            manifest = self._write_onnx(directory, manifest)
        tell("Comparing every form with Keras")
        write_manifest(directory, manifest)
        parity = self._compare(directory)
        if LITERT in self.options.formats:
            tell("Writing LiteRT")
            parity[LITERT] = self._write_litert(directory)
        manifest = dataclasses.replace(manifest, parity=parity)
        for form in self.options.quantize:
            tell(f"Writing ONNX in {form}")
            manifest = self._write_reduction(directory, manifest, form)
        return manifest

    def _image_signatures(self, scale: float | None) -> dict[str, Signature]:
        model, labels = self.subject.model, self.subject.labels
        found = {}
        if len(model.output_shape) == 2 and None not in model.inputs[0].shape[1:]:
            found[CLASSIFY] = classify(model, labels, scale)
        if self.subject.scale is not None and takes_images(model):
            found[PREDICT_BYTES] = predict_bytes(model, labels, self.subject.scale)
        return found

    def _manifest(self, version: int) -> Manifest:
        subject, vocabulary = self.subject, self.subject.vocabulary
        concrete = self.plain.function().get_concrete_function()
        tensors = describe(
            concrete.structured_input_signature[1], concrete.structured_outputs
        )
        preprocessing: dict[str, float | str] = {}
        if PREDICT_BYTES in self.signatures and subject.scale is not None:
            preprocessing = {"scale": subject.scale, "resize": "bicubic"}
        return Manifest(
            name=subject.name,
            version=version,
            inputs=tensors.inputs,
            outputs=tensors.outputs,
            labels=tuple(subject.labels),
            vocabulary=() if vocabulary is None else tuple(vocabulary.tokens),
            unit="characters" if vocabulary is None else vocabulary.unit,
            preprocessing=preprocessing,
            metrics=dict(subject.metrics),
            provenance=dict(subject.provenance),
        )

    def _write_saved_model(self, directory: Path, manifest: Manifest) -> Manifest:
        subject, resources = self.subject, []
        functions: dict[str, Function] = {
            name: signature.function() for name, signature in self.signatures.items()
        }
        if subject.vocabulary is not None:
            generator = Generator(subject.model, subject.vocabulary)
            functions[GENERATE] = generator.function()
            resources = [generator.ids]
        write_saved_model(subject.model, functions, directory, resources)
        write_warmup(directory, subject.name, self._requests())
        saved_model = SavedModel(directory)
        replay(directory, saved_model)
        return dataclasses.replace(manifest, signatures=saved_model.signatures)

    def _requests(self) -> list[Request]:
        """What TensorFlow Serving is to answer before others ask: each signature."""
        [spec], subject = self.plain.inputs, self.subject
        one, batch, *_ = self._batches()
        found: list[Request] = [(SERVE, {spec.name: one}), (SERVE, {spec.name: batch})]
        if CLASSIFY in self.signatures:
            found.append((CLASSIFY, requests.examples(spec.name, batch)))
        if PREDICT_BYTES in self.signatures:
            found.append((PREDICT_BYTES, requests.image_files(self.plain)[0]))
        if subject.vocabulary is not None:
            found.append((STEP, requests.steps(self.signatures[STEP], one[:, :1])))
            found.append((GENERATE, requests.texts(subject.vocabulary.tokens[-1])))
        return found

    def _write_onnx(self, directory: Path, manifest: Manifest) -> Manifest:
        specs = {}
        for name, graph in self._graphs().items():
            write_onnx(graph, directory / FILES[name], self._metadata())
            specs[name] = _graph_spec(FILES[name], graph)
        main = specs.pop(SERVE)
        batch = self._batches()[-1][:EXAMPLES]
        arrays = {main.inputs[0].name: batch, **keras_answers(self.plain, batch)}
        write_example_data(directory, main, arrays)
        return dataclasses.replace(
            manifest, inputs=main.inputs, outputs=main.outputs, graphs=specs
        )

    def _graphs(self) -> dict[str, ir.Model]:
        model, opset, form = self.subject.model, self.options.opset, self.options.rnn
        if is_text_model(model):
            names = [name for name in (SERVE, STEP) if name in self.signatures]
            return {
                name: text_graph(model, form, opset, step=name == STEP)
                for name in names
            }
        if form != LOOP:
            raise ExportError(
                f"{self.subject.name!r} is not made by rnn_lm, and only of such models "
                f"can the recurrence be written as {form}. Leave out rnn."
            )
        return {SERVE: onnx_graph(self.plain, opset)}

    def _metadata(self) -> dict[str, str]:
        """What an ONNX file says of itself."""
        subject, vocabulary = self.subject, self.subject.vocabulary
        lists = {
            "labels": list(subject.labels),
            "vocabulary": [] if vocabulary is None else list(vocabulary.tokens),
            "metrics": dict(subject.metrics),
        }
        if PREDICT_BYTES in self.signatures:
            lists["preprocessing"] = {"scale": subject.scale, "resize": "bicubic"}
        written = {
            name: json.dumps(value, ensure_ascii=False)
            for name, value in lists.items()
            if value
        }
        return {**subject.provenance, **written}

    def _compare(self, directory: Path) -> Parity:
        forms, batches = self.options.formats, self._batches()
        parity = measure_parity(self.signatures[SERVE], directory, batches, forms)
        if SAVED_MODEL in forms:
            parity |= self._compare_signatures(SavedModel(directory), batches[1])
        return parity

    def _compare_signatures(self, saved_model: SavedModel, batch: np.ndarray) -> Parity:
        """The signatures that take files and tf.Examples."""
        name, serve = self.subject.name, self.signatures[SERVE]
        pairs: dict[str, tuple[Any, Any]] = {}
        if CLASSIFY in self.signatures:
            scores = keras_answers(self.plain, batch)["probabilities"]
            examples = requests.examples(self.plain.inputs[0].name, batch)
            pairs[CLASSIFY] = examples, {"scores": scores}
        if PREDICT_BYTES in self.signatures:
            files, pixels = requests.image_files(self.plain)
            pixels = pixels if self.options.uint8 else pixels * self._scale()
            pairs[PREDICT_BYTES] = files, keras_answers(serve, pixels)
        return {
            form: compare(name, form, partial(saved_model.run, name=form), [pair])
            for form, pair in pairs.items()
        }

    def _write_litert(self, directory: Path) -> dict[str, Any]:
        path = directory / LITERT_FILE
        write_litert(self.subject.model, self.plain.function(), path)
        [spec] = self.plain.inputs
        pairs = [
            ({spec.name: batch}, keras_answers(self.plain, batch))
            for batch in self._batches()
        ]
        return compare(
            self.subject.name, LITERT, lambda inputs: run_litert(path, inputs), pairs
        )

    def _write_reduction(
        self, directory: Path, manifest: Manifest, form: str
    ) -> Manifest:
        source, target = directory / FILES[SERVE], directory / f"model.{form}.onnx"
        [spec], test = manifest.inputs, self.subject.test
        if form == INT8:
            x = self._as_input(self.subject.calibration)
            starts = range(0, 0 if x is None else len(x), CALIBRATION_BATCH)
            batches = ({spec.name: x[at : at + CALIBRATION_BATCH]} for at in starts)
            write_int8(source, target, batches)
        else:
            write_float16(source, target)
        x, y = (np.zeros(0), np.zeros(0)) if test is None else (test.x, test.y)
        figures = check_reduction(
            "float16" if form == "fp16" else form, source, target, self._as_input(x), y
        )
        graph = GraphSpec(target.name, manifest.inputs, manifest.outputs)
        return dataclasses.replace(
            manifest,
            graphs={**manifest.graphs, form: graph},
            reductions={**manifest.reductions, form: figures.figures()},
        )

    def _batches(self) -> list[np.ndarray]:
        [spec], samples = self.plain.inputs, self._as_input(self.subject.samples)
        kind = TensorSpec(spec.name, spec.dtype.name, tuple(spec.shape))
        return compared_batches(kind, self.subject.model.output_shape[-1], samples)

    def _as_input(self, samples: np.ndarray | None) -> Any:
        """Samples as the exported forms take them."""
        if samples is None or not self.options.uint8:
            return samples
        return np.clip(np.rint(samples / self._scale()), 0, 255).astype(np.uint8)

    def _scale(self) -> np.float32:
        return np.float32(self.subject.scale)


def _graph_spec(file: str, graph: ir.Model) -> GraphSpec:
    """What ONNX Runtime will find in a graph."""
    inputs, outputs = (
        tuple(
            TensorSpec(
                str(value.name),
                value.dtype.numpy().name,
                tuple(
                    size if isinstance(size, int) else str(size) for size in value.shape
                ),
            )
            for value in values
        )
        for values in (graph.graph.inputs, graph.graph.outputs)
    )
    return GraphSpec(file, inputs, outputs)
