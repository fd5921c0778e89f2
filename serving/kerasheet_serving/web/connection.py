"""One connection over HTTP: a client that sends or reads too slowly loses it."""

import asyncio
import fcntl
import struct
import termios
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

from kerasheet_serving.settings import Settings

_LEAST_TAKEN = 64 * 1024  # bytes
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n"

_Protocol: Any = AutoHTTPProtocol  # its base has not what its subclasses have


def connection_class(settings: Settings) -> type[Any]:
    """Make the class of a server's connections.

    Args:
        settings: of the server.
    """

    class Connection(_Protocol):
        """Ends if the head of a request does not come in whole in `body_seconds`.

        And if, in `request_seconds`, the client takes less than `_LEAST_TAKEN` of the
        answers that wait for it: while there are more than the transport buffers, or
        when the connection is to end.
        """

        _expiry: asyncio.TimerHandle | None = None
        _stall: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:
            super().connection_made(transport)
            self._watch_head()

        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            self._stop_watching()
            self._stop_stall()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self.cycle is None or self.cycle.response_complete:
                self._watch_head()
            else:
                self._stop_watching()

        def _watch_head(self) -> None:
            if self._expiry is None:
                loop = asyncio.get_running_loop()
                self._expiry = loop.call_later(settings.body_seconds, self._expire)

        def _stop_watching(self) -> None:
            if self._expiry is not None:
                self._expiry.cancel()
                self._expiry = None

        def pause_writing(self) -> None:
            super().pause_writing()
            self._stop_stall()
            self._watch_stall()

        def resume_writing(self) -> None:
            super().resume_writing()
            self._stop_stall()

        def on_response_complete(self) -> None:
            super().on_response_complete()
            self._watch_end()

        def timeout_keep_alive_handler(self) -> None:
            super().timeout_keep_alive_handler()
            self._watch_end()

        def shutdown(self) -> None:
            super().shutdown()
            self._watch_end()

        def _watch_end(self) -> None:
            """To close a transport waits until all is taken, and be it for ever."""
            if self.transport.is_closing() and self._stall is None:
                self._watch_stall()

        def _watch_stall(self) -> None:
            loop = asyncio.get_running_loop()
            seconds, untaken = settings.request_seconds, _untaken(self.transport)
            self._stall = loop.call_later(seconds, self._end_stall, untaken)

        def _stop_stall(self) -> None:
            if self._stall is not None:
                self._stall.cancel()
                self._stall = None

        def _end_stall(self, before: int) -> None:
            self._stall = None
            if before - _untaken(self.transport) < _LEAST_TAKEN:
                self.transport.abort()  # to close would wait for it to be taken
            else:
                self._watch_stall()

        def _expire(self) -> None:
            if not self.transport.is_closing():
                self.transport.write(_TOO_SLOW)
                self.transport.close()

    return Connection


def _untaken(transport: asyncio.Transport) -> int:
    """Bytes for the client that it has not taken in, here or in the system."""
    connection = transport.get_extra_info("socket")
    if connection.fileno() < 0:  # closed just now
        return 0
    answer = fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, bytes(4))
    return transport.get_write_buffer_size() + int(struct.unpack("i", answer)[0])
