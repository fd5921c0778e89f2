"""Training as TensorBoard shows it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from kerasheet.errors import TrainingError


class EventLog(keras.callbacks.Callback):
    """Writes every figure of every epoch where TensorBoard looks for them.

    The files and tags are those of `keras.callbacks.TensorBoard`, which itself needs
    TensorBoard to be installed where the training runs. This needs TensorFlow only.

    Args:
        directory: to write to, below it `train` and `validation`; one per run, side by
            side, are shown over each other by `tensorboard --logdir PARENT`.

    Raises:
        TrainingError: it cannot be written to; if so from the beginning, then before
            anything is trained.

    Example:
    >>> import tempfile
    >>> log = EventLog(tempfile.mkdtemp())
    >>> log.on_epoch_end(0, {"loss": 0.5, "val_loss": 0.7})
    >>> log.on_train_end()
    >>> sorted(path.name for path in log.directory.iterdir())
    ['train', 'validation']
    """

    def __init__(self, directory: str | Path) -> None:
        super().__init__()
        self.directory = Path(directory)
        self._writers: dict[str, Any] = {}

    def on_train_begin(self, logs: Any = None) -> None:
        """Open the first file."""
        self._writer("train")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Write the epoch's figures."""
        for name, value in (logs or {}).items():
            figure = name.removeprefix("val_")
            part = "train" if figure == name else "validation"
            with self._refusal(part), self._writer(part).as_default(step=epoch):
                _write(f"epoch_{figure}", value)

    def on_train_end(self, logs: Any = None) -> None:
        """Close the files."""
        for part, writer in self._writers.items():
            with self._refusal(part):
                writer.close()
        self._writers = {}

    def _writer(self, part: str) -> Any:
        if part not in self._writers:
            place = self.directory / part
            with self._refusal(part):
                place.mkdir(parents=True, exist_ok=True)
                self._writers[part] = tf.summary.create_file_writer(str(place))
        return self._writers[part]

    @contextmanager
    def _refusal(self, part: str) -> Iterator[None]:
        """A sentence of what cannot be written; the files are left as they are then."""
        try:
            yield
        except (OSError, tf.errors.OpError) as error:
            self._writers = {}
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise TrainingError(
                f"Event files cannot be written to {str(self.directory / part)!r} "
                f"({reason}). Make room, or name another directory with --tensorboard."
            ) from error


def _write(tag: str, value: float) -> None:
    kind = tf.compat.v1.SummaryMetadata.PluginData(plugin_name="scalars")
    metadata = tf.compat.v1.SummaryMetadata(plugin_data=kind, data_class=1)  # a scalar
    tf.summary.write(tag, tf.constant(value, tf.float32), metadata=metadata)
