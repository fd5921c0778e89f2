"""Text from a command line, the environment or a file into the value of a setting.

Every reader raises `ValueError` with words that follow the name of the setting.
"""

import math
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

Reader = Callable[[str], Any]

_LONGEST = 86400  # seconds, a day
_ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?")


def address(text: str) -> str:
    """Read the address of an interface."""
    if not text:  # the system would take it for every address of the machine
        raise ValueError(
            "'' is not an address; 127.0.0.1 is this machine only, 0.0.0.0 "
            "every network it is in"
        )
    return text


def path(text: str) -> Path:
    """Read the path of a file or directory."""
    if not text:
        raise ValueError("'' is not a path")
    return Path(text)


def whole(words: str, least: int, most: int) -> Reader:
    """Make what reads a whole number.

    Args:
        words: what it is, such as `"a port"`.
        least: that it may be.
        most: that it may be.
    """

    def read(text: str) -> int:
        digits = text.isascii() and text.isdecimal() and len(text) <= len(str(most))
        if not digits or not least <= int(text) <= most:
            raise ValueError(f"{text!r} is not {words}, from {least} to {most}")
        return int(text)

    return read


def unless_off(read: Reader) -> Reader:
    """Make what reads `off` as None, and other text as `read` does."""

    def read_or_off(text: str) -> Any:
        try:
            return None if text == "off" else read(text)
        except ValueError as error:
            raise ValueError(f"{error}, or off") from error

    return read_or_off


def threads(text: str) -> int:
    """Read a number of threads, of which there are no more than cores."""
    cores = os.cpu_count() or 1
    if not text.isdecimal() or not 1 <= int(text) <= cores:
        raise ValueError(
            f"{text!r} is not a number of threads from 1 to the {cores} cores here"
        )
    return int(text)


def truth(text: str) -> bool:
    """Read whether something is wanted."""
    wanted = {"true": True, "1": True, "false": False, "0": False}.get(text.lower())
    if wanted is None:
        raise ValueError(f"{text!r} is neither true nor false")
    return wanted


def seconds(least: float = 0) -> Reader:
    """Make what reads a time of at least `least` seconds, and at most a day."""

    def read(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not least <= number <= _LONGEST:
            raise ValueError(
                f"{text!r} is not a number of seconds from {least:g} to {_LONGEST}"
            )
        return number

    return read


def one_of(*words: str) -> Reader:
    """Make what reads one of several words."""

    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"{text!r} is not one of {', '.join(words)}")
        return text

    return read


def several(read: Reader) -> Reader:
    """Make what reads values separated by commas."""

    def read_all(text: str) -> tuple[Any, ...]:
        return tuple(read(part.strip()) for part in text.split(",") if part.strip())

    return read_all


def origin(text: str) -> str:
    """Read the origin of web pages, as browsers send it."""
    if not _ORIGIN.fullmatch(text):
        raise ValueError(
            f"{text!r} is not an origin, such as https://example.org or "
            "http://localhost:8080"
        )
    return text


def key_hash(text: str) -> str:
    """Read the hash of an API key."""
    if not re.fullmatch("sha256:[0-9a-f]{64}", text):
        raise ValueError(
            "an entry is not sha256: and 64 hexadecimal digits, as --new-key prints "
            "them"
        )
    return text
