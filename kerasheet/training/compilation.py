"""Whether XLA compiles what a training repeats, and what it cannot compile."""

import re
from typing import Literal

_REFUSED = re.compile(r"unsupported operations when trying to compile .*?: (\w+)")


def image_setting(forced: bool | None = None) -> bool | Literal["auto"]:
    """What to hand to `model.compile(jit_compile=...)` of a model of images.

    Where it is not forced, Keras' own rule chooses the faster, by the kind of device
    alone: a stopwatch would give other weights in another run.

    ```
    device       XLA    the processor's time of an epoch without it, over one with it
    processor    off    softmax regression 0.83, MLP 0.99, with dropout 0.77,
                        LeNet 0.36, batch-normalized 0.75, ResNet-18 0.26, DenseNet 0.88
    GPU          on     not measured: XLA fuses kernels, so that fewer are launched
    ```

    The figures are of Eigen's kernels; oneDNN's, which `import kerasheet` turns on,
    take half as long for convolutions, so that XLA gains on none of these.

    Keras leaves XLA off, too, for layers that say they do not support it, under
    `tf.distribute`, and where operations are to be deterministic.

    Args:
        forced: on or off; None to choose.

    Source: `benchmarks/xla.py`, on two cores.
    """
    return "auto" if forced is None else forced


def compile_text(forced: bool | None = None) -> bool:
    """Whether XLA compiles the loop over a text's batches: yes, unless forced not to.

    On two cores an epoch takes 1.2 to 1.6 times as long without it. On a GPU nothing
    was measured; there, too, the many small steps of a recurrence should gain by fewer
    kernels to launch.

    Args:
        forced: on or off; None to choose.

    Source: `benchmarks/xla.py`.
    """
    return True if forced is None else forced


def refused_operation(message: str) -> str | None:
    """The operation that XLA could not compile, out of TensorFlow's message.

    Example:
    >>> refused_operation("Detected unsupported operations when trying to compile "
    ...     "graph __inference_f_1[] on XLA_CPU_JIT: PyFunc (No registered ...")
    'PyFunc'
    """
    said = _REFUSED.search(message)
    return said[1] if said else None
