"""An event loop whose clock is moved by hand, and a model that runs when told to."""

import asyncio
from concurrent.futures import Executor, Future


class FakeClockLoop(asyncio.SelectorEventLoop):
    """Time stands still until `advance`."""

    def __init__(self):
        super().__init__()
        self.now = 100.0

    def time(self):
        return self.now

    async def advance(self, seconds=0.0):
        """Let time pass, and everything happen that then is to happen."""
        self.now += seconds
        for _ in range(10):
            await asyncio.sleep(0)


class SteppedExecutor(Executor):
    """Keeps the work handed to it until `step`."""

    def __init__(self):
        self.work = []

    def submit(self, function, /, *arguments, **options):
        future = Future()
        self.work.append((future, function, arguments))
        return future

    async def step(self):
        """Do the oldest work and let everything happen that follows from it."""
        future, function, arguments = self.work.pop(0)
        future.set_result(function(*arguments))
        await asyncio.get_running_loop().advance()


def run_on_fake_clock(coroutine):
    with asyncio.Runner(loop_factory=FakeClockLoop) as runner:
        return runner.run(coroutine)
