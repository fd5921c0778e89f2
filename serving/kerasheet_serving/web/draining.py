"""Whether a server is about to stop."""

from collections.abc import Callable

STOPPED_AT_ONCE = "Stopped at once, without answers to what was being answered"


class Draining:
    """Begins once, when the server is told to stop; others do their part then.

    Attributes:
        begun: whether it has; every answer is then the last on its connection.
    """

    def __init__(self) -> None:
        self.begun = False
        self._parts: list[Callable[[], object]] = []

    def when_begun(self, part: Callable[[], object]) -> None:
        """Have `part` called, in the event loop, when it begins."""
        self._parts.append(part)

    def begin(self) -> None:
        """Begin, if it has not yet."""
        if not self.begun:
            self.begun = True
            for part in self._parts:
                part()
