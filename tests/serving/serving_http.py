"""HTTP to an application in this process, without a socket."""

import asyncio

import httpx


class InProcess:
    """Sends requests straight to an ASGI application."""

    def __init__(self, app):
        self.app = app
        # A failure inside the application is answered, as it is on a real server.
        self.transport = httpx.ASGITransport(app, raise_app_exceptions=False)

    def ask(self, method, path, **options):
        async def send():
            async with httpx.AsyncClient(
                transport=self.transport, base_url="http://server"
            ) as client:
                return await client.request(method, path, **options)

        return asyncio.run(send())
