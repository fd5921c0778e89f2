"""Requests to an application in this process: fast, and of any bytes at all."""

import asyncio
from collections import Counter


class Direct:
    """Calls an ASGI application in one event loop.

    Attributes:
        statuses: how often each was answered.
    """

    def __init__(self, app):
        self._app = app
        self._runner = asyncio.Runner()
        self.statuses = Counter()

    def close(self):
        self._runner.close()

    def ask(self, method, path, body=b"", headers=()):
        """Status and body of the answer; what the application raises is raised."""
        return self._runner.run(self._ask(method, path, body, headers))

    async def _ask(self, method, path, body, headers):
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode("utf-8", "surrogateescape"),
            "query_string": b"",
            "root_path": "",
            "headers": [(b"host", b"server"), *headers],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 2),
        }
        messages = [{"type": "http.request", "body": body, "more_body": False}]
        parts, status = [], 0

        async def receive():
            if messages:
                return messages.pop()
            return await asyncio.Event().wait()  # the client stays

        async def send(message):
            nonlocal status
            status = message.get("status", status)
            parts.append(message.get("body", b""))

        await self._app(scope, receive, send)
        self.statuses[status] += 1
        return status, b"".join(parts)
