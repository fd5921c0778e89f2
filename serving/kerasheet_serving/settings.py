"""What a server is told when it starts."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kerasheet_serving import readers
from kerasheet_serving.readers import Reader

LISTENING = "listening"
MODELS = "models and batching"
LIMITS = "limits"
SECURITY = "security"
LOGS = "logs"
GROUPS = (LISTENING, MODELS, LIMITS, SECURITY, LOGS)
"""Of settings, in the order in which help shows them."""

_BYTES = readers.whole("a number of bytes", 1, 2**40)


def setting(default: Any, group: str, read: Reader, word: str) -> Any:
    """Declare a setting: a field that flags, the environment and a file can give.

    Args:
        default: its value when it is not given.
        group: one of `GROUPS`.
        read: makes its value of text.
        word: what help shows in the place of the value.
    """
    metadata = {"group": group, "read": read, "word": word}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Settings:
    """Options of one server. A flag's help is the first sentence of its entry here.

    Args:
        repository: root of the model repository.
        host: address to listen on; 127.0.0.1 answers this machine only, 0.0.0.0 every
            network it is in.
        port: TCP port; 0 picks a free one.
        grpc_port: TCP port of the Open Inference Protocol over gRPC, or off; 0 picks a
            free one, and so does the default if `port` is 0.
        tls_cert: file of the certificate and of those that lead to its root, in PEM;
            the server then speaks HTTPS.
        tls_key: file of the certificate's private key, in PEM and without a password.
        ray: serve on the Ray cluster of this machine, or on a new one, with replicas
            that come and go with the load.
        config: file in TOML: [server] with any of these settings, and [models.NAME]
            with latest = N or versions = [...], and labels. The latter is read again
            whenever it changes.
        workers: processes that answer side by side, each with all models in its memory;
            more than one per core help nothing. Limits are of each of them.
        threads: CPU threads of each model; one per core if not given, which workers
            share.
        poll_seconds: time between one look at what has changed on disk and the next; 0
            never looks.
        batch_rows: most rows that a model computes at once, for several requests.
        batch_delay: time that requests wait for more while a model is idle; one that is
            alone does not wait.
        waiting_rows: rows that may wait for a model; what comes beyond is answered 503.
        texts: texts that a language model writes at once; four times as many may wait
            for that, and what comes beyond is answered 503.
        max_request_bytes: size of the largest body, also once decompressed; a larger
            one is answered 413.
        max_tensor_bytes: size of all arrays that one request may become; one that
            would become more is answered 413.
        max_requests: requests that are answered at the same time; what comes beyond is
            answered 503.
        max_held_bytes: size of all bodies that are held at the same time, decompressed
            and with large answers; a request that would make it more is answered 503.
        body_seconds: time in which a request must have come in whole, or it is answered
            408.
        request_seconds: time from a whole request to its answer, or it is answered 504.
            A stream that has begun may take longer; a client that takes next to nothing
            of its answer for as long loses the connection.
        drain_seconds: time that requests and streams get to end once the server is told
            to stop.
        api_keys: hashes of the keys that may ask for more than health and the page, as
            --new-key prints them, separated by commas; without any, no key is needed.
        cors_origins: origins of the web pages that may ask from a browser, separated by
            commas; without any, none may.
        log_format: text, or json for one object a line.
        log_level: least serious events to log; info logs every request.
    """

    repository: Path
    host: str = setting("127.0.0.1", LISTENING, readers.address, "ADDRESS")
    port: int = setting(8501, LISTENING, readers.whole("a port", 0, 65535), "PORT")
    grpc_port: int | None = setting(
        8500, LISTENING, readers.unless_off(readers.whole("a port", 0, 65535)), "PORT"
    )
    tls_cert: Path | None = setting(None, LISTENING, readers.path, "FILE")  # noqa: RUF009
    tls_key: Path | None = setting(None, LISTENING, readers.path, "FILE")  # noqa: RUF009
    ray: bool = setting(False, LISTENING, readers.truth, "")
    config: Path | None = setting(None, MODELS, readers.path, "FILE")  # noqa: RUF009
    workers: int = setting(
        1, MODELS, readers.whole("a number of processes", 1, 256), "N"
    )
    threads: int | None = setting(None, MODELS, readers.threads, "N")
    poll_seconds: float = setting(1.0, MODELS, readers.seconds(), "SECONDS")
    batch_rows: int = setting(
        32, MODELS, readers.whole("a number of rows", 1, 2**20), "N"
    )
    batch_delay: float = setting(0.001, MODELS, readers.seconds(), "SECONDS")
    waiting_rows: int = setting(
        1024, MODELS, readers.whole("a number of rows", 1, 2**30), "N"
    )
    texts: int = setting(32, MODELS, readers.whole("a number of texts", 1, 1024), "N")
    max_request_bytes: int = setting(64 * 1024 * 1024, LIMITS, _BYTES, "BYTES")
    max_tensor_bytes: int = setting(256 * 1024 * 1024, LIMITS, _BYTES, "BYTES")
    max_requests: int = setting(
        1024, LIMITS, readers.whole("a number of requests", 1, 2**20), "N"
    )
    max_held_bytes: int = setting(512 * 1024 * 1024, LIMITS, _BYTES, "BYTES")
    body_seconds: float = setting(30.0, LIMITS, readers.seconds(0.001), "SECONDS")
    request_seconds: float = setting(30.0, LIMITS, readers.seconds(0.001), "SECONDS")
    drain_seconds: float = setting(30.0, LIMITS, readers.seconds(), "SECONDS")
    api_keys: tuple[str, ...] = setting(
        (), SECURITY, readers.several(readers.key_hash), "HASHES"
    )
    cors_origins: tuple[str, ...] = setting(
        (), SECURITY, readers.several(readers.origin), "ORIGINS"
    )
    log_format: str = setting("text", LOGS, readers.one_of("text", "json"), "FORMAT")
    log_level: str = setting(
        "warning",
        LOGS,
        readers.one_of("debug", "info", "warning", "error"),
        "LEVEL",
    )

    def __post_init__(self) -> None:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("tls_cert and tls_key need each other; give both or none")
        if self.max_held_bytes < self.max_request_bytes:
            raise ValueError(
                f"max_held_bytes, {self.max_held_bytes}, must be at least "
                f"max_request_bytes, {self.max_request_bytes}"
            )
