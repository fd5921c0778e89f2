"""Which version of which model answers a request, for the metrics and the log."""

from dataclasses import dataclass

from starlette.types import Scope

_KEY = "kerasheet.served"


@dataclass
class Served:
    """Who answers a request: a version of a model, or none yet.

    Args:
        model: its name.
        version: of the model.
        method: what is asked of it.
        size: bytes of the message that asks, over gRPC.
    """

    model: str = ""
    version: int | None = None
    method: str = "other"
    size: int = 0


def begin_served(scope: Scope) -> Served:
    """Where `note_served` notes who answers the request of a scope."""
    served: Served = scope.setdefault(_KEY, Served())
    return served


def note_served(scope: Scope, model: str, version: int, method: str) -> None:
    """Say which version answers a request, if it is counted.

    Args:
        scope: of the request.
        model: that answers it; one that is here, as its name is kept.
        version: of the model.
        method: what is asked of it, such as `"predict"`.
    """
    served = scope.get(_KEY)
    if served is not None:
        served.model, served.version, served.method = model, version, method
