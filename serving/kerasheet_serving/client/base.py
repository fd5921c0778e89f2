"""What both forms of the client are made of."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Generic, TypeVar

from kerasheet_serving.client.options import Options, check_installed

TransportT = TypeVar("TransportT")


class BaseClient(ABC, Generic[TransportT]):
    """Takes the arguments that `Client` documents; a form names its transport."""

    def __init__(
        self,
        url: str,
        timeout: float = 10.0,
        *,
        connect_timeout: float = 5.0,
        retries: int = 3,
        api_key: str | None = None,
        ca_file: Path | str | None = None,
        connections: int = 32,
        compress_from: int | None = 65536,
    ) -> None:
        options = Options(
            url,
            timeout,
            connect_timeout,
            retries,
            api_key,
            ca_file,
            connections,
            compress_from,
        )
        self.url, self.timeout = options.url, timeout
        check_installed()
        self._transport = self._connect(options)

    @abstractmethod
    def _connect(self, options: Options) -> TransportT:
        """Make what sends the calls; its library is loaded only here."""
