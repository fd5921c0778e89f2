"""Stands before all calls: what is checked before a message is read, and while it is.

The library would read the message of a call first, however large and from whomever, and
wait for it for ever. Only who answers a stream decides when to read; so every call is
answered as a stream of one message.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import grpc.aio

from kerasheet_serving.grpc.calls import Calls


class Gate(grpc.aio.ServerInterceptor):
    """Lets `Calls` answer every call with a method of `GrpcV2`.

    Args:
        calls: what every call gets.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        """What answers a call; None if the service has no such method."""
        handler = await continuation(handler_call_details)
        if handler is None:
            return None
        method = handler_call_details.method.rpartition("/")[2]

        def read(content: bytes) -> tuple[int, Any]:
            return len(content), handler.request_deserializer(content)

        async def answer(messages: object, context: Any) -> None:
            await self._calls.answer(context, method, handler.unary_unary)

        return grpc.stream_stream_rpc_method_handler(
            answer, read, handler.response_serializer
        )
