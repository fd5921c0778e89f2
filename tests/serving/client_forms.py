"""Both forms of the client, asked in the same way."""

import asyncio

from kerasheet_serving import AsyncClient, Client


class Sync:
    """Asks in this thread."""

    def ask(self, url, method, *arguments, client=None, **options):
        with Client(url, **(client or {})) as one:
            return getattr(one, method)(*arguments, **options)

    def tokens(self, url, *arguments, client=None, **options):
        with Client(url, **(client or {})) as one:
            return list(one.generate(*arguments, stream=True, **options))


class Async:
    """Asks in an event loop."""

    def ask(self, url, method, *arguments, client=None, **options):
        async def run():
            async with AsyncClient(url, **(client or {})) as one:
                return await getattr(one, method)(*arguments, **options)

        return asyncio.run(run())

    def tokens(self, url, *arguments, client=None, **options):
        async def run():
            async with AsyncClient(url, **(client or {})) as one:
                stream = one.generate(*arguments, stream=True, **options)
                return [token async for token in stream]

        return asyncio.run(run())


FORMS = [Sync(), Async()]
