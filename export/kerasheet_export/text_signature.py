"""What a language model is exported with besides logits: a step, and whole texts."""

from collections.abc import Sequence

import keras
import tensorflow as tf

from kerasheet.language import Vocabulary, draw, state_spec
from kerasheet.models import language_layers, stateful
from kerasheet_export.signature import (
    LOGITS,
    PROBABILITIES,
    Answer,
    Function,
    Signature,
)

STEP, GENERATE = "step", "generate"


def step_signature(model: keras.Model) -> Signature:
    """A language model with its state in and out, to decode token by token.

    Args:
        model: what `kerasheet.models.rnn_lm` gave.

    Returns:
        Of `ids`, (batch, time), and `state`, (batch, layers, units), to `logits`,
        `probabilities` and `next_state`.
    """

    def answer(outputs: Sequence[tf.Tensor]) -> Answer:
        logits = tf.cast(outputs[0], tf.float32)
        probabilities = tf.nn.softmax(logits)
        return {LOGITS: logits, PROBABILITIES: probabilities, "next_state": outputs[1]}

    ids = tf.TensorSpec((None, None), tf.int32, name="ids")
    state = state_spec(model)
    return Signature(
        stateful(model),
        [ids, state],
        lambda ids, before: [ids, tf.ensure_shape(before, state.shape)],
        answer,
    )


class Generator:
    """Writes texts inside the graph: strings in, strings out.

    No `tf.Module`, which would track the layers and so store each weight once more.

    Args:
        model: what `kerasheet.models.rnn_lm` gave.
        vocabulary: of the model.

    Attributes:
        ids: the table from tokens to ids, which must be saved with the function.
    """

    def __init__(self, model: keras.Model, vocabulary: Vocabulary) -> None:
        self._rnn, self._dense = language_layers(model)
        self._words = vocabulary.unit == "words"
        self._separator = " " if self._words else ""
        tokens = tf.constant(list(vocabulary.tokens))
        self._tokens = tokens
        pairs = tf.lookup.KeyValueTensorInitializer(tokens, tf.range(len(vocabulary)))
        self.ids = tf.lookup.StaticHashTable(pairs, default_value=0)

    def function(self) -> Function:
        """Trace it.

        Returns:
            A function of `prompt` (batch,), strings, and of the scalars `length`
            (tokens), `temperature` (0 for the likeliest token), `top_k` (0 for all) and
            `seed`, to `{"text"}`, (batch,), what follows each prompt. A number out of
            range is refused, and so is a prompt of no tokens.
        """
        spec = [
            tf.TensorSpec((None,), tf.string, name="prompt"),
            tf.TensorSpec((), tf.int32, name="length"),
            tf.TensorSpec((), tf.float32, name="temperature"),
            tf.TensorSpec((), tf.int32, name="top_k"),
            tf.TensorSpec((), tf.int32, name="seed"),
        ]
        generate = tf.function(self._generate, input_signature=spec, autograph=False)
        with tf.device("CPU"):
            generate.get_concrete_function()
        return generate

    def _generate(
        self,
        prompt: tf.Tensor,
        length: tf.Tensor,
        temperature: tf.Tensor,
        top_k: tf.Tensor,
        seed: tf.Tensor,
    ) -> dict[str, tf.Tensor]:
        most = len(self._tokens) - 1
        length = _checked(length > 0, "`length` of 1 or more", length)
        good = tf.math.is_finite(temperature) & (temperature >= 0)
        temperature = _checked(good, "`temperature` of 0 or more", temperature)
        good = (top_k >= 0) & (top_k <= most)
        top_k = _checked(good, f"`top_k` from 1 to {most}, or 0 for all", top_k)
        logits, state = self._read(prompt)
        known = tf.where(top_k > 0, top_k, most)

        def body(
            position: tf.Tensor, logits: tf.Tensor, state: tf.Tensor, text: tf.Tensor
        ) -> tuple[tf.Tensor, ...]:
            drawn = draw(logits, temperature, known, seed, position)
            text = tf.strings.join(
                [text, tf.gather(self._tokens, drawn)], self._separator
            )
            outputs, state = self._rnn(drawn[:, None], initial_state=state)
            return position + 1, self._dense(outputs[:, -1]), state, text

        start = (tf.constant(0), logits, state, tf.fill(tf.shape(prompt), ""))
        *_, text = tf.while_loop(
            lambda position, *_: position < length,
            body,
            start,
            shape_invariants=tuple(one.shape for one in start),
        )
        return {"text": text}

    def _read(self, prompt: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Logits after each prompt, and the state; what pads a short one is masked."""
        tokens = (
            tf.strings.split(prompt)
            if self._words
            else tf.strings.unicode_split(prompt, "UTF-8")
        )
        lengths = tf.cast(tokens.row_lengths(), tf.int32)
        good = tf.reduce_all(lengths > 0)
        prompt = _checked(good, "prompts of a token or more", prompt)
        ids = self.ids.lookup(tokens.to_tensor(default_value="<unk>"))
        mask = tf.sequence_mask(lengths, tf.shape(ids)[1])
        outputs, state = self._rnn(ids, mask=mask)
        return self._dense(outputs[:, -1]), state


def _checked(good: tf.Tensor, what: str, received: tf.Tensor) -> tf.Tensor:
    """What was received, if something is true; else the graph stops with a sentence."""
    said = [f"Generating needs {what}. Received:", received]
    with tf.control_dependencies([tf.debugging.Assert(good, said)]):
        return tf.identity(received)
