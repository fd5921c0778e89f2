"""`manifest.json`: what a version of a model is, and the sha256 of its files."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from kerasheet_serving.errors import RepositoryError
from kerasheet_serving.specs import GraphSpec, SignatureSpec, TensorSpec
from kerasheet_serving.strict_json import from_json

MANIFEST_FILE = "manifest.json"
FORMAT = 1


@dataclass(frozen=True)
class Deviation:
    """How far an exported output is from the model's, at most.

    Args:
        absolute: the largest difference.
        relative: that, over the largest of all values.
    """

    absolute: float
    relative: float


@dataclass(frozen=True)
class Manifest:
    """What a version directory holds.

    Args:
        name: of the model.
        version: positive number, larger is newer.
        inputs: tensors the model takes.
        outputs: tensors the model gives.
        labels: names of the classes, in the order of the scores.
        vocabulary: tokens of a language model, in the order of their ids; the first
            stands for all that are not in it.
        unit: what a token is, `"characters"` or `"words"` between spaces.
        graphs: further graphs by what they do; a language model's `"step"` takes and
            gives its state, `"int8"` and `"fp16"` do the model's work in fewer bits.
        signatures: of the SavedModel, by name.
        preprocessing: how an image file becomes the input: `scale`, of each of 255
            steps of a pixel, and `resize`, the filter.
        metrics: measured quality, such as `{"test_accuracy": 0.98}`.
        parity: largest differences found between each form of the model and Keras, by
            form and output.
        reductions: what fewer bits cost and gain, by graph.
        provenance: where the model came from: recipe, data, versions.
        files: sha256 of every other file, by its path relative to the directory.
        format: of this file; a reader refuses a newer one than it knows.
    """

    name: str
    version: int
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    labels: tuple[str, ...] = ()
    vocabulary: tuple[str, ...] = ()
    unit: str = "characters"
    graphs: Mapping[str, GraphSpec] = field(default_factory=dict)
    signatures: Mapping[str, SignatureSpec] = field(default_factory=dict)
    preprocessing: Mapping[str, float | str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    parity: Mapping[str, Mapping[str, Deviation]] = field(default_factory=dict)
    reductions: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    provenance: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    format: int = FORMAT


def write_manifest(directory: Path, manifest: Manifest) -> Manifest:
    """Hash every file below `directory` and write its `manifest.json`.

    Returns:
        `manifest` with `files` filled in.
    """
    files = {name: _sha256(directory / name) for name in _files_below(directory)}
    manifest = replace(manifest, files=files)
    text = json.dumps(asdict(manifest), indent=2, sort_keys=True, ensure_ascii=False)
    (directory / MANIFEST_FILE).write_text(text + "\n", encoding="utf-8")
    return manifest


def read_manifest(directory: Path) -> Manifest:
    """Read the `manifest.json` of a version directory.

    Raises:
        RepositoryError: it is missing, malformed, or of a newer format.
    """
    path = directory / MANIFEST_FILE
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise RepositoryError(
            f"Cannot read {path}: {error.strerror}. "
            "Publish the model again with `kerasheet export`."
        ) from error
    except (ValueError, RecursionError) as error:
        raise RepositoryError(
            f"{path} is not JSON: {error}. "
            "Publish the model again with `kerasheet export`."
        ) from error
    return _parse(path, document)


def verify_file(directory: Path, manifest: Manifest, name: str) -> None:
    """Check one file against the sha256 that `manifest` holds for it.

    Raises:
        RepositoryError: the file is missing, not listed, or has changed.
    """
    path = directory / name
    if name not in manifest.files:
        raise RepositoryError(
            f"{path} is not listed in {directory / MANIFEST_FILE}. "
            "Publish the model again with `kerasheet export`."
        )
    found, expected = _sha256(path), manifest.files[name]
    if found != expected:
        raise RepositoryError(
            f"{path} has sha256 {found}, its manifest says {expected}: it changed "
            "after it was published. Publish the model again with `kerasheet export`."
        )


def verify_files(directory: Path, manifest: Manifest) -> None:
    """Check every file below `directory`, and that none is missing or added.

    Raises:
        RepositoryError: as `verify_file`, for the first such file by name.
    """
    for name in sorted({*manifest.files, *_files_below(directory)}):
        verify_file(directory, manifest, name)


def _files_below(directory: Path) -> list[str]:
    names = (
        path.relative_to(directory).as_posix()
        for path in directory.rglob("*")
        if path.is_file()
    )
    return sorted(name for name in names if name != MANIFEST_FILE)


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise RepositoryError(
            f"Cannot read {path}: {error.strerror}. "
            "Publish the model again with `kerasheet export`."
        ) from error


def _parse(path: Path, document: Any) -> Manifest:
    newer = isinstance(document, dict) and document.get("format")
    if type(newer) is int and newer > FORMAT:
        raise RepositoryError(
            f"{path} has format {newer}, newer than {FORMAT}, the newest this release "
            "reads. Upgrade kerasheet-serving."
        )
    try:
        manifest = cast(Manifest, from_json(Manifest, document, "the manifest"))
        if manifest.format < 1:
            raise ValueError(
                f"the manifest.format must be 1 or more, not {manifest.format}"
            )
    except (TypeError, ValueError) as error:
        raise RepositoryError(
            f"{path} is not a manifest: {error}. "
            "Publish the model again with `kerasheet export`."
        ) from error
    return manifest
