"""kerasheet: the Deep Learning Cheat Sheet as Keras layers.

Import what you need from `kerasheet.ops` (formulas), `kerasheet.layers` (formulas
with weights), `kerasheet.models` (architectures) or `kerasheet.training`.
"""

import os

# Convolutional networks train up to three times as fast with oneDNN's kernels, which by
# itself TensorFlow keeps for processors with AVX-512: docs/decisions/0014-onednn.md.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

__version__ = "0.1.0"
