"""Ctrl-C while a training is prepared."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def remember_interrupts() -> Iterator[threading.Event]:
    """Let Ctrl-C raise as ever, and remember that it was pressed.

    `KeyboardInterrupt` is raised in whatever runs, and some of that swallows it: a
    finalizer, or the import of a compiled module. Who finds itself still running can
    look at the event.
    """
    heard = threading.Event()
    usual = signal.getsignal(signal.SIGINT)
    if not callable(usual) or threading.current_thread() is not threading.main_thread():
        yield heard
        return

    def hear(signum: int, frame: FrameType | None) -> None:
        heard.set()
        usual(signum, frame)

    signal.signal(signal.SIGINT, hear)
    try:
        yield heard
    finally:
        signal.signal(signal.SIGINT, usual)
