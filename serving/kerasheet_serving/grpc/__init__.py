"""The Open Inference Protocol's other transport."""
