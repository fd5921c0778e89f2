"""The recurrent layer (sheet §7.2 and §7.6)."""

from typing import Any, NamedTuple

import keras

from kerasheet import ops
from kerasheet.layers.arguments import check_count, check_known, describe
from kerasheet.ops.recurrence_gradient import activation_and_slope
from kerasheet.ops.tensor import fits
from kerasheet.typing import Shape, Tensor


class Direction(NamedTuple):
    """The weights of one layer in one direction."""

    kernel: keras.Variable
    recurrent_kernel: keras.Variable
    bias: keras.Variable


@keras.saving.register_keras_serializable(package="kerasheet")
class SimpleRNN(keras.Layer):
    """Reads a sequence step by step; a hidden state carries what came before.

    ```
    H_t = φ(X_t W_xh + H_{t-1} W_hh + b_h)
    ```

    Several layers are stacked: the outputs of one are the inputs of the next. With two
    directions each layer also reads from the last step to the first, with weights of
    its own, and its outputs are [forward, backward] side by side.

    Class numbers may be given instead of vectors: they stand for their one-hot rows,
    and X_t W_xh becomes a lookup; a `tf.GradientTape` then gives the slope of W_xh as
    `tf.IndexedSlices`, which optimizers take. The gradient is backpropagation through
    time by hand (`kerasheet.ops.rnn`); memory grows linearly in the steps.

    Args:
        units: h, of each layer and direction.
        num_layers: layers on top of each other.
        bidirectional: whether to read in both directions. Not for a language model,
            which would see the answer.
        activation: φ, one of `"tanh"`, `"relu"`, `"sigmoid"`, `"linear"`.
        input_dim: number of features or classes; only needed if the first call is on
            class numbers.
        kernel_initializer: for every W_xh, (features, units).
        recurrent_initializer: for every W_hh, (units, units).
        **kwargs: passed on to `keras.Layer`.

    Call arguments:
        x: (batch, steps, features), or integers (batch, steps) from 0 to input_dim - 1.
        initial_state: (batch, num_layers * directions, units); None for zeros. Layer by
            layer, forward before backward.
        mask: (batch, steps), True where a step counts; a step that does not hands the
            state on, and its output is the state. Outputs carry the mask along.

    Returns:
        (outputs, state): the last layer's H_1 … H_T, (batch, steps, directions *
        units), and every layer's last state in the form of `initial_state`.

    Raises:
        ValueError: an argument is out of range, the rank or type is another, a class
            number is out of range, or `initial_state` is of another shape.

    Example:
    >>> layer = SimpleRNN(4, num_layers=2, input_dim=10)
    >>> outputs, state = layer(keras.ops.convert_to_tensor([[1, 2, 3]]))
    >>> tuple(outputs.shape), tuple(state.shape)
    ((1, 3, 4), (1, 2, 4))

    Source: sheet §7.2 and §7.6.
    """

    def __init__(
        self,
        units: int,
        num_layers: int = 1,
        bidirectional: bool = False,
        activation: str = "tanh",
        input_dim: int | None = None,
        *,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.units = check_count("SimpleRNN", "units", units)
        self.num_layers = check_count("SimpleRNN", "num_layers", num_layers)
        self.bidirectional = bidirectional
        activation_and_slope(activation)
        self.activation = activation
        if input_dim is not None:
            check_count("SimpleRNN", "input_dim", input_dim)
        self.input_dim = input_dim
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.recurrent_initializer = keras.initializers.get(recurrent_initializer)
        self.supports_masking = True

    @property
    def directions(self) -> int:
        """1, or 2 if bidirectional."""
        return 2 if self.bidirectional else 1

    def build(self, input_shape: Shape) -> None:
        features = self._features(input_shape)
        self.weights_of: list[list[Direction]] = []
        for layer in range(self.num_layers):
            names = ("", "backward_")[: self.directions]
            self.weights_of.append(
                [self._add_direction(f"{name}{layer}", features) for name in names]
            )
            features = self.directions * self.units

    def _features(self, input_shape: Shape) -> int:
        if len(input_shape) not in (2, 3):
            raise ValueError(
                f"{describe(self)} needs (batch, steps, features), or class numbers "
                f"(batch, steps). Received: input shape {input_shape}."
            )
        if len(input_shape) == 3:
            return self._checked_features(input_shape)
        if self.input_dim is None:
            raise ValueError(
                f"{describe(self)} needs to know how many class numbers there are. "
                "Pass `input_dim`."
            )
        return self.input_dim

    def _checked_features(self, input_shape: Shape) -> int:
        features = check_known(self, input_shape, "features")
        if self.input_dim not in (None, features):
            raise ValueError(
                f"{describe(self)} has input_dim={self.input_dim}. "
                f"Received: input shape {input_shape}."
            )
        return features

    def _add_direction(self, suffix: str, features: int) -> Direction:
        shapes = {
            "kernel": ((features, self.units), self.kernel_initializer),
            "recurrent_kernel": ((self.units, self.units), self.recurrent_initializer),
            "bias": ((self.units,), "zeros"),
        }
        return Direction(
            *(
                self.add_weight(
                    name=f"{name}_{suffix}", shape=shape, initializer=initializer
                )
                for name, (shape, initializer) in shapes.items()
            )
        )

    def call(
        self,
        x: Tensor,
        initial_state: Tensor | None = None,
        mask: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        states = self._split_state(x, initial_state)
        x = keras.ops.swapaxes(x, 0, 1)
        mask = None if mask is None else keras.ops.swapaxes(mask, 0, 1)
        last: list[Tensor] = []
        for layer in self.weights_of:
            answers = [
                ops.rnn(
                    x,
                    states.pop(0),
                    *weights,
                    self.activation,
                    mask=mask,
                    reverse=bool(direction),
                    time_major=True,
                )
                for direction, weights in enumerate(layer)
            ]
            outputs, ends = zip(*answers, strict=True)
            x = keras.ops.concatenate(outputs, -1) if len(outputs) > 1 else outputs[0]
            last.extend(ends)
        return keras.ops.swapaxes(x, 0, 1), keras.ops.stack(last, axis=1)

    def _split_state(self, x: Tensor, state: Tensor | None) -> list[Tensor]:
        rows = self.num_layers * self.directions
        if state is None:
            shape = (keras.ops.shape(x)[0], self.units)
            return [keras.ops.zeros(shape, self.compute_dtype)] * rows
        batch = x.shape[0]
        known = hasattr(state, "shape")
        if not known or not fits(tuple(state.shape), (batch, rows, self.units)):
            received = f"shape {tuple(state.shape)}" if known else type(state).__name__
            raise ValueError(
                f"{describe(self)} needs `initial_state` of shape ({batch or 'batch'}, "
                f"{rows}, {self.units}): the batch, layers × directions, then units. "
                f"Received: {received}."
            )
        state = keras.ops.cast(state, self.compute_dtype)
        return [state[:, row] for row in range(rows)]

    def compute_mask(self, x: Tensor, mask: Any = None) -> list[Tensor | None]:
        mask = mask[0] if isinstance(mask, list | tuple) else mask
        return [mask, None]

    def compute_output_shape(self, input_shape: Shape) -> tuple[Shape, Shape]:
        batch, steps = input_shape[:2]
        rows = self.num_layers * self.directions
        return (
            (batch, steps, self.directions * self.units),
            (batch, rows, self.units),
        )

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "units": self.units,
            "num_layers": self.num_layers,
            "bidirectional": self.bidirectional,
            "activation": self.activation,
            "input_dim": self.input_dim,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "recurrent_initializer": keras.initializers.serialize(
                self.recurrent_initializer
            ),
        }
