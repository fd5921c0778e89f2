"""What to train, on what, and how: all that a run can be repeated from."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras

from kerasheet.data import DATA, TEXTS
from kerasheet.errors import RecipeError, unknown
from kerasheet.training.augmentation import Augmentation
from kerasheet.training.data_source import absolute
from kerasheet.training.optimizer import learning_rate, make_optimizer
from kerasheet.training.recipe_checks import check_names, check_numbers
from kerasheet.training.text_settings import TextSettings

LANGUAGE_MODELS = ("rnn_lm",)
"""Names of the models that read a text."""

_HINTS = {
    "reads text": "give it TextSettings, and --data pydocs, time_machine or FILE.txt",
    "looks at images": "leave out the settings for a text",
}


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what a training run ends with.

    Attributes:
        model: a name in `kerasheet.models.MODELS`.
        data: a name in `kerasheet.data.DATA`, or the path of a folder of images, an
            `.npz` file or a TFRecord set; for a language model a name in
            `kerasheet.data.TEXTS`, or the path of a text file. Paths become absolute.
        size: height and width the images are resized to, in pixels; None for those of
            the data.
        validation: share of the training samples that is held out to choose by; None
            for the test part of `digits` and `fashion_mnist`, as is usual, and a tenth
            of other data.
        augment: how images are changed by chance in training; None for not at all.
        samples: use so many images only, to train on and to test on; None for all.
        model_arguments: for the model's function, beside input shape and classes.
        optimizer: a name in `kerasheet.training.optimizer.OPTIMIZERS`.
        learning_rate: step of the optimizer, at its largest.
        schedule: `"constant"`, `"step"` (a tenth after half of training, a hundredth
            after three quarters), or `"cosine"` to let it fall to zero by the end,
            which keeps the last epochs from jumping about.
        warmup: batches during which the learning rate grows to its largest.
        momentum: share of the last step that is taken again; only for sgd.
        batch_size: samples per step.
        epochs: passes over the training data.
        seed: of the weights, the order of the samples and the dropout masks.
        label_smoothing: share ε of every label that is spread over all classes.
        accumulation: batches whose gradients are averaged into one step.
        precision: `"float32"`, or `"mixed_float16"` (for GPUs) or `"mixed_bfloat16"`.
        clip: largest norm of all gradients together, None for any.
        weight_decay: share λ that every step takes from each weight, times the learning
            rate: w ← w - η λ w (sheet §3). Biases, γ and β are left alone. None for 0.
        patience: epochs without a lower loss on held-out data after which training
            stops and goes back to its best weights; None to go on to the end.
        synchronized: whether several GPUs or machines that share a batch normalize it
            by the statistics of all of it, not each of its part.
        xla: whether XLA compiles the steps; None for what is faster on the device, as
            in `kerasheet.training.compilation`.
        text: how a text is read, for a language model; None for images.

    Raises:
        RecipeError: a name is unknown, or a number is out of range.

    Example:
    >>> recipe = Recipe("mlp", "digits", epochs=3)
    >>> Recipe.from_json(recipe.to_json()) == recipe
    True
    """

    model: str
    data: str
    size: int | None = None
    samples: int | None = None
    validation: float | None = None
    augment: Augmentation | None = None
    model_arguments: Mapping[str, Any] = field(default_factory=dict)
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    schedule: str = "constant"
    warmup: int = 0
    momentum: float = 0.0
    batch_size: int = 256
    epochs: int = 10
    seed: int = 0
    label_smoothing: float = 0.0
    accumulation: int = 1
    precision: str = "float32"
    clip: float | None = None
    weight_decay: float | None = None
    patience: int | None = None
    synchronized: bool = False
    xla: bool | None = None
    text: TextSettings | None = None

    def __post_init__(self) -> None:
        check_names(self)
        self._check_data()
        check_numbers(self)
        if type(self.synchronized) is not bool:
            raise RecipeError(
                "A recipe needs `synchronized` to be true or false. Received: "
                f"synchronized={self.synchronized!r}."
            )
        if type(self.xla) not in (bool, type(None)):
            raise RecipeError(
                "A recipe needs `xla` to be true, false, or null to choose. Received: "
                f"xla={self.xla!r}."
            )
        if self.momentum and self.optimizer != "sgd":
            raise RecipeError(
                f"The optimizer {self.optimizer!r} has no `momentum`. Leave it out, or "
                "use sgd."
            )

    def _check_data(self) -> None:
        if (self.model in LANGUAGE_MODELS) != (self.text is not None):
            reads = "reads text" if self.text is None else "looks at images"
            raise RecipeError(f"Model {self.model!r} {reads}: {_HINTS[reads]}.")
        if not isinstance(self.data, str):
            raise RecipeError(unknown("data", str(self.data), DATA))
        known = DATA if self.text is None else TEXTS
        object.__setattr__(self, "data", absolute(self.data, known))
        own = Path(self.data).is_absolute()  # it may be elsewhere by now
        if self.text is None and not (own or self.data in DATA):
            raise RecipeError(
                f"{unknown('data', self.data, DATA)} Or name a folder of images, an "
                ".npz file or a TFRecord set."
            )
        for name in ("size", "validation", "augment"):
            if self.text is not None and getattr(self, name) is not None:
                raise RecipeError(f"A text has no `{name}`. Leave it out.")

    def to_json(self) -> dict[str, Any]:
        """The fields, ready for `json.dump`."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> "Recipe":
        """Read what `to_json` gave.

        Raises:
            RecipeError: a field is missing, unknown or out of range.
        """
        try:
            nested = {"text": TextSettings, "augment": Augmentation}
            settings = {
                name: kind(**fields[name])
                for name, kind in nested.items()
                if fields.get(name) is not None
            }
            return cls(**{**fields, **settings})
        except TypeError as error:
            raise RecipeError(f"Not a recipe: {error}.") from None

    def make_optimizer(self, steps: int) -> keras.Optimizer:
        """A fresh optimizer for epochs of so many steps."""
        accumulated = self.accumulation if self.accumulation > 1 else None
        arguments: dict[str, Any] = {
            "global_clipnorm": self.clip,
            "gradient_accumulation_steps": accumulated,
            "weight_decay": self.weight_decay,
        }
        if self.momentum:
            arguments["momentum"] = self.momentum
        total = self.epochs * steps
        rate = learning_rate(self.learning_rate, self.schedule, total, self.warmup)
        return make_optimizer(self.optimizer, rate, **arguments)

    def describe(self) -> str:
        """The recipe in a line."""
        return (
            f"{self.model} on {self.data}: {self.epochs} epochs, batches of "
            f"{self.batch_size}, {self.optimizer} at {self.learning_rate:g} "
            f"({self.schedule}), seed {self.seed}"
        )
