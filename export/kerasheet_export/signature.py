"""The computations that every exported form carries."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import keras
import tensorflow as tf

SERVE = "serving_default"
BATCH, TIME = "batch", "time"
LOGITS, PROBABILITIES, CLASSES = "logits", "probabilities", "classes"
Function: TypeAlias = tf.types.experimental.PolymorphicFunction
Answer: TypeAlias = dict[str, tf.Tensor]


@dataclass(frozen=True)
class Signature:
    """Named tensors in, named tensors out, a Keras model between.

    Attributes:
        model: what computes.
        inputs: name, type and shape of each tensor that comes in.
        prepare: of these, to what the model takes.
        answer: of what the model gives, to the tensors that go out, by name.
    """

    model: keras.Model
    inputs: Sequence[tf.TensorSpec]
    prepare: Callable[..., Any]
    answer: Callable[[Any], Answer]

    def function(self) -> Function:
        """Trace it with the model's own variables, for a SavedModel.

        On the CPU, so that no operation of a GPU's own gets into it.
        """

        @tf.function(input_signature=list(self.inputs), autograph=False)
        def call(*inputs: tf.Tensor) -> Answer:
            return self.answer(self.model(self.prepare(*inputs), training=False))

        with tf.device("CPU"):
            call.get_concrete_function()
        return call

    def pure(self) -> tuple[Function, list[tf.TensorSpec]]:
        """The same with every weight as one more input, after the others.

        A translator then handles a graph without a single large constant in it.

        Returns:
            The function, and the specs of the weights, in the order of
            `self.weights()`.
        """
        count, learned = len(self.inputs), len(self.model.trainable_variables)
        specs = [
            tf.TensorSpec(weight.shape, weight.dtype, name=f"weight_{index}")
            for index, weight in enumerate(self.weights())
        ]

        @tf.function(input_signature=[*self.inputs, *specs], autograph=False)
        def call(*tensors: tf.Tensor) -> Answer:
            inputs, weights = tensors[:count], list(tensors[count:])
            outputs, _ = self.model.stateless_call(
                weights[:learned],
                weights[learned:],
                self.prepare(*inputs),
                training=False,
            )
            return self.answer(outputs)

        return call, specs

    def weights(self) -> list[keras.Variable]:
        """Trainable ones first, as `pure` takes them."""
        model = self.model
        return [*model.trainable_variables, *model.non_trainable_variables]


def inference(
    model: keras.Model, labels: Sequence[str] = (), scale: float | None = None
) -> Signature:
    """A model of logits in inference mode.

    Args:
        model: for which `check_model` holds.
        labels: of the classes, for the output `classes`: the likeliest label, (batch,),
            strings. Without labels there is no such output.
        scale: of images of 8 bits a channel, what the model takes for each step of a
            pixel, such as 1 / 255; None if the input is what the model takes itself.

    Returns:
        The model's input, by its name, to `logits`, `probabilities` and `classes`.
    """
    [tensor] = model.inputs
    dtype = tensor.dtype if scale is None else "uint8"

    def prepare(x: tf.Tensor) -> tf.Tensor:
        return x if scale is None else tf.cast(x, tensor.dtype) * scale

    def answer(outputs: Any) -> Answer:
        [logits] = keras.tree.flatten(outputs)  # some models give a dict, or a list
        logits = tf.cast(logits, tf.float32)
        answers = {LOGITS: logits, PROBABILITIES: tf.nn.softmax(logits)}
        if labels:
            best = tf.argmax(logits, axis=-1)
            answers[CLASSES] = tf.gather(tf.constant(list(labels)), best)
        return answers

    spec = tf.TensorSpec((None, *tensor.shape[1:]), dtype, name=tensor.name)
    return Signature(model, [spec], prepare, answer)


def dimensions(shape: tuple[int | None, ...]) -> tuple[int | str, ...]:
    """Name the sizes that vary: the first is the batch, the second the time.

    Example:
    >>> dimensions((None, 28, 28, 1)), dimensions((None, None, 5))
    (('batch', 28, 28, 1), ('batch', 'time', 5))
    """
    others = (f"axis{index}" for index in range(2, len(shape)))
    named = (BATCH, TIME, *others)[: len(shape)]
    return tuple(
        name if size is None else size for name, size in zip(named, shape, strict=True)
    )
