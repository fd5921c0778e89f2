"""From data and a model to a run directory."""

from kerasheet.training.fit import evaluate, fit
from kerasheet.training.progress import ProgressBar
from kerasheet.training.recipe import Recipe, default_recipe
from kerasheet.training.run import Run, read_run
from kerasheet.training.train import build_model, train
from kerasheet.training.use import evaluate_run, predict_files, sample_images

__all__ = [
    "ProgressBar",
    "Recipe",
    "Run",
    "build_model",
    "default_recipe",
    "evaluate",
    "evaluate_run",
    "fit",
    "predict_files",
    "read_run",
    "sample_images",
    "train",
]
