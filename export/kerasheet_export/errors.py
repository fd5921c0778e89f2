"""What stops an export."""

from kerasheet.errors import KerasheetError


class ExportError(KerasheetError):
    """A model that cannot be exported as it is."""


class ParityError(ExportError):
    """An exported form that answers differently from the Keras model."""
