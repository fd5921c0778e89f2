"""JSON values into dataclasses, refusing whatever has another type."""

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, get_args, get_origin, get_type_hints

_WORDS = {
    int: "a whole number",
    float: "a number",
    str: "a string",
    tuple: "a list",
    Mapping: "an object",
}


def from_json(kind: Any, value: Any, where: str) -> Any:
    """Build a `kind` from the JSON value `value`.

    Args:
        kind: a dataclass, `tuple[kind, ...]`, `Mapping[str, kind]`, a union, or one
            of int, float and str. Members a dataclass does not have are ignored.
        value: what `json.loads` returned.
        where: name of the value, for the error.

    Raises:
        TypeError: the value, or one inside it, is of another type or missing.
    """
    if is_dataclass(kind):
        return _dataclass_from_json(kind, value, where)
    if get_origin(kind) is tuple:
        _require(list, tuple, value, where)
        item_kind = get_args(kind)[0]
        return tuple(
            from_json(item_kind, item, f"{where}[{index}]")
            for index, item in enumerate(value)
        )
    if get_origin(kind) is Mapping:
        _require(dict, Mapping, value, where)
        item_kind = get_args(kind)[1]
        return {
            name: from_json(item_kind, item, f"{where}.{name}")
            for name, item in value.items()
        }
    kinds = get_args(kind) or (kind,)
    if type(value) in kinds or (float in kinds and type(value) is int):
        return value
    raise TypeError(_expected(where, " or ".join(_WORDS[k] for k in kinds), value))


def _dataclass_from_json(kind: Any, value: Any, where: str) -> Any:
    _require(dict, Mapping, value, where)
    for field in fields(kind):
        required = field.default is MISSING and field.default_factory is MISSING
        if required and field.name not in value:
            raise TypeError(f"{where} has no {field.name!r}")
    return kind(
        **{
            name: from_json(hint, value[name], f"{where}.{name}")
            for name, hint in get_type_hints(kind).items()
            if name in value
        }
    )


def _require(found: type, word: type, value: Any, where: str) -> None:
    if type(value) is not found:
        raise TypeError(_expected(where, _WORDS[word], value))


def _expected(where: str, words: str, value: Any) -> str:
    return f"{where} must be {words}, not {value!r:.80}"
