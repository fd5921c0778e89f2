"""A language model that is asked for one token after the other."""

from collections.abc import Callable

import numpy as np

from kerasheet_serving.dtypes import Array
from kerasheet_serving.errors import InvalidArgument, RepositoryError
from kerasheet_serving.manifest import Manifest
from kerasheet_serving.rows import Inputs, Outputs
from kerasheet_serving.session import Session
from kerasheet_serving.specs import GraphSpec, TensorSpec

STEP = "step"
_TRIED = (1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 15, 16, 17, 23, 24, 31, 32, 48, 64)


class StepModel:
    """The `step` graph of a version: a state in, the next one out.

    A graph may round one row otherwise when others are computed beside it. It is tried
    from how many rows on it does not, and never given fewer: a row then gets the same
    bits alone and in company.

    Args:
        session: of the version.
        most: rows to be computed at once.

    Attributes:
        least: rows that a step is filled up to.

    Raises:
        RepositoryError: the graph cannot be loaded, or takes or gives something else.
    """

    def __init__(self, session: Session, most: int) -> None:
        manifest = session.manifest
        self._run: Callable[[Inputs], Outputs] = session.open(STEP).run
        self._ids, self._state = _checked(manifest.name, manifest.graphs[STEP])
        self.most = most
        try:
            self.least = self._least(manifest.name, len(manifest.vocabulary))
        except InvalidArgument as error:
            raise RepositoryError(
                f"The graph {STEP!r} of model {manifest.name!r} cannot be run: {error}"
            ) from error

    def begin(self) -> Array:
        """The state before a text, (1, …)."""
        return self._zeros(1)

    def step(self, ids: Array, state: Array) -> tuple[Array, Array]:
        """Read on in several texts.

        Args:
            ids: (rows, tokens), as many of each text.
            state: (rows, …), of each text.

        Returns:
            Logits after the last token, (rows, classes), and the state, (rows, …).
        """
        answer = self._run({"ids": ids.astype(self._ids.dtype), "state": state})
        return answer["logits"][:, -1], answer["next_state"]

    def step_all(self, ids: Array, state: Array) -> tuple[Array, Array]:
        """`step` by one token each, with the same bits whatever the other rows are."""
        rows, missing = len(ids), self.least - len(ids)
        if missing > 0:
            ids = np.concatenate([ids, np.zeros(missing, ids.dtype)])
            state = np.concatenate([state, self._zeros(missing)])
        logits, state = self.step(ids[:, None], state)
        return logits[:rows], state[:rows]

    def _zeros(self, rows: int) -> Array:
        return np.zeros((rows, *self._state.shape[1:]), self._state.dtype)

    def _least(self, name: str, tokens: int) -> int:
        """The fewest rows from which on equal rows get equal bits, in any number."""
        rng = np.random.default_rng(0)
        state = self._zeros(1)
        state[...] = 2 * rng.random(state.shape) - 1
        ids = rng.integers(tokens, size=1, dtype=np.int32)
        classes = self.step(ids[:, None], state)[0].shape[-1]
        if classes != tokens:
            raise RepositoryError(
                f"The graph {STEP!r} of model {name!r} gives logits of {classes} "
                f"classes, its vocabulary has {tokens} tokens. Publish the model again "
                "with `kerasheet export`."
            )
        wanted = self._bits(ids, state, self.most)
        sizes = sorted({*(n for n in _TRIED if n < self.most), self.most}, reverse=True)
        least = self.most
        for size in sizes:
            if self._bits(ids, state, size) != wanted or len(wanted) != 1:
                break
            least = size
        return least

    def _bits(self, ids: Array, state: Array, rows: int) -> set[bytes]:
        """The distinct answers to a row that is given several times."""
        logits, state = self.step(
            np.repeat(ids, rows)[:, None], np.repeat(state, rows, axis=0)
        )
        return {logits[row].tobytes() + state[row].tobytes() for row in range(rows)}


def writes_text(manifest: Manifest) -> bool:
    """Whether a model has words, and a graph that hands its state on."""
    return bool(manifest.vocabulary) and STEP in manifest.graphs


def _checked(name: str, graph: GraphSpec) -> tuple[TensorSpec, TensorSpec]:
    inputs = {spec.name: spec for spec in graph.inputs}
    outputs = {spec.name: spec for spec in graph.outputs}
    ids, state = inputs.get("ids"), inputs.get("state")
    if (
        ids is None
        or state is None
        or len(inputs) != 2
        or not outputs.keys() >= {"logits", "next_state"}
        or ids.dtype not in ("int32", "int64")
        or len(ids.shape) != 2
        or len(outputs["logits"].shape) != 3
        or not all(isinstance(size, int) for size in state.shape[1:])
    ):
        shown = [", ".join(map(str, specs)) for specs in (graph.inputs, graph.outputs)]
        raise RepositoryError(
            f"The graph {STEP!r} of model {name!r} must take ids [batch, time] and "
            "state [batch, sizes] and give logits [batch, time, classes] and "
            f"next_state, and not take {shown[0]} and give {shown[1]}. Publish the "
            "model again with `kerasheet export`."
        )
    return ids, state
