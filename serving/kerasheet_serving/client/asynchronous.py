"""The client for programs of `asyncio`."""

from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from kerasheet_serving.client import call as client_call
from kerasheet_serving.client.base import BaseClient
from kerasheet_serving.client.call import Which
from kerasheet_serving.client.options import Options

if TYPE_CHECKING:
    from kerasheet_serving.client.async_transport import AsyncTransport


class AsyncClient(BaseClient["AsyncTransport"]):
    """`Client` whose methods are awaited; one event loop uses it.

    The arguments, and what is raised, are those of `Client`. Leaving a request, as by
    cancelling its task, closes its connection, and the server gives it up. Close it
    with `aclose`, or use it in an `async with` statement.
    """

    def _connect(self, options: Options) -> "AsyncTransport":
        from kerasheet_serving.client.async_transport import AsyncTransport  # slow

        return AsyncTransport(options)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        await self._transport.close()

    async def predict(
        self,
        model: str,
        instances: Any = None,
        *,
        inputs: Any = None,
        version: int | None = None,
        label: str | None = None,
        signature: str | None = None,
        numpy: bool = False,
    ) -> Any:
        """As `Client.predict`."""
        which = Which(model, version, label)
        return await self._transport.ask(
            client_call.predict(which, instances, inputs, signature, numpy)
        )

    async def classify(
        self,
        model: str,
        examples: Any,
        *,
        context: Mapping[str, Any] | None = None,
        version: int | None = None,
        label: str | None = None,
        signature: str | None = None,
    ) -> list[list[list[Any]]]:
        """As `Client.classify`."""
        which = Which(model, version, label)
        call = client_call.scored(which, "classify", examples, context, signature)
        return list(await self._transport.ask(call))

    async def regress(
        self,
        model: str,
        examples: Any,
        *,
        context: Mapping[str, Any] | None = None,
        version: int | None = None,
        label: str | None = None,
        signature: str | None = None,
    ) -> list[float]:
        """As `Client.regress`."""
        which = Which(model, version, label)
        call = client_call.scored(which, "regress", examples, context, signature)
        return list(await self._transport.ask(call))

    def generate(
        self,
        model: str,
        prompt: str,
        *,
        length: int = 100,
        temperature: float = 1.0,
        top_k: int | None = None,
        seed: int = 0,
        stream: bool = False,
        version: int | None = None,
        label: str | None = None,
    ) -> Any:
        """As `Client.generate`: to be awaited, or with `stream` for `async for`."""
        which = Which(model, version, label)
        call = client_call.generate(
            which, prompt, length, temperature, top_k, seed, stream
        )
        return self._transport.tokens(call) if stream else self._transport.ask(call)

    async def status(
        self, model: str, version: int | None = None, label: str | None = None
    ) -> list[dict[str, Any]]:
        """As `Client.status`."""
        return list(
            await self._transport.ask(client_call.status(Which(model, version, label)))
        )

    async def versions(self, model: str) -> list[int]:
        """As `Client.versions`."""
        return list(await self._transport.ask(client_call.versions(model)))

    async def metadata(
        self, model: str, version: int | None = None, label: str | None = None
    ) -> dict[str, Any]:
        """As `Client.metadata`."""
        return dict(
            await self._transport.ask(
                client_call.metadata(Which(model, version, label))
            )
        )

    async def live(self) -> bool:
        """As `Client.live`."""
        return bool(await self._transport.ask(client_call.live()))

    async def ready(self, model: str | None = None) -> bool:
        """As `Client.ready`."""
        return bool(await self._transport.ask(client_call.ready(model)))
