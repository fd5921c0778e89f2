"""What a server is told when it starts."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """Options of one server.

    Args:
        repository: root of the model repository.
        host: address to listen on; the default answers this machine only.
        port: TCP port; 0 picks a free one.
        threads: CPU threads of each model; None is one per core.
        max_request_bytes: larger bodies, also once decompressed, are answered 413.
        batch_rows: most that a model computes at once, for several requests.
        batch_delay: seconds that requests wait for more while a model is idle; one that
            is alone does not wait.
        waiting_rows: that may wait for a model; what comes beyond is answered 503.
        models: file that says which versions of each model serve, and their labels;
            None serves all.
        poll_seconds: between one look at what has changed on disk and the next; 0 never
            looks.
    """

    repository: Path
    host: str = "127.0.0.1"
    port: int = 8501
    threads: int | None = None
    max_request_bytes: int = 64 * 1024 * 1024
    batch_rows: int = 32
    batch_delay: float = 0.001
    waiting_rows: int = 1024
    models: Path | None = None
    poll_seconds: float = 1.0
