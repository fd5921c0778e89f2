"""TensorFlow's own command, typed as in its guide."""

import subprocess
import sys
from pathlib import Path

import numpy as np
from text_subjects import LANGUAGE_MODEL, TEXTS

COMMAND = Path(sys.executable).with_name("saved_model_cli")


def saved_model_cli(*words):
    done = subprocess.run([COMMAND, *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_show_names_inputs_and_outputs_and_leaves_sizes_open(subjects):
    version = subjects["lenet"].version
    shown = saved_model_cli("show", "--dir", version, "--all")
    assert "signature_def['serving_default']" in shown
    for said in (
        "inputs['images'] tensor_info:\n        dtype: DT_FLOAT\n"
        "        shape: (-1, 28, 28, 1)",
        "outputs['probabilities'] tensor_info:\n        dtype: DT_FLOAT\n"
        "        shape: (-1, 10)",
    ):
        assert said in shown


def test_scan_finds_no_operation_that_may_do_harm(subjects):
    version = subjects[LANGUAGE_MODEL].version
    said = saved_model_cli("scan", "--dir", version, "--tag_set", "serve")
    assert "does not contain the default denylisted ops" in said


def test_run_writes_a_text_from_what_is_typed(subjects, tmp_path):
    [run] = subjects[TEXTS].runs
    typed = ";".join(
        f"{name}={array.tolist() if array.ndim == 0 else repr(array.tolist())}"
        for name, array in run.inputs.items()
    )
    saved_model_cli(
        "run",
        *("--dir", subjects[TEXTS].version),
        *("--tag_set", "serve"),
        *("--signature_def", "generate"),
        *("--input_exprs", typed),
        *("--outdir", tmp_path),
    )
    text = np.load(tmp_path / "text.npy", allow_pickle=True)
    assert text.tolist() == run.expected["text"].tolist()
