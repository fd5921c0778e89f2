"""A published version, checked again from what it holds."""

from pathlib import Path

import tensorflow as tf

from kerasheet_export.errors import ExportError
from kerasheet_export.example_data import read_example_data
from kerasheet_export.forms import form_runs
from kerasheet_export.parity import Parity, compare
from kerasheet_export.saved_model import SavedModel
from kerasheet_export.warmup import replay
from kerasheet_serving import Manifest, read_manifest, verify_files
from kerasheet_serving.manifest import MANIFEST_FILE


def verify(directory: Path | str) -> Parity:
    """Check a version by itself: no Keras model is needed, nor its data.

    Every file has the sha256 of the manifest and none is missing or added; each form
    answers `test_data_set_0` as Keras did; the SavedModel has the signatures that the
    manifest names, and answers the warm-up requests.

    Args:
        directory: of a version: `REPOSITORY/MODEL/VERSION`.

    Returns:
        The largest differences by form and output.

    Raises:
        ExportError: a form cannot be read, or a warm-up request fails.
        ParityError: a form answers differently.
        RepositoryError: there is no such version, or its files have changed.
    """
    directory = Path(directory)
    if not (directory / MANIFEST_FILE).is_file():
        raise ExportError(
            f"{str(directory)!r} is no version of a model: it has no {MANIFEST_FILE}. "
            "Name a directory such as REPOSITORY/MODEL/1."
        )
    manifest = read_manifest(directory)
    verify_files(directory, manifest)
    inputs, expected = read_example_data(directory)
    if not inputs or not expected:
        raise ExportError(
            f"{directory} has no test data to answer. Publish the model again with "
            "`kerasheet export`."
        )
    saved_model = None
    if "saved_model.pb" in manifest.files:
        saved_model = _load(directory)
        _check_signatures(directory, manifest, saved_model)
        replay(directory, saved_model)
    return {
        form: compare(manifest.name, form, run, [(inputs, expected)])
        for form, run in form_runs(directory, manifest, saved_model).items()
    }


def _load(directory: Path) -> SavedModel:
    try:
        return SavedModel(directory)
    except (OSError, ValueError, tf.errors.OpError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ExportError(
            f"{directory} has a SavedModel that cannot be loaded: {reason}."
        ) from error


def _check_signatures(
    directory: Path, manifest: Manifest, saved_model: SavedModel
) -> None:
    if saved_model.signatures != dict(manifest.signatures):
        raise ExportError(
            f"{directory} has a SavedModel with the signatures "
            f"{', '.join(sorted(saved_model.signatures))}; its manifest says "
            f"{', '.join(sorted(manifest.signatures))}. Publish the model again with "
            "`kerasheet export`."
        )
