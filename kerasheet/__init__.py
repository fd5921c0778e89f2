"""kerasheet: the Deep Learning Cheat Sheet as Keras layers.

Import what you need from `kerasheet.ops` (formulas), `kerasheet.layers` (formulas
with weights), `kerasheet.models` (architectures) or `kerasheet.training`.
"""

__version__ = "0.1.0"
