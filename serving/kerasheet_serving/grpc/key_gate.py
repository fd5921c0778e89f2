"""Refuses who shows no key before the message is read, which may be large."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc
import grpc.aio

from kerasheet_serving.grpc.calls import Calls
from kerasheet_serving.web.served import Served


class KeyGate(grpc.aio.ServerInterceptor):
    """Stands before all calls of a server.

    Args:
        calls: what every call gets, and who may be answered.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        """What answers a call: its method, or a refusal."""
        method = handler_call_details.method.rpartition("/")[2]
        metadata = dict(handler_call_details.invocation_metadata or ())
        if self._calls.is_open(method, metadata):
            return await continuation(handler_call_details)

        async def refuse(messages: AsyncIterator[Any], context: Any) -> None:
            await self._calls.answer(context, method, 0, _nothing)

        # Only who answers a stream may do so before the first message has come.
        return grpc.stream_stream_rpc_method_handler(refuse)


async def _nothing(served: Served) -> None:
    """Is not reached: the key is required before."""
