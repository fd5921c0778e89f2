"""All that consumers are asked: a row of the matrix each."""

from image_subjects import (
    BITS_8,
    EXAMPLES,
    FILES,
    IMAGE_MODELS,
    publish_image_subjects,
)
from text_subjects import (
    LANGUAGE_MODEL,
    NATIVE,
    NATIVE_STEPS,
    STEPS,
    TEXTS,
    publish_text_subjects,
)

ROWS = [
    *(*IMAGE_MODELS, BITS_8, FILES, EXAMPLES),
    *(LANGUAGE_MODEL, STEPS, NATIVE, NATIVE_STEPS, TEXTS),
]
WITHOUT_ONNX = FILES, EXAMPLES, TEXTS
"""Signatures that only a SavedModel has."""

IN_ONNX = [row for row in ROWS if row not in WITHOUT_ONNX]


def publish_subjects(repository):
    """Export every model once.

    Returns:
        Subjects by name.
    """
    subjects = publish_image_subjects(repository) + publish_text_subjects(repository)
    assert [subject.name for subject in subjects] == ROWS
    return {subject.name: subject for subject in subjects}
