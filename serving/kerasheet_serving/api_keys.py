"""Keys that clients show, and what a server keeps of them.

A key is 32 random bytes, so nobody finds it by trying, however fast the hash: a slow
one, as passwords need, would only make every request slow. For the same reason a key
that someone thought of is not accepted, whatever its hash.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable

_PREFIX = "ks_"
_BYTES = 32
_LENGTH = len(_PREFIX) + (_BYTES * 8 + 5) // 6


def new_key() -> str:
    """Make a key."""
    return _PREFIX + secrets.token_urlsafe(_BYTES)


def hash_key(key: str) -> str:
    """What a server keeps of a key, and from which nobody gets it back."""
    return f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def is_known(key: str, hashes: Iterable[str]) -> bool:
    """Whether a key has one of some hashes; takes as long whichever it is.

    A key that is not made as `new_key` makes them is not known.
    """
    if len(key) != _LENGTH or not key.startswith(_PREFIX):
        return False
    hashed = hash_key(key)
    return sum(hmac.compare_digest(hashed, one) for one in hashes) > 0
