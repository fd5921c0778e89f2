"""The Open Inference Protocol, whatever carries it."""
