"""How a client reaches its server, and when it asks again: the same in both forms."""

import random
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote, urlsplit

from kerasheet_serving.client.answer import Answer
from kerasheet_serving.client.call import Call
from kerasheet_serving.errors import Unavailable

IDLE_SECONDS = 4.0
"""For which a connection is kept: servers close theirs after 5 or more."""

_UNAVAILABLE = 503
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0  # seconds


@dataclass(frozen=True)
class Options:
    """What both forms of the client are told.

    Args:
        url: where the server listens.
        timeout: seconds in which all of an answer must be there, with all retries.
        connect_timeout: seconds in which a connection must be made.
        retries: how often to ask again after 503.
        api_key: shown to the server.
        ca_file: certificates to trust instead of the system's, in PEM.
        connections: most that are open.
        compress_from: bytes from which a body is compressed; None never does.

    Raises:
        ValueError: the URL or a number cannot be used.
    """

    url: str
    timeout: float
    connect_timeout: float
    retries: int
    api_key: str | None
    ca_file: Path | str | None
    connections: int
    compress_from: int | None

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or parts.hostname is None:
            raise ValueError(
                "Client needs a URL such as 'http://127.0.0.1:8501'. "
                f"Received: {self.url!r}."
            )
        for name, least in (
            ("timeout", 0),
            ("connect_timeout", 0),
            ("retries", -1),
            ("connections", 0),
        ):
            value = getattr(self, name)
            if not value > least:
                raise ValueError(f"Client needs {name} > {least}. Received: {value!r}.")
        object.__setattr__(self, "url", self.url.rstrip("/"))

    def ssl_context(self) -> ssl.SSLContext | None:
        """What TLS trusts; None without TLS."""
        if not self.url.startswith("https:"):
            return None
        return ssl.create_default_context(cafile=self.ca_file)

    def address(self, call: Call) -> str:
        """The URL that a call is for."""
        return quote(self.url, safe="/:[]@%") + call.path

    def content(self, call: Call) -> tuple[bytes, dict[str, str]]:
        """Body and headers of a call."""
        body, headers = call.content(self.compress_from)
        if self.api_key is not None:
            headers["Authorization"] = f"Bearer {self.api_key}"
        return body, headers

    def pause(
        self, call: Call, answer: Answer, tried: int, left: float
    ) -> float | None:
        """Seconds after which to ask again; None if not.

        The pause doubles each time, is drawn from its upper half so that clients do not
        come back together, and is never shorter than the server's `Retry-After`.

        Args:
            call: that was asked.
            answer: to it.
            tried: how often it was asked.
            left: seconds until the timeout.
        """
        if answer.status != _UNAVAILABLE or not call.retried or tried > self.retries:
            return None
        backoff = min(_FIRST_PAUSE * 2 ** (tried - 1), _LONGEST_PAUSE)
        seconds = max(
            random.uniform(backoff / 2, backoff), _asked_pause(answer.headers)
        )
        return seconds if seconds < left else None

    def unreachable(self, error: Exception) -> Unavailable:
        """The error for a server from which no answer came."""
        reason = str(error) or "timed out"
        return Unavailable(
            f"No answer from {self.url}: {reason}. "
            "Start a server there with `kerasheet-serve REPOSITORY`."
        )


def check_installed() -> None:
    """Look for the library that keeps connections, without loading it.

    Raises:
        ImportError: it is not installed.
    """
    if find_spec("httpcore") is None:
        raise ImportError(
            "Client needs httpcore, which is not installed. Run "
            "`pip install 'kerasheet-serving[client]'`."
        )


def _asked_pause(headers: Mapping[str, str]) -> float:
    """Seconds that `Retry-After` asks for; dates are not read."""
    text = headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdecimal() else 0.0
