"""Everything that can go wrong, as one tree of exceptions.

`code` is the canonical code of TensorFlow Serving, `status` its HTTP status;
`retry_after` the seconds after which asking again may succeed, None if it will not.
"""

from typing import ClassVar


class ServingError(Exception):
    """Base of every error raised on purpose here; by itself, a fault of the server."""

    code: ClassVar[str] = "INTERNAL"
    status: ClassVar[int] = 500
    retry_after: ClassVar[int | None] = None


class InvalidArgument(ServingError):
    """The request is wrong, whatever the state of the server."""

    code = "INVALID_ARGUMENT"
    status = 400


class Unauthenticated(ServingError):
    """The request shows no API key that the server knows."""

    code = "UNAUTHENTICATED"
    status = 401


class PermissionDenied(ServingError):
    """The API key may not ask for this."""

    code = "PERMISSION_DENIED"
    status = 403


class NotFound(ServingError):
    """The model, version or path asked for is not here."""

    code = "NOT_FOUND"
    status = 404


class Conflict(ServingError):
    """The request does not go with what happens at the same time."""

    code = "ABORTED"
    status = 409


class RequestTooLarge(ServingError):
    """The body or the tensors exceed what `Settings` allow of one request."""

    code = "OUT_OF_RANGE"
    status = 413


class ResourceExhausted(ServingError):
    """The client asks more than it may."""

    code = "RESOURCE_EXHAUSTED"
    status = 429


class Cancelled(ServingError):
    """The request was given up before it was answered."""

    code = "CANCELLED"
    status = 499


class Unimplemented(ServingError):
    """The protocol has no way to carry this type of number."""

    code = "UNIMPLEMENTED"
    status = 501


class Unavailable(ServingError):
    """The server cannot be reached, or is not ready."""

    code = "UNAVAILABLE"
    status = 503


class QueueFull(Unavailable):
    """As many requests wait for the model as may."""

    retry_after = 1


class ServerBusy(Unavailable):
    """As many requests are being answered, or bytes of them held, as may."""

    retry_after = 1


class DeadlineExceeded(ServingError):
    """The answer was not there in the time that the request was given."""

    code = "DEADLINE_EXCEEDED"
    status = 504


class RequestTimeout(DeadlineExceeded):
    """The client did not send its request in time."""

    status = 408


class RepositoryError(ServingError):
    """A repository, manifest or model on disk cannot be used as it is."""

    code = "FAILED_PRECONDITION"
    status = 400


class AddressError(ServingError):
    """The server cannot listen where it was told to."""


class PortInUse(AddressError):
    """Another process listens on the port."""
