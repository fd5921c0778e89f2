"""Paths of requests, as the application knows them wherever it is mounted."""

from starlette.types import Scope

_HEALTH = ("/v2/health/live", "/v2/health/ready")
_METRICS = "/metrics"


def path_of(scope: Scope) -> str:
    """The decoded path of a request, below whatever the application is mounted at."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def is_watched(path: str) -> bool:
    """Whether it is for those who watch the server, also when it is busy."""
    return path in _HEALTH or path == _METRICS


def is_open(path: str) -> bool:
    """Whether anyone may ask for it: health, and the page with its files, not data."""
    return path in _HEALTH or path == "/" or path.startswith("/page/")
