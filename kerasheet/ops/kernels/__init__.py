"""The fastest kernels of the backend at hand.

`portable` is written in Keras' operations; `tensorflow` has functions of the same name
and meaning where TensorFlow offers a faster kernel than Keras uses.
"""

import keras

from kerasheet.ops.kernels.portable import average_pool, correlate, max_pool

if keras.backend.backend() == "tensorflow":
    from kerasheet.ops.kernels.tensorflow import (
        normalize,
        read,
        scan,
        standardize,
        standardize_together,
        take_rows,
        uniform,
    )
else:
    from kerasheet.ops.kernels.portable import (
        normalize,
        read,
        scan,
        standardize,
        standardize_together,
        take_rows,
        uniform,
    )

__all__ = [
    "average_pool",
    "correlate",
    "max_pool",
    "normalize",
    "read",
    "scan",
    "standardize",
    "standardize_together",
    "take_rows",
    "uniform",
]
