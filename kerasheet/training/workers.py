"""The processes that train one model together, and how they agree."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

import numpy as np
import tensorflow as tf

from kerasheet.errors import KerasheetError, TrainingError
from kerasheet.training.distribute import read_place
from kerasheet.training.replicas import all_gather
from kerasheet.typing import Tensor

Thing = TypeVar("Thing")

LOST = (
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.InternalError,
)
"""What TensorFlow raises when a worker is gone."""


class Workers:
    """The processes that train one model together.

    Every one of them has to make the same calls in the same order.

    Args:
        strategy: what the model was made under.

    Attributes:
        count: how many processes there are.
        is_chief: whether this is the one that writes files and speaks.
    """

    def __init__(self, strategy: tf.distribute.Strategy) -> None:
        self.strategy, self.count, self.is_chief = strategy, 1, True
        self.graphs: dict[Callable[[Tensor], Tensor], Any] = {}
        if isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
            resolver = strategy.cluster_resolver
            self.count, number = read_place(_config(resolver))
            self.is_chief = number == 0

    def least(self, number: int) -> int:
        """The smallest of everybody's numbers."""
        return number if self.count == 1 else int(self._gather([number]).min())

    def any(self, *flags: bool) -> list[bool]:
        """Of each flag, whether anybody has it."""
        if self.count == 1:
            return list(flags)
        return [bool(flag) for flag in self._gather(flags).max(axis=0)]

    def share(
        self,
        make: Callable[[], Thing],
        pack: Callable[[Thing], bytes],
        unpack: Callable[[bytes], Thing],
    ) -> Thing:
        """What the chief makes, on all workers.

        Args:
            make: called on the chief alone.
            pack: makes bytes of it, to be sent.
            unpack: makes it of the bytes.

        Raises:
            TrainingError: on the others, if the chief raised an error for people.
        """
        if self.count == 1:
            return make()
        if not self.is_chief:
            told = self._send(b"")
            if told[:1] == b"!":
                raise TrainingError(f"The chief stopped: {told[1:].decode()}")
            return unpack(told[1:])
        try:
            made = make()
        except KerasheetError as error:
            self._send(b"!" + str(error).encode())
            raise
        self._send(b"=" + pack(made))
        return made

    def lead(self, act: Callable[[], None]) -> None:
        """Have the chief do something, and all fail if it fails."""
        self.share(act, lambda done: b"", lambda told: None)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Say in one sentence that another worker is gone.

        Raises:
            TrainingError: it is.
        """
        try:
            yield
        except LOST as error:
            if self.count == 1:
                raise
            raise TrainingError(
                f"Lost touch with another worker ({type(error).__name__}), which may "
                "have said why. Start all of them again, with --resume."
            ) from error

    def _gather(self, numbers: Any) -> np.ndarray:
        """(replicas, numbers): a replica has those of its worker."""
        row = tf.constant([[int(number) for number in numbers]], tf.int64)
        return self._on_replicas(all_gather, row)

    def _send(self, message: bytes) -> bytes:
        """The chief's message; others give an empty one."""
        length = int(self._gather([len(message)]).max())
        words = np.zeros(-(-length // 4), np.int32)
        words.view(np.uint8)[: len(message)] = np.frombuffer(message, np.uint8)
        return self._on_replicas(_of_first, tf.constant(words)).tobytes()[:length]

    def _on_replicas(self, act: Callable[[Tensor], Tensor], value: Tensor) -> Any:
        """What every replica is given by an exchange."""
        if act not in self.graphs:
            shape = [None] * len(value.shape)
            self.graphs[act] = tf.function(
                partial(self._run, act),
                input_signature=[tf.TensorSpec(shape, value.dtype)],
                autograph=False,
            )
        answers = self.graphs[act](value)
        return self.strategy.experimental_local_results(answers)[0].numpy()

    def _run(self, act: Callable[[Tensor], Tensor], value: Tensor) -> Any:
        return self.strategy.run(act, (value,))


def _of_first(words: Tensor) -> Tensor:
    """What the first replica has, on all."""
    replica = tf.distribute.get_replica_context()
    own = tf.where(replica.replica_id_in_sync_group == 0, words, 0)
    return replica.all_reduce("SUM", own)


def _config(resolver: tf.distribute.cluster_resolver.ClusterResolver) -> str:
    """A resolver's cluster as `TF_CONFIG` would have it."""
    cluster: Mapping[str, Any] = resolver.cluster_spec().as_dict()
    task = {"type": resolver.task_type or "worker", "index": resolver.task_id or 0}
    return json.dumps({"cluster": cluster, "task": task})
