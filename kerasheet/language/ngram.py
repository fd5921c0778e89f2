"""The language model that counts (sheet §7.1)."""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike

from kerasheet.language.arguments import check_ids


class Counts(NamedTuple):
    """How often the n-grams of one length occur; the last entry is of those that don't.

    An n-gram's code is the rank of its context among the n-grams one shorter, times
    the size of the vocabulary, plus its last token; its rank is the place of its code.

    Attributes:
        codes: (n-grams + 1,), ascending.
        counts: (n-grams + 1,), how often each occurs.
        totals: (contexts + 1,), how often each context is followed by anything.
    """

    codes: np.ndarray
    counts: np.ndarray
    totals: np.ndarray

    def rank(self, codes: ArrayLike) -> np.ndarray:
        """The places of some codes; -1, the last, for those that do not occur."""
        places = np.searchsorted(self.codes, codes)
        return np.where(self.codes[places] == codes, places, -1)


class NGram:
    """Predicts a token from the n - 1 before it, by how often it followed them.

    ```
    P_0(w)   = 1 / V
    P_n(w|c) = (count(c w) + λ V P_{n-1}(w|c')) / (count(c) + λ V)
    ```

    c' is the context c without its oldest token; count(c) counts what followed c.
    Without backing off, 1 / V stands in the place of P_{n-1}. Before n - 1 tokens have
    come, the context is all there are. Before `fit`, every token is as probable.

    Args:
        order: n, in tokens: one more than the longest context.
        vocabulary_size: V.
        smoothing: λ, counts that every token has in advance; more than 0.
        backoff: whether to trust a shorter context where a longer one is rare.

    Raises:
        ValueError: an argument is out of its range.

    Example:
    >>> model = NGram(order=2, vocabulary_size=2, smoothing=0.5).fit([0, 1, 0, 1])
    >>> model.probabilities([0]).tolist()
    [0.16666666666666666, 0.8333333333333334]
    >>> model.sample(4, seed=0, prompt=[0]).tolist()
    [1, 0, 0, 0]

    Source: sheet §7.1, with a smoothed estimate and the contexts of erratum 41.
    """

    def __init__(
        self,
        order: int,
        vocabulary_size: int,
        smoothing: float = 0.1,
        backoff: bool = True,
    ) -> None:
        for name, value in (("order", order), ("vocabulary_size", vocabulary_size)):
            if type(value) is not int or value < 1:
                raise ValueError(
                    f"NGram needs `{name}` to be a positive int. Received: "
                    f"{name}={value!r}."
                )
        if not 0 < smoothing < math.inf:
            raise ValueError(
                "NGram needs `smoothing` to be more than 0, for no text to be "
                f"impossible. Received: smoothing={smoothing!r}."
            )
        self.order = order
        self.vocabulary_size = vocabulary_size
        self.smoothing = smoothing
        self.backoff = backoff
        self._levels: list[Counts] = []

    def fit(self, ids: ArrayLike) -> Self:
        """Count the n-grams of ids (tokens,), and forget any counted before.

        Raises:
            DataError: they are not a row of ids of the vocabulary.
        """
        ids = check_ids("NGram.fit", ids, self.vocabulary_size)
        self._levels = []
        contexts, ranks = 1, np.zeros(len(ids) + 1, np.int64)
        for n in range(self.order):
            codes, ranks, counts = np.unique(
                ranks[:-1] * self.vocabulary_size + ids[n:],
                return_inverse=True,
                return_counts=True,
            )
            followed = codes // self.vocabulary_size
            totals = np.bincount(followed, counts, minlength=contexts + 1)
            codes = np.append(codes, np.iinfo(np.int64).max)
            self._levels.append(Counts(codes, np.append(counts, 0), totals))
            contexts = len(counts)
        return self

    def probabilities(self, context: Sequence[int] | np.ndarray = ()) -> np.ndarray:
        """What comes after a context of any length: (vocabulary,), summing to one.

        Raises:
            DataError: the context is not a row of ids of the vocabulary.
        """
        size = self.vocabulary_size
        ids = check_ids("NGram.probabilities", context, size)
        given = np.full(size, 1 / size)
        for n, level in enumerate(self._levels[: len(ids) + 1]):
            rank = self._rank(ids[len(ids) - n :])
            low, high = np.searchsorted(level.codes, [rank * size, (rank + 1) * size])
            counts = np.zeros(size)
            counts[level.codes[low:high] - rank * size] = level.counts[low:high]
            given = self._estimate(counts, level.totals[rank], given)
        return given

    def perplexity(self, ids: ArrayLike) -> float:
        """The exponential of the mean surprise, in nats, at each of the ids (tokens,).

        Raises:
            DataError: they are not a row of ids of the vocabulary.
            ValueError: there are none.
        """
        size = self.vocabulary_size
        ids = check_ids("NGram.perplexity", ids, size)
        if len(ids) == 0:
            raise ValueError(
                "NGram.perplexity needs at least one token. Received: none."
            )
        given = np.full(len(ids), 1 / size)
        ranks = np.zeros(len(ids) + 1, np.int64)
        for n, level in enumerate(self._levels[: len(ids)]):
            totals = level.totals[ranks[:-1]]
            ranks = level.rank(ranks[:-1] * size + ids[n:])
            given[n:] = self._estimate(level.counts[ranks], totals, given[n:])
        with np.errstate(divide="ignore"):  # a λ so small that a product of some is 0
            return float(np.exp(-np.mean(np.log(given))))

    def sample(self, length: int, seed: int, prompt: Iterable[int] = ()) -> np.ndarray:
        """Ids drawn one after another: (length,), int32, without the prompt's.

        Raises:
            DataError: the prompt is not a row of ids of the vocabulary.
        """
        rng = np.random.default_rng(seed)
        ids = list(prompt)
        begin = len(ids)
        for _ in range(length):
            reached = np.cumsum(self.probabilities(ids[-self.order :]))
            ids.append(int(np.searchsorted(reached, rng.random() * reached[-1])))
        return np.array(ids[begin:], np.int32)

    def _estimate(
        self, counts: np.ndarray, totals: np.ndarray, shorter: np.ndarray
    ) -> np.ndarray:
        strength = self.smoothing * self.vocabulary_size
        prior = shorter if self.backoff else 1 / self.vocabulary_size
        return (counts + strength * prior) / (totals + strength)

    def _rank(self, context: np.ndarray) -> int:
        """The place of a context among those of its length; -1 if it does not occur."""
        rank = 0
        for level, id_ in zip(self._levels, context, strict=False):
            rank = int(level.rank(rank * self.vocabulary_size + id_))
        return rank
