"""The `kerasheet` command: a file for each group of its commands.

Keras and TensorFlow take seconds to import, so each command imports what it needs
when it runs.
"""

from kerasheet.cli import data, launch, look, mounted, reproduce, train, use
from kerasheet.cli.app import app
from kerasheet.console import run_app

__all__ = [
    "app",
    "data",
    "launch",
    "look",
    "main",
    "mounted",
    "reproduce",
    "train",
    "use",
]


def main() -> None:
    """Run the command line."""
    run_app(app, "kerasheet")
