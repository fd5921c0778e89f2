"""How weights move: optimizers by name, and learning rates over time."""

from typing import Any

import keras

OPTIMIZERS: dict[str, type[keras.Optimizer]] = {
    "sgd": keras.optimizers.SGD,
    "adam": keras.optimizers.Adam,
    "adamw": keras.optimizers.AdamW,
    "rmsprop": keras.optimizers.RMSprop,
    "adagrad": keras.optimizers.Adagrad,
}
"""Keras' optimizers, by the names that recipes use."""

SCHEDULES = ("constant", "cosine", "step")
STEPS_DOWN = (0.5, 0.75)
"""After these shares of training the schedule "step" divides the rate by ten."""

NEVER_DECAYED = ("bias", "gamma", "beta")


def make_optimizer(
    name: str, rate: Any, *, weight_decay: float | None = None, **arguments: Any
) -> keras.Optimizer:
    """A fresh optimizer, whose weight decay leaves biases, γ and β alone.

    ```
    w ← w - η λ w - η g
    ```

    Args:
        name: one of `OPTIMIZERS`.
        rate: η, a number or a Keras schedule.
        weight_decay: λ; None for the optimizer's own.
        **arguments: for the optimizer.

    Source: sheet §3.
    """
    if weight_decay is None:
        return OPTIMIZERS[name](rate, **arguments)
    optimizer = OPTIMIZERS[name](rate, weight_decay=weight_decay, **arguments)
    optimizer.exclude_from_weight_decay(var_names=list(NEVER_DECAYED))
    return optimizer


def learning_rate(
    rate: float, schedule: str, steps: int, warmup: int = 0
) -> float | keras.optimizers.schedules.LearningRateSchedule:
    """A learning rate over so many batches.

    ```
    constant  η            cosine  η (1 + cos(π t / T)) / 2
    step      η, from T/2 on η/10, from 3T/4 on η/100
    warm-up   during the first W steps times (t + 1) / W
    ```

    Args:
        rate: η, the largest.
        schedule: one of `SCHEDULES`.
        steps: T.
        warmup: W; 0 for none.

    Returns:
        A number, or a Keras schedule.

    Example:
    >>> rate = learning_rate(1.0, "step", steps=8, warmup=2)
    >>> [round(float(rate(t)), 4) for t in range(0, 8)]
    [0.5, 1.0, 1.0, 1.0, 0.1, 0.1, 0.01, 0.01]
    """
    schedules = keras.optimizers.schedules
    shape: Any = rate
    if schedule == "cosine":
        shape = schedules.CosineDecay(rate, steps)
    elif schedule == "step":
        borders = [int(share * steps) - 1 for share in STEPS_DOWN]
        shape = schedules.PiecewiseConstantDecay(borders, [rate, rate / 10, rate / 100])
    return WarmUp(shape, warmup) if warmup else shape


@keras.saving.register_keras_serializable(package="kerasheet")
class WarmUp(keras.optimizers.schedules.LearningRateSchedule):
    """Another schedule, reached little by little: times (t + 1) / steps at first.

    Args:
        schedule: a number or a Keras schedule.
        steps: of the warm-up.
    """

    def __init__(self, schedule: Any, steps: int) -> None:
        super().__init__()
        self.schedule = schedule
        self.steps = steps

    def __call__(self, step: Any) -> Any:
        """The rate at a step, counted from 0."""
        rate = self.schedule(step) if callable(self.schedule) else self.schedule
        share = (keras.ops.cast(step, "float32") + 1.0) / self.steps
        return rate * keras.ops.minimum(share, 1.0)

    def get_config(self) -> dict[str, Any]:
        """The arguments, as Keras writes them."""
        schedule = keras.saving.serialize_keras_object(self.schedule)
        return {"schedule": schedule, "steps": self.steps}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "WarmUp":
        """Read what `get_config` gave."""
        schedule = keras.saving.deserialize_keras_object(config["schedule"])
        return cls(schedule, config["steps"])


@keras.saving.register_keras_serializable(package="kerasheet")
class SmoothedCrossEntropy(keras.losses.Loss):
    """Cross-entropy of class numbers that are believed only so far (label smoothing).

    ```
    l = (1 - ε) l(o, y) + ε / C Σ_c l(o, c)
    ```

    Args:
        smoothing: ε, from 0 to 1.
        **kwargs: passed on to `keras.losses.Loss`.
    """

    def __init__(self, smoothing: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.smoothing = smoothing

    def call(self, labels: Any, logits: Any) -> Any:
        """The loss of each sample, in nats, from class numbers and logits."""
        sure = keras.ops.sparse_categorical_crossentropy(
            labels, logits, from_logits=True
        )
        if not self.smoothing:
            return sure
        every = -keras.ops.mean(keras.ops.log_softmax(logits), axis=-1)
        return (1.0 - self.smoothing) * sure + self.smoothing * every

    def get_config(self) -> dict[str, Any]:
        """The arguments, as Keras writes them."""
        return {**super().get_config(), "smoothing": self.smoothing}
