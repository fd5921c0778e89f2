"""One row per public layer, or more: how to build it and what it must produce."""

from dataclasses import dataclass
from typing import Any

import keras

from kerasheet import layers


@dataclass(frozen=True)
class LayerCase:
    """A layer with arguments that are not its defaults.

    Attributes:
        output_shape: one shape, or a tuple of them where the layer answers several.
        ids: how many class numbers there are, for a layer that takes those.
        built_in: Keras' layer of the same meaning, called with the same weights; None
            where Keras has none.
        random: whether its training mode draws random numbers.
    """

    layer: type[keras.Layer]
    kwargs: dict[str, Any]
    input_shape: tuple[int, ...]
    output_shape: tuple[Any, ...]
    trainable: int = 0
    non_trainable: int = 0
    ids: int | None = None
    built_in: Any = None
    random: bool = False

    def build(self, **overrides):
        return self.layer(**{**self.kwargs, **overrides})

    @property
    def input_dtype(self):
        return "int32" if self.ids else "float32"

    def __str__(self):
        words = [f"{key}={value}" for key, value in self.kwargs.items()]
        return f"{self.layer.__name__}({', '.join(words)})"


def _padded(pool_or_conv, padding, **kwargs):
    """Keras has no explicit padding: zeros before a valid window."""
    return keras.Sequential(
        [keras.layers.ZeroPadding2D(padding), pool_or_conv(**kwargs)]
    )


def _recurrent(input_shape, units, num_layers=1, bidirectional=False, **kwargs):
    """Keras' layers stacked, with every last state in one tensor as in ours."""
    inputs = x = keras.Input(input_shape)
    states = []
    for _ in range(num_layers):
        one = keras.layers.SimpleRNN(
            units, return_sequences=True, return_state=True, **kwargs
        )
        x, *ends = (keras.layers.Bidirectional(one) if bidirectional else one)(x)
        states += ends
    return keras.Model(inputs, (x, keras.ops.stack(states, axis=1)))


