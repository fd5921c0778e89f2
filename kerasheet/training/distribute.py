"""Several GPUs, several machines: who takes part in a training, and how they agree."""

import json
import os
from functools import cache
from typing import NamedTuple

import tensorflow as tf

from kerasheet.errors import TrainingError

ROLES = ("chief", "worker")
EXAMPLE = (
    '{"cluster": {"worker": ["host0:2222", "host1:2222"]}, '
    '"task": {"type": "worker", "index": 0}}'
)


class Place(NamedTuple):
    """Where this process stands in a cluster.

    Attributes:
        workers: how many processes there are.
        number: which of them this is; the first is the chief.
    """

    workers: int
    number: int


def read_place(text: str | None) -> Place:
    """What `TF_CONFIG` says.

    Args:
        text: its value; None or nothing for a process on its own.

    Raises:
        TrainingError: it is not such a description, or of other roles.

    Example:
    >>> read_place(EXAMPLE), read_place(None)
    (Place(workers=2, number=0), Place(workers=1, number=0))
    """
    if not text:
        return Place(1, 0)
    try:
        fields = json.loads(text)
        cluster, task = fields.get("cluster", {}), fields.get("task", {})
        counts = {role: len(hosts) for role, hosts in cluster.items()}
        role, index = task.get("type", "worker"), int(task.get("index", 0))
    except (ValueError, TypeError, AttributeError) as error:
        raise TrainingError(
            f"TF_CONFIG does not describe a cluster ({error}). Set it like: {EXAMPLE}"
        ) from None
    strange = sorted({*counts, role} - {*ROLES})
    if strange:
        raise TrainingError(
            f"TF_CONFIG names the role {strange[0]!r}; kerasheet trains with workers, "
            f"one of which may be called chief. Set it like: {EXAMPLE}"
        )
    if counts and not 0 <= index < counts.get(role, 0):
        raise TrainingError(
            f"TF_CONFIG names no {role} of index {index}. Set it like: {EXAMPLE}"
        )
    before = counts.get("chief", 0) if role == "worker" else 0
    return Place(max(1, sum(counts.values())), before + index)


def find_strategy() -> tf.distribute.Strategy:
    """How to spread training over what this process has at hand.

    That is `MultiWorkerMirroredStrategy` where `TF_CONFIG` names several workers,
    `MirroredStrategy` on several GPUs, and TensorFlow's default otherwise. The first
    waits until all workers are there.

    Raises:
        TrainingError: `TF_CONFIG` is wrong, its address is taken or cannot be reached,
            or TensorFlow was in use before.
    """
    return _strategy() or tf.distribute.get_strategy()


@cache
def _strategy() -> tf.distribute.Strategy | None:
    if read_place(os.environ.get("TF_CONFIG")).workers > 1:
        try:
            return tf.distribute.MultiWorkerMirroredStrategy()
        except (RuntimeError, ValueError, tf.errors.OpError) as error:
            raise TrainingError(
                "The cluster of TF_CONFIG does not come about "
                f"({str(error).splitlines()[0]}). Look at its addresses, and start "
                "training in a fresh process."
            ) from error
    if len(tf.config.list_logical_devices("GPU")) > 1:
        return tf.distribute.MirroredStrategy()
    return None
