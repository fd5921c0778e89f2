"""From data and a model to a run directory."""

from kerasheet.training.augmentation import Augmentation
from kerasheet.training.fit import evaluate, fit
from kerasheet.training.fit_text import Windows, fit_text, text_evaluator
from kerasheet.training.progress import ProgressBar
from kerasheet.training.published import default_recipe
from kerasheet.training.recipe import LANGUAGE_MODELS, Recipe
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
    "LANGUAGE_MODELS",
    "Augmentation",
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
    "sample_inputs",
    "text_evaluator",
    "train",
]
