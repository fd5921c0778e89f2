"""The files of a version, written and compared with Keras."""

import dataclasses
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnx_ir as ir

from kerasheet_export import requests
from kerasheet_export.errors import ExportError
from kerasheet_export.example_data import write_example_data
from kerasheet_export.forms import LITERT_FILE, MODEL_FILE, STEP_FILE, form_runs
from kerasheet_export.image_signature import CLASSIFY, PREDICT_BYTES
from kerasheet_export.litert import write_litert
from kerasheet_export.onnx import add_metadata, graph_spec, onnx_graph, write_onnx
from kerasheet_export.options import LITERT, ONNX, SAVED_MODEL
from kerasheet_export.parity import Parity, compare, keras_answers, measure_parity
from kerasheet_export.plan import Plan
from kerasheet_export.recurrence import LOOP
from kerasheet_export.reduced import write_reduction
from kerasheet_export.saved_model import SavedModel, write_saved_model
from kerasheet_export.signature import LOGITS, SERVE, Function
from kerasheet_export.text_graph import is_text_model, text_graph
from kerasheet_export.text_signature import GENERATE, STEP, Generator
from kerasheet_export.warmup import Request, replay, write_warmup
from kerasheet_serving import Manifest, write_manifest

FILES = {SERVE: MODEL_FILE, STEP: STEP_FILE}
EXAMPLES = 8

Tell = Callable[[str], None]


def write_contents(plan: Plan, directory: Path, version: int, tell: Tell) -> Manifest:
    """Write every file but the card, and compare what was written with Keras.

    Args:
        plan: what to write.
        directory: an empty one.
        version: of the model.
        tell: called with what is done next.

    Returns:
        The manifest, whose list of files the caller has to complete.

    Raises:
        ExportError: a form cannot be written, or fewer bits are not worth it.
        ParityError: a form answers differently from Keras.
    """
    manifest, saved_model = plan.manifest(version), None
    formats = plan.options.formats
    if SAVED_MODEL in formats:
        tell("Writing the SavedModel")
        saved_model = _write_saved_model(plan, directory)
        manifest = dataclasses.replace(manifest, signatures=saved_model.signatures)
    if ONNX in formats:
        tell("Writing ONNX")
        manifest = _write_onnx(plan, directory, manifest)
    if LITERT in formats:
        tell("Writing LiteRT")
        path = directory / LITERT_FILE
        write_litert(plan.subject.model, plan.plain.function(), path)
    _write_examples(plan, directory, manifest)
    tell("Comparing every form with Keras")
    write_manifest(directory, manifest)
    parity = _compare(plan, directory, manifest, saved_model)
    manifest = dataclasses.replace(manifest, parity=parity)
    for path in directory.glob("*.onnx"):
        add_metadata(
            path, {"parity": json.dumps(dataclasses.asdict(manifest)["parity"])}
        )
    for form in plan.options.quantize:
        tell(f"Writing ONNX in {form}")
        manifest = write_reduction(plan, directory, manifest, form)
    return manifest


def _write_saved_model(plan: Plan, directory: Path) -> SavedModel:
    subject, resources = plan.subject, []
    functions: dict[str, Function] = {
        name: signature.function() for name, signature in plan.signatures.items()
    }
    if subject.vocabulary is not None:
        generator = Generator(subject.model, subject.vocabulary)
        functions[GENERATE] = generator.function()
        resources = [generator.ids]
    write_saved_model(subject.model, functions, directory, resources)
    write_warmup(directory, subject.name, _requests(plan))
    saved_model = SavedModel(directory)
    replay(directory, saved_model)
    return saved_model


