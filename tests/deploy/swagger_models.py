"""Checks documents against the classes that generators of OpenAPI clients write.

KServe publishes its schema in its Python package only so: every class of
`kserve.models` lists its members and their types, those of Kubernetes among them.
"""

import importlib
import importlib.util
import re
import sys
from datetime import datetime
from types import ModuleType

SIMPLE = {
    "str": str,
    "int": int,
    "float": (int, float),
    "bool": bool,
    "object": object,
    "datetime": datetime,
    "ResourceQuantity": (int, str),
    "KnativeVolatileTime": str,
}


def kserve_models():
    """The classes of `kserve`, without its server, which needs much more installed."""
    spec = importlib.util.find_spec("kserve")
    package = ModuleType("kserve")
    package.__path__ = spec.submodule_search_locations
    sys.modules["kserve"] = package
    return importlib.import_module("kserve.models")


class Checker:
    """Finds the class of a type in one of several modules."""

    def __init__(self, *modules):
        self.modules = modules

    def problems(self, value, kind, where=""):
        """Yield a sentence on every member that is unknown, missing, or of no fit."""
        if value is None:
            return
        if found := re.fullmatch(r"[lL]ist\[(.+)\]", kind):
            yield from self._of_list(value, found[1], where)
        elif found := re.fullmatch(r"[dD]ict[\[(]str, (.+)[\])]", kind):
            yield from self._of_dict(value, found[1], where)
        elif kind in SIMPLE:
            number = kind in ("int", "float") and isinstance(value, bool)
            if number or not isinstance(value, SIMPLE[kind]):
                yield f"{where}: {value!r} is no {kind}"
        else:
            yield from self._of_class(value, self._class(kind), where)

    def _of_list(self, value, kind, where):
        if not isinstance(value, list):
            yield f"{where}: {value!r} is no list"
            return
        for number, element in enumerate(value):
            yield from self.problems(element, kind, f"{where}[{number}]")

    def _of_dict(self, value, kind, where):
        if not isinstance(value, dict):
            yield f"{where}: {value!r} is no object"
            return
        for name, element in value.items():
            yield from self.problems(element, kind, f"{where}.{name}")

    def _of_class(self, value, known, where):
        if not isinstance(value, dict):
            yield f"{where}: {value!r} is no {known.__name__}"
            return
        members = {json: name for name, json in known.attribute_map.items()}
        for json, element in value.items():
            if json not in members:
                yield f"{where}.{json}: {known.__name__} has no such member"
            else:
                kind = known.openapi_types[members[json]]
                yield from self.problems(element, kind, f"{where}.{json}")
        present = {
            members[json]: element for json, element in value.items() if json in members
        }
        try:
            known(**{name: present.get(name) for name in known.openapi_types})
        except ValueError as error:  # a required member is missing
            yield f"{where}: {error}"

    def _class(self, kind):
        for module in self.modules:
            if hasattr(module, kind):
                return getattr(module, kind)
        raise LookupError(f"no class {kind}")
