"""The same application on a Ray cluster."""
