"""Whether XLA compiles what a training repeats, and what it cannot compile."""

import re
from typing import Literal

_REFUSED = re.compile(r"unsupported operations when trying to compile .*?: (\w+)")


def image_setting(forced: bool | None = None) -> bool | Literal["auto"]:
    """What to hand to `model.compile(jit_compile=...)` of a model of images.

    Where it is not forced, Keras' own rule chooses the faster, by the kind of device
    alone: a stopwatch would give other weights in another run.

    ```
    device       XLA    one epoch without it, over one with it
    processor    off    softmax regression 0.8, MLP 0.9, LeNet 0.3, ResNet-18 0.2
    GPU          on     not measured: kernels are fused, and few launched per step
    ```

    Keras leaves XLA off, too, for layers that say they do not support it, under
    `tf.distribute`, and where operations are to be deterministic.

    Args:
        forced: on or off; None to choose.

    Source: `benchmarks/training_epoch.py xla`, on two cores.
    """
    return "auto" if forced is None else forced


def compile_text(forced: bool | None = None) -> bool:
    """Whether XLA compiles the loop over a text's batches: yes, unless forced not to.

    On two cores an epoch takes 1.1 to 1.3 times as long without it. On a GPU, where
    nothing was measured, the many small steps of a recurrence gain by far fewer kernels
    to launch.

    Args:
        forced: on or off; None to choose.

    Source: `benchmarks/training_epoch.py xla`.
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
