"""What is raised when no answer comes."""

import httpcore

FAILURES = (
    OSError,  # of which TimeoutError is one, and what TLS refuses another
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
)
"""Of the system and of the library that keeps connections."""
