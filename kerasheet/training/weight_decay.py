"""The book's experiment on weight decay: more inputs than samples (sheet §3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from matplotlib.figure import Figure

from kerasheet.data import Examples
from kerasheet.errors import RecipeError
from kerasheet.layers import Dense
from kerasheet.ops import squared_loss
from kerasheet.training.fit import fit
from kerasheet.training.optimizer import make_optimizer
from kerasheet.typing import Tensor

INPUTS, SAMPLES, TEST_SAMPLES = 200, 20, 100
WEIGHT, BIAS, NOISE = 0.01, 0.05, 0.01
LEARNING_RATE = 0.003
STRENGTH = 3.0

History = Mapping[str, list[float]]


@dataclass(frozen=True)
class WeightDecay:
    """A published pair of norms: linear regression without and with weight decay.

    ```
    y = 0.05 + Σ_i 0.01 x_i + ε,    x_i ~ N(0, 1),    ε ~ N(0, 0.01²)
    ```

    20 samples span 20 of the 200 directions. Along the other 180 the loss has no slope,
    so weights that start from N(m, σ²) only decay there, to (1 - ηλ)^T of their start
    in T steps. Hence ‖w‖ ends near (1 - ηλ)^T sqrt(180 (σ² + m²)), or, where that has
    gone, near the 0.035 that the samples teach.

    Attributes:
        published: `norm` for λ = 0 and `decayed_norm` for λ = 3.
        batch_size: samples per step.
        start: m, the mean of the first weights.
        deviation: σ, their standard deviation.
        epochs: passes over the samples.
        note: what one must know to compare.

    Raises:
        RecipeError: `epochs` is not a positive int.

    Source: sheet §3.
    """

    published: Mapping[str, float]
    batch_size: int
    start: float = 0.0
    deviation: float = 1.0
    epochs: int = 100
    note: str = ""

    def __post_init__(self) -> None:
        if type(self.epochs) is not int or self.epochs < 1:
            raise RecipeError(
                "Weight decay needs `epochs` to be a positive int. Received: "
                f"epochs={self.epochs!r}."
            )

    def train(self, strength: float, seed: int = 0) -> tuple[keras.Model, History]:
        """Fit a new model to the same samples from the same start.

        Args:
            strength: λ.
            seed: of the start and of the order of the samples.

        Returns:
            The model, and `loss`, `val_loss` and the `norm` of w after each epoch.
        """
        keras.utils.set_random_seed(seed)
        model, norms = make_model(self.start, self.deviation), []
        model.compile(
            make_optimizer("sgd", LEARNING_RATE, weight_decay=strength), _loss
        )
        kernel = model.layers[-1].kernel
        watch = keras.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: norms.append(np.linalg.norm(kernel))
        )
        training, test = make_samples()
        history = fit(
            model,
            *training,
            batch_size=self.batch_size,
            epochs=self.epochs,
            validation_data=test,
            callbacks=[watch],
            verbose=0,
        )
        return model, {**history.history, "norm": [float(norm) for norm in norms]}


def make_model(start: float, deviation: float = 1.0) -> keras.Model:
    """ŷ = x w + b, with w from N(start, deviation²) and b = 0."""
    first = keras.initializers.RandomNormal(start, deviation)
    return keras.Sequential(
        [keras.Input((INPUTS,)), Dense(1, kernel_initializer=first)],
        name="linear_regression",
    )


def make_samples(seed: int = 0) -> tuple[Examples, Examples]:
    """Those to learn from and those of the test: x (samples, 200), y (samples, 1)."""
    generator = np.random.default_rng(seed)
    x = generator.standard_normal((SAMPLES + TEST_SAMPLES, INPUTS))
    noise = generator.normal(0.0, NOISE, len(x))
    y = BIAS + WEIGHT * x.sum(axis=1) + noise
    x, y = x.astype("float32"), y.astype("float32")[:, np.newaxis]
    return Examples(x[:SAMPLES], y[:SAMPLES]), Examples(x[SAMPLES:], y[SAMPLES:])


def draw_decay(histories: Mapping[float, History], path: str | Path) -> None:
    """Draw losses and norms over the epochs, a colour a strength.

    Args:
        histories: what `WeightDecay.train` gave, by λ.
        path: of the PNG to write.
    """
    figure = Figure(figsize=(9.6, 3.6), layout="constrained")
    losses, norms = figure.subplots(1, 2)
    for number, (strength, history) in enumerate(histories.items()):
        epochs, color = range(1, len(history["loss"]) + 1), f"C{number}"
        label = f"λ = {strength:g}"
        losses.plot(epochs, history["loss"], color, label=f"{label}, train")
        losses.plot(epochs, history["val_loss"], f"{color}--", label=f"{label}, test")
        norms.plot(epochs, history["norm"], color, label=label)
    for axes, name in ((losses, "loss"), (norms, "‖w‖")):
        axes.set(xlabel="epoch", ylabel=name, yscale="log")
        axes.grid(alpha=0.3)
        axes.legend()
    figure.savefig(path, dpi=120)


def _loss(targets: Tensor, predictions: Tensor) -> Tensor:
    return squared_loss(predictions, targets)
