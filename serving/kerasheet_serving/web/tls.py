"""The certificate that a server shows, checked before it listens."""

import ssl
from pathlib import Path
from typing import NoReturn

from kerasheet_serving.errors import AddressError


def check_certificate(cert: Path, key: Path) -> None:
    """Refuse a certificate and a key with which no server could speak TLS.

    Args:
        cert: file of the certificate, in PEM.
        key: file of its private key, in PEM.

    Raises:
        AddressError: one cannot be read, is in no such format or has a password, or the
            key belongs to another certificate.
    """
    for option, path in (("--tls-cert", cert), ("--tls-key", key)):
        try:
            path.read_bytes()
        except OSError as error:
            raise AddressError(
                f"Cannot read {path}, given as {option}: {error.strerror}."
            ) from error

    def refuse_password() -> NoReturn:
        raise AddressError(
            f"The key {key} has a password, which nobody could type here. Take it off "
            "with `openssl pkey`."
        )

    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key, refuse_password)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise AddressError(
                f"The key {key} belongs to another certificate than {cert}. Give the "
                "two that were made together."
            ) from error
        raise AddressError(
            f"{cert} and {key} are no certificate and private key in PEM: "
            f"{error.reason or error}."
        ) from error
