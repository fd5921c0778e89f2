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
        [answer] = self.ask_at_once(method, path, 1, **options)
        return answer

    def ask_at_once(self, method, path, times, **options):
        """Send the same request so many times, before any is answered."""

        async def send():
            async with httpx.AsyncClient(
                transport=self.transport, base_url="http://server"
            ) as client:
                requests = [
                    client.request(method, path, **options) for _ in range(times)
                ]
                return await asyncio.gather(*requests)

        return asyncio.run(send())
