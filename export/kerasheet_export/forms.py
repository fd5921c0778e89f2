"""Who answers for each exported form: the very software that will read it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kerasheet_export.litert import run_litert
from kerasheet_export.options import LITERT, ONNX, SAVED_MODEL
from kerasheet_export.parity import Run
from kerasheet_export.saved_model import SavedModel
from kerasheet_export.text_signature import STEP
from kerasheet_serving import Manifest, Session

MODEL_FILE, STEP_FILE, LITERT_FILE = "model.onnx", "step.onnx", "model.tflite"


def form_runs(
    directory: Path, manifest: Manifest, saved_model: SavedModel | None
) -> dict[str, Run]:
    """What answers, by form, from the model's input to its outputs.

    ONNX runs in the session that will serve it, the SavedModel without Keras. A
    language model also answers token by token, its state handed on.

    Args:
        directory: a version directory, with its manifest.
        manifest: of the version.
        saved_model: of the version, if it has one.
    """
    runs: dict[str, Run] = {}
    if saved_model is not None:
        runs[SAVED_MODEL] = saved_model.run
    if (directory / MODEL_FILE).is_file():
        runs[ONNX] = Session(directory).run
    if (directory / LITERT_FILE).is_file():
        runs[LITERT] = lambda inputs: run_litert(directory / LITERT_FILE, inputs)
    if STEP in manifest.graphs:
        steps: dict[str, Run] = {ONNX: Session(directory, graph=STEP).run}
        if saved_model is not None:
            steps[SAVED_MODEL] = lambda inputs: saved_model.run(inputs, STEP)
        [state] = [one for one in manifest.graphs[STEP].inputs if one.name == "state"]
        for form, run in steps.items():
            runs[f"{form}_{STEP}"] = _token_by_token(run, state.shape[1:])
    return runs


def _token_by_token(run: Run, state_shape: Sequence[Any]) -> Run:
    """Decode a sequence one token at a time, as if at once."""

    def whole(inputs: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
        [ids] = inputs.values()
        state = np.zeros((len(ids), *state_shape), "float32")
        answers = []
        for column in ids.T:
            answers.append(run({"ids": column[:, None], "state": state}))
            state = np.asarray(answers[-1]["next_state"])
        return {
            name: np.concatenate([np.asarray(one[name]) for one in answers], axis=1)
            for name in ("logits", "probabilities")
        }

    return whole
