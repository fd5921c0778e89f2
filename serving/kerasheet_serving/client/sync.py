"""A client of the server, and of any other of TensorFlow Serving's protocol."""

from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, overload

from kerasheet_serving.client import call as client_call
from kerasheet_serving.client.base import BaseClient
from kerasheet_serving.client.call import Which
from kerasheet_serving.client.options import Options

if TYPE_CHECKING:
    from kerasheet_serving.client.transport import Transport


class Client(BaseClient["Transport"]):
    """Asks a server that speaks TensorFlow Serving's REST protocol.

    Connections are kept and used again; threads may share one client. Only an answer of
    503 is asked for again, after a growing pause or what `Retry-After` says. Close it,
    or use it in a `with` statement.

    Args:
        url: where the server listens, such as `"http://127.0.0.1:8501"`; with
            `https:`, its certificate is verified.
        timeout: seconds in which an answer must be there, with all retries; of a
            stream, in which each part must.
        connect_timeout: seconds in which a connection must be made.
        retries: how often to ask again after 503.
        api_key: shown to the server.
        ca_file: certificates to trust instead of the system's, in PEM.
        connections: most that are open at the same time; further requests wait.
        compress_from: bytes from which a body is sent compressed; None never does.

    Raises:
        ServingError: from every method: the class that matches the answer, with the
            server's message; `Unavailable` if the server cannot be reached.
        ImportError: the library for connections is not installed.
    """

    def _connect(self, options: Options) -> "Transport":
        from kerasheet_serving.client.transport import Transport  # slow

        return Transport(options)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()

    def predict(
        self,
        model: str,
        instances: Any = None,
        *,
        inputs: Any = None,
        version: int | None = None,
        label: str | None = None,
        signature: str | None = None,
        numpy: bool = False,
    ) -> Any:
        """Predictions of a model.

        Args:
            model: its name.
            instances: one element per instance, as an array or as lists; with several
                inputs, a list of objects by input name. Bytes are sent as base64.
            inputs: instead of instances: the tensors, by name if there are several.
            version: None asks the newest.
            label: of the version, instead of its number.
            signature: None is the model's own.
            numpy: whether arrays are wanted; by name, if there are several outputs.

        Returns:
            The answer's `predictions` for instances, its `outputs` for inputs.

        Raises:
            TypeError: neither instances nor inputs are given, or both are, or both
                version and label, or they hold what JSON has no word for.
        """
        which = Which(model, version, label)
        return self._transport.ask(
            client_call.predict(which, instances, inputs, signature, numpy)
        )

    def classify(
        self,
        model: str,
        examples: Any,
        *,
        context: Mapping[str, Any] | None = None,
        version: int | None = None,
        label: str | None = None,
        signature: str | None = None,
    ) -> list[list[list[Any]]]:
        """Label and score of every class, for each example.

        Args:
            model: its name.
            examples: an object of features for each.
            context: features that all examples have.
            version: None asks the newest.
            label: of the version, instead of its number.
            signature: None is the model's only one for this.
        """
        which = Which(model, version, label)
        call = client_call.scored(which, "classify", examples, context, signature)
        return list(self._transport.ask(call))

    def regress(
        self,
        model: str,
        examples: Any,
        *,
        context: Mapping[str, Any] | None = None,
        version: int | None = None,
        label: str | None = None,
        signature: str | None = None,
    ) -> list[float]:
        """A number for each example; the arguments are those of `classify`."""
        which = Which(model, version, label)
        call = client_call.scored(which, "regress", examples, context, signature)
        return list(self._transport.ask(call))

    @overload
    def generate(
        self,
        model: str,
        prompt: str,
        *,
        length: int = ...,
        temperature: float = ...,
        top_k: int | None = ...,
        seed: int = ...,
        stream: Literal[False] = ...,
        version: int | None = ...,
        label: str | None = ...,
    ) -> str: ...

    @overload
    def generate(
        self,
        model: str,
        prompt: str,
        *,
        length: int = ...,
        temperature: float = ...,
        top_k: int | None = ...,
        seed: int = ...,
        stream: Literal[True],
        version: int | None = ...,
        label: str | None = ...,
    ) -> Iterator[str]: ...

    def generate(
        self,
        model: str,
        prompt: str,
        *,
        length: int = 100,
        temperature: float = 1.0,
        top_k: int | None = None,
        seed: int = 0,
        stream: bool = False,
        version: int | None = None,
        label: str | None = None,
    ) -> str | Iterator[str]:
        """The continuation of a text.

        Args:
            model: its name.
            prompt: how the text begins.
            length: tokens to write.
            temperature: below 1 for safer, above for more surprising text.
            top_k: how many of the likeliest tokens may be drawn; None is all.
            seed: same seed, same text.
            stream: whether the tokens are wanted as they come; closing the iterator
                lets the server stop.
            version: None asks the newest.
            label: of the version, instead of its number.

        Returns:
            The text without the prompt, or an iterator over its tokens.
        """
        which = Which(model, version, label)
        call = client_call.generate(
            which, prompt, length, temperature, top_k, seed, stream
        )
        return (
            self._transport.tokens(call) if stream else str(self._transport.ask(call))
        )

    def status(
        self, model: str, version: int | None = None, label: str | None = None
    ) -> list[dict[str, Any]]:
        """State of every version of a model, newest first, or of one."""
        return list(
            self._transport.ask(client_call.status(Which(model, version, label)))
        )

    def versions(self, model: str) -> list[int]:
        """Numbers of the versions that answer, newest first."""
        return list(self._transport.ask(client_call.versions(model)))

    def metadata(
        self, model: str, version: int | None = None, label: str | None = None
    ) -> dict[str, Any]:
        """Inputs and outputs of a model, in TensorFlow Serving's terms."""
        return dict(
            self._transport.ask(client_call.metadata(Which(model, version, label)))
        )

    def live(self) -> bool:
        """Whether the server runs; TensorFlow Serving has no word for it."""
        return bool(self._transport.ask(client_call.live()))

    def ready(self, model: str | None = None) -> bool:
        """Whether the server has a model to serve, or whether one model answers.

        TensorFlow Serving only knows the latter.
        """
        return bool(self._transport.ask(client_call.ready(model)))
