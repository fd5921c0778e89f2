"""Requests spoilt at random, by a seed: bytes changed, cut, doubled, values swapped."""

import json
from urllib.parse import quote

VALUES = [
    None,
    True,
    0,
    -1,
    2**63,
    -(2**70),
    10**400,
    10**4299,  # as many digits as Python reads
    1e308,
    float("nan"),
    float("inf"),
    "",
    "\x00",
    "\ud800",
    "é",
    [],
    {},
    [[]],
    [1, [2]],
    {"b64": "AA=="},
    {"b64": "%"},
    {"b64": 1},
    [None] * 3,
]
PARTS = [
    *("..", "%2e%2e", "\x00", "a" * 300, "é", ":", "/"),
    *("versions", "labels", "1", "9" * 5000, "0" * 5000 + "1"),
]


def spoil(random, method, path, body, headers):
    """The request with one or two things changed."""
    for _ in range(random.choice((1, 1, 2))):
        kind = random.random()
        if body and kind < 0.45:
            body = _other_value(random, body)
        elif body and kind < 0.75:
            body = _other_bytes(random, body)
        elif kind < 0.9:
            path = _other_path(random, path)
        elif kind < 0.95:
            length = str(random.choice((0, 1, len(body), len(body) + 1, -1, "x")))
            headers = [
                *headers,
                (b"inference-header-content-length", length.encode()),
            ]
        else:
            headers = [*headers, (b"content-encoding", b"gzip")]
    return method, path, body, headers


def _other_value(random, body):
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return _other_bytes(random, body)
    places = list(_places(document))
    if places:
        where, key = random.choice(places)
        if random.random() < 0.2:
            del where[key]
        elif random.random() < 0.2 and isinstance(where, dict):
            where[key + "x"] = where.pop(key)
        else:
            where[key] = random.choice(VALUES)
    return json.dumps(document).encode()


def _places(value):
    if isinstance(value, dict | list):
        keys = list(value) if isinstance(value, dict) else range(len(value))
        for key in keys:
            yield value, key
            yield from _places(value[key])


def _other_bytes(random, body):
    begin, end = sorted(random.randrange(len(body) + 1) for _ in range(2))
    match random.randrange(4):
        case 0:
            return body[:begin]
        case 1:
            return body[:begin] + random.randbytes(3) + body[begin:]
        case 2:
            return body[:begin] + body[end:]
        case _:
            return body[:end] + body[begin:]


def _other_path(random, path):
    parts = path.split("/")
    where = random.randrange(1, len(parts))
    part = random.choice(PARTS)
    match random.randrange(3):
        case 0:
            parts[where] = part
        case 1:
            parts.insert(where, part)
        case _:
            parts[where] += quote(part)
    return "/".join(parts)