CASES = [
    LayerCase(
        layers.Dense,
        {"units": 3, "activation": "tanh", "bias_initializer": "random_normal"},
        (2, 4),
        (2, 3),
        trainable=2,
        built_in=lambda: keras.layers.Dense(3, "tanh"),
    ),
    LayerCase(
        layers.Dense,
        {"units": 3, "use_bias": False, "kernel_initializer": "random_normal"},
        (2, 5, 4),
        (2, 5, 3),
        trainable=1,
        built_in=lambda: keras.layers.Dense(3, use_bias=False),
    ),
    LayerCase(
        layers.Corr2D,
        {"filters": 2, "kernel_size": (3, 2), "bias_initializer": "random_normal"},
        (2, 5, 4, 3),
        (2, 3, 3, 2),
        trainable=2,
        built_in=lambda: keras.layers.Conv2D(2, (3, 2)),
    ),
    LayerCase(
        layers.Corr2D,
        {"filters": 2, "kernel_size": 3, "strides": 2, "padding": "same"},
        (2, 5, 4, 3),
        (2, 3, 2, 2),
        trainable=2,
        built_in=lambda: keras.layers.Conv2D(2, 3, 2, "same"),
    ),
    LayerCase(
        layers.Corr2D,
        {
            "filters": 2,
            "kernel_size": 3,
            "strides": (2, 1),
            "padding": (1, 2),
            "activation": "sigmoid",
            "use_bias": False,
        },
        (2, 4, 4, 3),
        (2, 2, 6, 2),
        trainable=1,
        built_in=lambda: _padded(
            keras.layers.Conv2D,
            (1, 2),
            filters=2,
            kernel_size=3,
            strides=(2, 1),
            activation="sigmoid",
            use_bias=False,
        ),
    ),
    LayerCase(
        layers.Pool2D,
        {"pool_size": 2},
        (2, 5, 4, 3),
        (2, 2, 2, 3),
        built_in=lambda: keras.layers.MaxPooling2D(2),
    ),
    LayerCase(
        layers.Pool2D,
        {"pool_size": (3, 2), "strides": 1, "padding": "same", "mode": "avg"},
        (2, 5, 4, 3),
        (2, 5, 4, 3),
        built_in=lambda: keras.layers.AveragePooling2D((3, 2), 1, "same"),
    ),
    LayerCase(
        layers.Pool2D,
        {"pool_size": 3, "strides": 2, "padding": 1, "mode": "avg"},
        (2, 5, 4, 3),
        (2, 3, 2, 3),
        built_in=lambda: _padded(
            keras.layers.AveragePooling2D, 1, pool_size=3, strides=2
        ),
    ),
    LayerCase(
        layers.Pool2D,
        {"pool_size": 3, "strides": 1, "padding": 1},
        (2, 5, 4, 3),
        (2, 5, 4, 3),
        built_in=lambda: keras.layers.MaxPooling2D(3, 1, "same"),
    ),
    LayerCase(
        layers.GlobalAvgPool2D,
        {},
        (2, 5, 4, 3),
        (2, 3),
        built_in=keras.layers.GlobalAveragePooling2D,
    ),
    LayerCase(
        layers.BatchNorm,
        {"momentum": 0.7, "epsilon": 1e-2},
        (6, 3),
        (6, 3),
        trainable=2,
        non_trainable=2,
        built_in=lambda: keras.layers.BatchNormalization(momentum=0.7, epsilon=1e-2),
    ),
    LayerCase(
        layers.BatchNorm,
        {"momentum": 0.7, "epsilon": 1e-2},
        (2, 3, 2, 3),
        (2, 3, 2, 3),
        trainable=2,
        non_trainable=2,
        built_in=lambda: keras.layers.BatchNormalization(momentum=0.7, epsilon=1e-2),
    ),
    LayerCase(
        layers.Dropout,
        {"rate": 0.4, "seed": 1},
        (2, 6),
        (2, 6),
        built_in=lambda: keras.layers.Dropout(0.4, seed=1),
        random=True,
    ),
    LayerCase(
        layers.Flatten,
        {},
        (2, 5, 4, 3),
        (2, 60),
        built_in=keras.layers.Flatten,
    ),
    LayerCase(
        layers.NiNBlock,
        {"filters": 2, "kernel_size": 3, "strides": 2, "padding": 1},
        (2, 5, 4, 3),
        (2, 3, 2, 2),
        trainable=6,
    ),
    LayerCase(
        layers.NiNBlock,
        {"filters": 2, "kernel_size": (2, 3), "final_activation": None},
        (2, 4, 4, 3),
        (2, 3, 2, 2),
        trainable=6,
    ),
    LayerCase(
        layers.VGGBlock,
        {"num_convs": 2, "filters": 2},
        (2, 5, 4, 3),
        (2, 2, 2, 2),
        trainable=4,
    ),
    LayerCase(
        layers.Inception,
        {"c1": 1, "c2": (2, 3), "c3": (1, 2), "c4": 1},
        (2, 4, 3, 2),
        (2, 4, 3, 7),
        trainable=12,
    ),
    LayerCase(
        layers.Residual,
        {"filters": 3},
        (3, 4, 3, 3),
        (3, 4, 3, 3),
        trainable=8,
        non_trainable=4,
    ),
    LayerCase(
        layers.Residual,
        {"filters": 2, "use_1x1conv": True, "strides": 2},
        (3, 5, 4, 3),
        (3, 3, 2, 2),
        trainable=10,
        non_trainable=4,
    ),
    LayerCase(
        layers.DenseBlock,
        {"num_convs": 2, "growth_rate": 2},
        (3, 3, 3, 2),
        (3, 3, 3, 6),
        trainable=8,
        non_trainable=4,
    ),
    LayerCase(
        layers.Transition,
        {"filters": 2},
        (3, 5, 4, 3),
        (3, 2, 2, 2),
        trainable=4,
        non_trainable=2,
    ),
    LayerCase(
        layers.OneHot,
        {"depth": 4},
        (2, 3),
        (2, 3, 4),
        ids=4,
    ),
    LayerCase(
        layers.SimpleRNN,
        {"units": 3},
        (2, 4, 2),
        ((2, 4, 3), (2, 1, 3)),
        trainable=3,
        built_in=lambda: _recurrent((4, 2), 3),
    ),
    LayerCase(
        layers.SimpleRNN,
        {"units": 3, "activation": "sigmoid", "input_dim": 5},
        (2, 4),
        ((2, 4, 3), (2, 1, 3)),
        trainable=3,
        ids=5,
    ),
    LayerCase(
        layers.SimpleRNN,
        {"units": 2, "num_layers": 2, "bidirectional": True, "activation": "relu"},
        (2, 3, 2),
        ((2, 3, 4), (2, 4, 2)),
        trainable=12,
        built_in=lambda: _recurrent((3, 2), 2, 2, True, activation="relu"),
    ),
]
