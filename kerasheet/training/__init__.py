"""From data and a model to a run directory."""

from kerasheet.training.augmentation import Augmentation
from kerasheet.training.book import BOOK
from kerasheet.training.event_log import EventLog
from kerasheet.training.fit import evaluate, fit
from kerasheet.training.fit_text import Windows, fit_text, text_evaluator
from kerasheet.training.outcome import Outcome
from kerasheet.training.progress import ProgressBar
from kerasheet.training.published import default_recipe
from kerasheet.training.recipe import LANGUAGE_MODELS, Recipe
from kerasheet.training.reproduce import reproduce, write_table
from kerasheet.training.run import Run, read_run
from kerasheet.training.text_settings import TextSettings
from kerasheet.training.train import train
from kerasheet.training.use import (
    evaluate_run,
    load_language_model,
    predict_files,
    sample_inputs,
)

__all__ = [
    "BOOK",
    "LANGUAGE_MODELS",
    "Augmentation",
    "EventLog",
    "Outcome",
    "ProgressBar",
    "Recipe",
    "Run",
    "TextSettings",
    "Windows",
    "default_recipe",
    "evaluate",
    "evaluate_run",
    "fit",
    "fit_text",
    "load_language_model",
    "predict_files",
    "read_run",
    "reproduce",
    "sample_inputs",
    "text_evaluator",
    "train",
    "write_table",
]
