"""Training as a person watches it."""

from typing import Any

import keras
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn


class ProgressBar(keras.callbacks.Callback):
    """A bar that grows by an epoch, with the latest figures behind it."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self.console = console

    def on_train_begin(self, logs: Any = None) -> None:
        """Show an empty bar."""
        self.progress = Progress(
            TextColumn("epoch {task.completed}/{task.total}"),
            BarColumn(bar_width=16),
            TimeElapsedColumn(),
            TextColumn("{task.description}"),
            console=self.console,
        )
        self.task = self.progress.add_task("", total=self.params["epochs"])
        self.progress.start()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Catch up with a training that was resumed."""
        self.progress.update(self.task, completed=epoch)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Grow the bar."""
        figures = [
            f"{name.replace('val_', 'held-out ')} {value:.3f}"
            for name, value in (logs or {}).items()
            if name != "val_loss"  # so that the line fits into a terminal
        ]
        self.progress.update(self.task, advance=1, description="  ".join(figures))

    def on_train_end(self, logs: Any = None) -> None:
        """Leave the bar as it is."""
        self.progress.stop()
