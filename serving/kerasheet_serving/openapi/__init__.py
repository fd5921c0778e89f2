"""The description of every path, at `/openapi.json`."""
