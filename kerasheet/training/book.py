"""The book's published results, and the recipe of each.

Figures of the second edition are those of its TensorFlow notebooks, ten epochs of SGD
on Fashion-MNIST; where its TensorFlow figures stand apart from its PyTorch and MXNet
ones, `spread` says so. First-edition rows are its PyTorch port's, five epochs. The loss
and accuracy are of the last epoch of training, the test accuracy of after it, and
perplexities are of the training text: 10,000 characters that are learned by heart.
Weight decay is a regression of its own: `kerasheet.training.weight_decay`.

Where the book trains a network twice, from scratch and concisely, at most the first
weights differ, and the concise row is here; of recurrent networks and of weight decay
both are, as they differ by more. Not here are the book's GRU and LSTM, alone or
stacked, which the sheet does not have; its bidirectional language model, which sees
what it is to predict; and the first edition's recurrent networks, whose text is in
copyright.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kerasheet.data import TEXTS
from kerasheet.training.published import default_recipe
from kerasheet.training.recipe import Recipe
from kerasheet.training.weight_decay import WeightDecay


@dataclass(frozen=True)
class Row:
    """A published result.

    Attributes:
        model: a name in `kerasheet.models.MODELS`.
        published: figures by name: `loss` (nats), `accuracy`, `val_accuracy`,
            `perplexity`.
        settings: what differs from the model's default recipe.
        data: what it was trained on.
        note: what one must know to compare.
    """

    model: str
    published: Mapping[str, float]
    settings: Mapping[str, Any] = field(default_factory=dict)
    data: str = "fashion_mnist"
    note: str = ""

    def recipe(self, **changes: Any) -> Recipe:
        """The settings as a recipe; None changes nothing, nor do `samples` a text."""
        asked = {name: value for name, value in changes.items() if value is not None}
        if self.data in TEXTS:
            asked.pop("samples", None)
        return default_recipe(self.model, self.data, **{**self.settings, **asked})


def _figures(loss: float, accuracy: float, val_accuracy: float) -> dict[str, float]:
    return {"loss": loss, "accuracy": accuracy, "val_accuracy": val_accuracy}


FIRST = "first edition, five epochs"
FIVE: dict[str, Any] = {"epochs": 5}
ADAM: dict[str, Any] = {"epochs": 5, "optimizer": "adam", "learning_rate": 1e-3}

BOOK: dict[str, Row | WeightDecay] = {
    "softmax": Row("softmax_regression", _figures(0.4475, 0.8464, 0.8281)),
    "mlp": Row("mlp", _figures(0.3520, 0.8757, 0.8610)),
    "dropout": Row(
        "mlp_dropout",
        _figures(0.3303, 0.8774, 0.8565),
        note="PyTorch's; MXNet 0.3478 and 0.8724",
    ),
    "dropout_off": Row(
        "mlp",
        _figures(0.2913, 0.8904, 0.8754),
        {"learning_rate": 0.5, "model_arguments": {"hidden_units": [256, 256]}},
        note="TensorFlow's row on dropout, whose loop never switches the dropout on",
    ),
    "weight_decay": WeightDecay(
        {"norm": 19.01, "decayed_norm": 0.502},
        batch_size=5,
        start=1.0,
        note="weights start from N(1, 1); from N(0, 1) 12.96 and 0.356 with PyTorch",
    ),
    "weight_decay_concise": WeightDecay(
        {"norm": 1.22, "decayed_norm": 0.032},
        batch_size=5,
        deviation=0.1,
        note="weights start as small as Keras'; its L2(3), having no 1/2, decays twice",
    ),
    "lenet": Row("lenet_avg", _figures(0.467, 0.824, 0.828)),
    "lenet_batch_norm": Row(
        "lenet_batch_norm",
        _figures(0.268, 0.901, 0.863),
        {"model_arguments": {"padding": 2, "pool_mode": "avg"}},
    ),
    "alexnet": Row("alexnet", _figures(0.328, 0.881, 0.876)),
    "vgg": Row("vgg11_quarter", _figures(0.178, 0.934, 0.918)),
    "nin": Row(
        "nin", _figures(0.367, 0.863, 0.868), note="0.563 and 0.786 with PyTorch"
    ),
    "googlenet": Row("googlenet", _figures(0.248, 0.905, 0.899)),
    "resnet": Row("resnet18", _figures(0.012, 0.997, 0.906)),
    "densenet": Row("densenet", _figures(0.136, 0.951, 0.882)),
    "rnn": Row("rnn_lm", {"perplexity": 1.0}, data="time_machine"),
    "rnn_random": Row(
        "rnn_lm",
        {"perplexity": 1.5},
        {"text": {"sampling": "random"}},
        "time_machine",
    ),
    "rnn_concise": Row(
        "rnn_lm",
        {"perplexity": 1.3},
        {"model_arguments": {"units": 256}},
        "time_machine",
    ),
    "softmax_first": Row(
        "softmax_regression", _figures(0.4858, 0.836, 0.815), FIVE, note=FIRST
    ),
    "mlp_first": Row(
        "mlp",
        {"accuracy": 0.865, "val_accuracy": 0.846},
        {**FIVE, "learning_rate": 0.5},
        note=FIRST,
    ),
    "dropout_first": Row(
        "mlp_dropout", {"accuracy": 0.848, "val_accuracy": 0.842}, FIVE, note=FIRST
    ),
    "weight_decay_first": WeightDecay(
        {"norm": 15.11, "decayed_norm": 0.035}, batch_size=1, note="first edition"
    ),
    "lenet_first": Row(
        "lenet", {"accuracy": 0.759, "val_accuracy": 0.759}, ADAM, note=FIRST
    ),
    "lenet_batch_norm_first": Row(
        "lenet_batch_norm",
        {"accuracy": 0.889, "val_accuracy": 0.859},
        ADAM,
        note=FIRST,
    ),
    "alexnet_first": Row(
        "alexnet", {"accuracy": 0.913, "val_accuracy": 0.902}, ADAM, note=FIRST
    ),
    "vgg_first": Row(
        "vgg11_eighth",
        {"accuracy": 0.919, "val_accuracy": 0.918},
        {**ADAM, "size": 224, "batch_size": 64},
        note=FIRST,
    ),
    "nin_first": Row(
        "nin",
        {"accuracy": 0.839, "val_accuracy": 0.831},
        {**ADAM, "learning_rate": 2e-3},
        note=FIRST,
    ),
    "googlenet_first": Row(
        "googlenet", {"accuracy": 0.906, "val_accuracy": 0.896}, ADAM, note=FIRST
    ),
    "resnet_first": Row(
        "resnet18", {"accuracy": 0.944, "val_accuracy": 0.926}, ADAM, note=FIRST
    ),
    "densenet_first": Row(
        "densenet", {"accuracy": 0.929, "val_accuracy": 0.884}, ADAM, note=FIRST
    ),
}
"""Every published row, by the name that `kerasheet reproduce` takes."""