def _requests(plan: Plan) -> list[Request]:
    """What TensorFlow Serving is to answer before others ask: each signature."""
    [spec], vocabulary = plan.plain.inputs, plan.subject.vocabulary
    one, batch, *_ = plan.batches
    found: list[Request] = [(SERVE, {spec.name: one}), (SERVE, {spec.name: batch})]
    if CLASSIFY in plan.signatures:
        found.append((CLASSIFY, requests.examples(spec.name, batch)))
    if PREDICT_BYTES in plan.signatures:
        found.append((PREDICT_BYTES, requests.image_files(plan.plain)[0]))
    if vocabulary is not None:
        found.append((STEP, requests.steps(plan.signatures[STEP], one[:, :1])))
        found.append((GENERATE, requests.texts(vocabulary.tokens[-1])))
    return found


def _write_onnx(plan: Plan, directory: Path, manifest: Manifest) -> Manifest:
    specs = {}
    for name, graph in _graphs(plan).items():
        write_onnx(graph, directory / FILES[name], _metadata(plan))
        specs[name] = graph_spec(FILES[name], graph)
    main = specs.pop(SERVE)
    return dataclasses.replace(
        manifest, inputs=main.inputs, outputs=main.outputs, graphs=specs
    )


def _graphs(plan: Plan) -> dict[str, ir.Model]:
    model, opset, form = plan.subject.model, plan.options.opset, plan.options.rnn
    if is_text_model(model):
        return {
            name: text_graph(model, form, opset, step=name == STEP)
            for name in FILES
            if name in plan.signatures
        }
    if form != LOOP:
        raise ExportError(
            f"{plan.subject.name!r} is not made by rnn_lm, and only of such models can "
            f"the recurrence be written as {form}. Leave out rnn."
        )
    return {SERVE: onnx_graph(plan.plain, opset)}


def _metadata(plan: Plan) -> dict[str, str]:
    """What an ONNX file says of itself, but for its parity."""
    subject, vocabulary = plan.subject, plan.subject.vocabulary
    known: dict[str, Any] = {
        "labels": list(subject.labels),
        "vocabulary": [] if vocabulary is None else list(vocabulary.tokens),
        "metrics": dict(subject.metrics),
        "preprocessing": dict(plan.preprocessing),
    }
    written = {
        name: json.dumps(value, ensure_ascii=False)
        for name, value in known.items()
        if value
    }
    return {**subject.provenance, **written}


def _write_examples(plan: Plan, directory: Path, manifest: Manifest) -> None:
    batch = plan.batches[-1][:EXAMPLES]
    [spec] = manifest.inputs
    arrays = {spec.name: batch, **keras_answers(plan.plain, batch)}
    _refuse_probabilities(plan.subject.name, arrays[LOGITS])
    write_example_data(directory, manifest, arrays)


def _refuse_probabilities(name: str, logits: np.ndarray) -> None:
    """Refuse a model that ends in a softmax: another one would follow."""
    if np.all(logits >= 0) and np.allclose(np.sum(logits, axis=-1), 1.0, atol=1e-5):
        raise ExportError(
            f"{name!r} answers with probabilities; what is exported answers with "
            "logits. Leave out its softmax, and train it with from_logits=True."
        )


def _compare(
    plan: Plan, directory: Path, manifest: Manifest, saved_model: SavedModel | None
) -> Parity:
    runs = form_runs(directory, manifest, saved_model)
    parity = measure_parity(plan.signatures[SERVE], runs, plan.batches)
    if saved_model is None:
        return parity
    name, serve = plan.subject.name, plan.signatures[SERVE]
    pairs: dict[str, tuple[Any, Any]] = {}
    if CLASSIFY in plan.signatures:
        batch = plan.batches[1]
        scores = {"scores": keras_answers(plan.plain, batch)["probabilities"]}
        pairs[CLASSIFY] = requests.examples(plan.plain.inputs[0].name, batch), scores
    if PREDICT_BYTES in plan.signatures:
        files, pixels = requests.image_files(plan.plain)
        pixels = pixels if plan.options.uint8 else pixels * plan.scale
        pairs[PREDICT_BYTES] = files, keras_answers(serve, pixels)
    return parity | {
        form: compare(name, form, partial(saved_model.run, name=form), [pair])
        for form, pair in pairs.items()
    }
