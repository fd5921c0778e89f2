"""Keys that clients show, and what a server keeps of them.

A key is 32 random bytes, so nobody finds it by trying, however fast the hash: a slow
one, as passwords need, would only make every request slow. For the same reason a key
that someone thought of is not accepted, whatever its hash.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable

from kerasheet_serving.errors import Unauthenticated

_PREFIX = "ks_"
_BYTES = 32
_LENGTH = len(_PREFIX) + (_BYTES * 8 + 5) // 6


def new_key() -> str:
    """Make a key."""
    return _PREFIX + secrets.token_urlsafe(_BYTES)


def hash_key(key: str) -> str:
    """What a server keeps of a key, and from which nobody gets it back."""
    return f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def require_key(
    hashes: Iterable[str], authorization: str | None, api_key: str | None
) -> None:
    """Let a request pass if it shows a key that is known.

    Args:
        hashes: of the keys that are.
        authorization: what the request says in `Authorization`: `Bearer` and a key.
        api_key: what it says in `X-API-Key`: a key.

    Raises:
        Unauthenticated: it shows none, or another.
    """
    scheme, _, key = (authorization or "").partition(" ")
    shown = key.strip() if scheme.lower() == "bearer" else api_key
    if not shown:
        raise Unauthenticated(
            "This needs an API key. Send one as 'Authorization: Bearer KEY' or "
            "'X-API-Key: KEY'."
        )
    if not is_known(shown, hashes):
        raise Unauthenticated("The API key is not one that this server knows.")


def is_known(key: str, hashes: Iterable[str]) -> bool:
    """Whether a key has one of some hashes; takes as long whichever it is.

    A key that is not made as `new_key` makes them is not known.
    """
    if len(key) != _LENGTH or not key.startswith(_PREFIX):
        return False
    hashed = hash_key(key)
    return sum(hmac.compare_digest(hashed, one) for one in hashes) > 0
