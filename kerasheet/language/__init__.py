"""Language models' text: tokens, windows, a model that counts, and writing."""

from kerasheet.language.corpus import Corpus, encode_text, make_corpus
from kerasheet.language.drawing import draw
from kerasheet.language.generation import generate
from kerasheet.language.ngram import NGram
from kerasheet.language.pipeline import window_dataset
from kerasheet.language.sampling import (
    SAMPLINGS,
    consecutive_windows,
    count_batches,
    gather,
    random_windows,
)
from kerasheet.language.vocabulary import UNKNOWN, Vocabulary
from kerasheet.language.writer import state_spec

__all__ = [
    "SAMPLINGS",
    "UNKNOWN",
    "Corpus",
    "NGram",
    "Vocabulary",
    "consecutive_windows",
    "count_batches",
    "draw",
    "encode_text",
    "gather",
    "generate",
    "make_corpus",
    "random_windows",
    "state_spec",
    "window_dataset",
]
