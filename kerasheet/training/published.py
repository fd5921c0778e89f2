"""The settings to start from: the book's, or ours where the book has none."""

from typing import Any

from kerasheet.training.recipe import LANGUAGE_MODELS, Recipe

PUBLISHED: dict[str, dict[str, Any]] = {
    "softmax_regression": {"learning_rate": 0.1},
    "mlp": {"learning_rate": 0.1},
    "mlp_dropout": {"learning_rate": 0.5},
    "lenet": {"optimizer": "adam", "learning_rate": 1e-3},
    "lenet_avg": {"learning_rate": 0.9},
    "lenet_batch_norm": {"learning_rate": 1.0},
    "alexnet": {"learning_rate": 0.01, "batch_size": 128, "size": 224},
    "vgg11_quarter": {"learning_rate": 0.05, "batch_size": 128, "size": 224},
    "nin": {"learning_rate": 0.1, "batch_size": 128, "size": 224},
    "googlenet": {"learning_rate": 0.1, "batch_size": 128, "size": 96},
    "resnet18": {"learning_rate": 0.05, "size": 96},
    "densenet": {"learning_rate": 0.1, "size": 96},
}
"""The book's settings on Fashion-MNIST: ten epochs, and unless said otherwise plain
SGD in batches of 256. LeNet's own row is from the first edition."""

SMALL_DATA: dict[str, Any] = {
    "learning_rate": 3e-3,
    "schedule": "cosine",
    "batch_size": 64,
    "epochs": 30,
}
"""For the 1,437 digits, where the book's settings would make too few steps."""

OWN_DATA: dict[str, Any] = {
    "learning_rate": 1e-3,
    "schedule": "cosine",
    "batch_size": 16,
    "epochs": 30,
}
"""For a person's own images, of which there may be few: the book's settings, made for
60,000, leave a network of a hundred photos at chance."""

DIGITS_SIZES = {"alexnet": 67, "nin": 67, "densenet": 32}
"""Digits are enlarged no more than the architecture needs."""


TIME_MACHINE: dict[str, Any] = {
    "model_arguments": {"units": 512},
    "optimizer": "sgd",
    "learning_rate": 1.0,
    "clip": 1.0,
    "batch_size": 32,
    "epochs": 500,
    "text": {"steps": 35, "tokens": 10_000},
}
"""The book's settings for its novel, of which it learns 10,000 characters by heart."""

TEXT: dict[str, Any] = {
    "model_arguments": {"units": 256, "num_layers": 2, "stddev": None},
    "optimizer": "adam",
    "learning_rate": 3e-3,
    "schedule": "cosine",
    "clip": 1.0,
    "batch_size": 16,
    "epochs": 20,
    "patience": 3,
    "text": {"steps": 64, "sampling": "random"},
}
"""For a text of which a held-out part matters. Random windows, which begin elsewhere in
every epoch, take 4 to 7 % off the perplexity of that part: of a novel it is 4.79, not
5.17. A `warmup` of 200 takes off another 1 %, but harms a text of 30,000 characters."""


def default_recipe(model: str, data: str, **changes: Any) -> Recipe:
    """The published recipe of a model, or one for other data; None changes nothing.

    Args:
        model: a name in `kerasheet.models.MODELS`.
        data: what to train on.
        **changes: fields of `Recipe`; `model_arguments` and, for a language model,
            `text` are dicts that change only what they name.

    Raises:
        RecipeError: a name is unknown, or a change is out of range.
    """
    defaults = _defaults(model, data)
    for name in ("model_arguments", "text"):
        asked = {k: v for k, v in changes.pop(name, {}).items() if v is not None}
        if asked or name in defaults:
            defaults = {**defaults, name: {**defaults.get(name, {}), **asked}}
    asked = {name: value for name, value in changes.items() if value is not None}
    return Recipe.from_json({"model": model, "data": data, **defaults, **asked})


def _defaults(model: str, data: str) -> dict[str, Any]:
    if model in LANGUAGE_MODELS:
        return TIME_MACHINE if data == "time_machine" else TEXT
    if data == "digits":
        size = DIGITS_SIZES.get(model, 32 if model.startswith("vgg") else None)
        return {**SMALL_DATA, "size": size}
    published = PUBLISHED.get(_published_name(model), {})
    if data != "fashion_mnist":
        return {**OWN_DATA, "size": published.get("size")}
    return {"optimizer": "sgd", **published}


def _published_name(model: str) -> str:
    """The variant of an architecture that the book trained, and gave settings for."""
    family = {"vgg": "vgg11_quarter", "resnet": "resnet18"}
    return next(
        (book for name, book in family.items() if model.startswith(name)), model
    )
