"""docs/consumers.md: what every consumer made of every model."""

from consumers import CONSUMERS
from subjects import ROWS

HEAD = """\
# Who reads the exported models

Software that nobody here wrote, each asked in a process of its own for the answers to
one input and to three, next to those of the Keras model before it was exported. A cell
is the largest difference of a probability, "equal" where there is none, bit for bit.
Weights are random, moving averages too, and scaled so that answers differ from input to
input and no probability is 0 or 1. The tests allow 1e-05.

`make test-consumers` writes this page.
"""


class Matrix:
    """Collects a cell for each subject and consumer.

    Attributes:
        versions: of the consumers, by name.
    """

    def __init__(self):
        self.versions = {}
        self._cells = {}
        self._reasons = {}

    def record(self, consumer, subject, deviation):
        """Note the largest one."""
        cell = f"{deviation:.0e}" if deviation else "equal"
        self._cells[subject, consumer.name] = cell

    def record_refusal(self, consumer, subject, reason):
        """Note an exception, which becomes a footnote."""
        number = self._reasons.setdefault(reason, len(self._reasons) + 1)
        self._cells[subject, consumer.name] = f"[^{number}]"

    def __str__(self):
        notes = (f"[^{number}]: {reason}." for reason, number in self._reasons.items())
        parts = HEAD, self._consumers(), self._answers(), "\n".join(notes) + "\n"
        return "\n".join(parts)

    def _consumers(self):
        rows = [
            (
                one.name,
                self.versions[one.name],
                "ONNX" if one.reads_onnx else "SavedModel",
            )
            for one in CONSUMERS
        ]
        return _table(("consumer", "version", "reads"), rows)

    def _answers(self):
        names = [consumer.name for consumer in CONSUMERS]
        rows = [(row, *(self._cells[row, name] for name in names)) for row in ROWS]
        return _table(("model", *names), rows)


def _table(heading, rows):
    lines = [heading, ["---"] * len(heading), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
