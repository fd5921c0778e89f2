"""An application whose model M computes when it is told to."""

import asyncio
import threading

import httpx

from kerasheet_serving import create_app


class Held:
    """An application whose model M begins to compute and then waits to be released."""

    def __init__(self, settings):
        self.app = create_app(settings)
        session = self.app.state.registry.find("M").session
        self.begun, self.released = threading.Event(), threading.Event()
        self.sizes = []
        run = session.run

        def held_run(inputs):
            self.sizes.append(len(inputs["x"]))
            self.begun.set()
            assert self.released.wait(60)
            return run(inputs)

        session.run = held_run

    def ask(self, first, then, at_once=False):
        """Ask `first`; once the model computes it, `then`, and let the model go on.

        If these are to be answered at once, only when they are.
        """

        async def scenario():
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://server"
            ) as client:
                tasks = [asyncio.create_task(send(client, *first))]
                await asyncio.to_thread(self.begun.wait, 10)
                for request in then:
                    tasks.append(asyncio.create_task(send(client, *request)))
                    for _ in range(20):
                        await asyncio.sleep(0)
                if at_once:
                    await asyncio.wait(tasks[1:], timeout=5)
                self.released.set()
                return await asyncio.gather(*tasks)

        return asyncio.run(scenario())


async def send(client, path, body=None, headers=None):
    if body is None:
        return await client.get(path)
    return await client.post(path, content=body, headers=headers)
