"""One text that is being written: what a thread adds to, and its reader takes from."""

import asyncio
from collections.abc import Callable, Sequence

import numpy as np

from kerasheet_serving.dtypes import Array
from kerasheet_serving.errors import RepositoryError
from kerasheet_serving.generation.request import Wanted
from kerasheet_serving.generation.sampling import NOTHING, draw
from kerasheet_serving.generation.step_model import StepModel

_PIECE = 64  # tokens of a prompt that are read between two steps of other texts
_AHEAD = 256  # tokens that a text is written before its reader takes them


class Writing:
    """A text, from its prompt to its last token.

    Args:
        wanted: what is asked for.
        state: of the model, before the prompt.
        wake: is called when the text, which waited for its reader, can go on.

    Attributes:
        wanted: what is asked for.
        state: of the model, after all but the last token.
        read: tokens of the prompt that the model has read.
        ids: of the tokens written.
        is_left: whether nobody wants more of it.
    """

    def __init__(self, wanted: Wanted, state: Array, wake: Callable[[], None]) -> None:
        self.wanted = wanted
        self.state = state
        self.read = 0
        self.ids: list[int] = []
        self.is_left = False
        self._error: Exception | None = None
        self._random = np.random.default_rng(wanted.seed % 2**32)
        self._taken = 0
        self._wake = wake
        self._news = asyncio.Event()

    @property
    def is_read(self) -> bool:
        """Whether all of the prompt is read, and so the first token written."""
        return self.read == len(self.wanted.ids)

    @property
    def is_over(self) -> bool:
        """Whether no token will follow."""
        done = len(self.ids) == self.wanted.length
        return done or self.is_left or self._error is not None

    @property
    def is_ready(self) -> bool:
        """Whether the next step is to add a token."""
        is_ahead = len(self.ids) - self._taken >= _AHEAD
        return self.is_read and not self.is_over and not is_ahead

    async def take(self) -> list[int]:
        """The ids of the next tokens, as soon as there are any; none at the end.

        Raises:
            ServingError: the model failed, or is closed.
        """
        while self._taken < self.wanted.length:
            piece = self.ids[self._taken :]
            if piece:
                self._taken += len(piece)
                if not self.is_over:
                    self._wake()
                return piece
            if self._error is not None:
                raise self._error
            self._news.clear()
            await self._news.wait()
        return []

    def tell(self) -> None:
        """Tell the reader that there may be more."""
        self._news.set()

    def fail(self, error: Exception) -> None:
        """End it with what its reader is to be raised."""
        self._error = error

    def uniform(self) -> float:
        """The random number that decides over the next token."""
        return self._random.random()

    def add(self, id_: int) -> None:
        """Take in a token."""
        if id_ == NOTHING:
            after = len(self.wanted.ids) + len(self.ids)
            self.fail(
                RepositoryError(
                    f"The model gave logits that are no numbers after {after} tokens."
                )
            )
        else:
            self.ids.append(id_)


def read_on(model: StepModel, text: Writing) -> None:
    """Read a piece of a prompt, by itself; after the last, write the first token."""
    ids = text.wanted.ids[text.read : text.read + _PIECE]
    try:
        logits, text.state = model.step(ids[None], text.state)
        if text.read + len(ids) == len(text.wanted.ids):
            text.add(_draw(logits, [text])[0])
    except Exception as error:  # raised again where the text is read
        text.fail(error)
    text.read += len(ids)


def write_on(
    model: StepModel,
    texts: Sequence[Writing],
    goes_on: Callable[[], bool],
    observe: Callable[[int], None],
) -> None:
    """Write a token of each text, and again until one is not ready for more.

    Args:
        model: that writes.
        texts: that are ready.
        goes_on: whether to write another.
        observe: is told the number of texts of every step.
    """
    try:
        ids = np.array([text.ids[-1] for text in texts], np.int32)
        state = np.concatenate([text.state for text in texts])
        while True:
            observe(len(texts))
            logits, state = model.step_all(ids, state)
            drawn = _draw(logits, texts)
            for text, id_ in zip(texts, drawn, strict=True):
                text.add(id_)
            if not all(text.is_ready for text in texts) or not goes_on():
                break
            ids = np.array(drawn, np.int32)
    except Exception as error:  # raised again where the texts are read
        for text in texts:
            text.fail(error)
        return
    for row, text in enumerate(texts):
        text.state = state[row : row + 1]


def _draw(logits: Array, texts: Sequence[Writing]) -> list[int]:
    return draw(
        logits,
        np.array([text.wanted.temperature for text in texts]),
        np.array([text.wanted.top_k for text in texts]),
        np.array([text.uniform() for text in texts]),
    )
