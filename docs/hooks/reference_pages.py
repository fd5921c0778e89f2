"""Pages of the reference: a package's public names, and what their docstrings say."""

import re
from functools import cache
from pathlib import Path

import griffe

ROOT = Path(__file__).parents[2]
SOURCES = [ROOT, ROOT / "export", ROOT / "serving"]

PACKAGES = (
    "kerasheet.ops",
    "kerasheet.layers",
    "kerasheet.models",
    "kerasheet.data",
    "kerasheet.language",
    "kerasheet.training",
    "kerasheet_export",
    "kerasheet_serving",
)
"""Whose public names have an entry each."""

DIRECTORIES = {"Layers": "layers", "Formulas": "formulas", "Models": "models"}
"""Of the pages that are made of a package, by their titles in the navigation."""

TITLES = {
    "alexnet": "AlexNet",
    "backprop": "Backpropagation",
    "bptt": "Backpropagation through time",
    "densenet": "DenseNet",
    "googlenet": "GoogLeNet",
    "lenet": "LeNet",
    "mlp": "Multi-layer perceptron",
    "nin": "NiN",
    "recurrence_gradient": "Gradient of the recurrence",
    "resnet": "ResNet",
    "rnn_lm": "Language model",
    "vgg": "VGG",
}
"""Of pages whose module's name is not one."""

_DIRECTIVE = re.compile(r"^<!-- (names|reference): (\S+) -->$", re.MULTILINE)
_NAME = re.compile(
    r"(?<![\[`])`((?:kerasheet|kerasheet_export|kerasheet_serving)\.[\w.]+)`"
)


@cache
def package(name: str) -> griffe.Module:
    """A package as its source has it; nothing is imported."""
    whole, _, part = name.partition(".")
    if part:
        module = package(whole)[part]
    else:
        module = griffe.load(name, search_paths=SOURCES, resolve_aliases=True)
    assert isinstance(module, griffe.Module)
    return module


@cache
def public_names(name: str) -> dict[str, griffe.Object]:
    """What `__all__` of a package lists."""
    entries = map(str, package(name).exports or ())
    return {entry: _find(package(name), entry) for entry in entries}


def _find(module: griffe.Module, entry: str) -> griffe.Object:
    value = module[entry]
    if value.is_module:  # the name of the module that it is in, too
        value = value[entry]
    return value.final_target if value.is_alias else value


def path(name: str, entry: str) -> str:
    """Where the reference looks for a public name of a package."""
    hidden = package(name)[entry].is_module
    return f"{name}.{entry}.{entry}" if hidden else f"{name}.{entry}"


@cache
def generated_pages() -> dict[str, str]:
    """Markdown of the pages that nobody writes, by their paths.

    A page for each layer, and one for each module of formulas and of models.
    """
    layers = public_names("kerasheet.layers")
    found = {f"layers/{layer}.md": _layer_page(layer) for layer in layers}
    for directory in ("formulas", "models"):
        name = {"formulas": "kerasheet.ops", "models": "kerasheet.models"}[directory]
        modules: dict[str, list[griffe.Object]] = {}
        for value in public_names(name).values():
            modules.setdefault(value.canonical_path.split(".")[2], []).append(value)
        modules.pop("MODELS", None)  # of no module: the table of all models
        for module, values in modules.items():
            found[f"{directory}/{module}.md"] = _module_page(name, module, values)
    return found


def _layer_page(layer: str) -> str:
    return (
        f"---\ntitle: {layer}\n---\n\n"
        f"::: kerasheet.layers.{layer}\n    options:\n      heading_level: 1\n"
    )


def _module_page(name: str, module: str, values: list[griffe.Object]) -> str:
    """Functions before the classes of what they return, each in the source's order."""
    title = TITLES.get(module, module.replace("_", " ").capitalize())
    values.sort(key=lambda value: (value.is_class, value.lineno or 0))
    blocks = [f"::: {path(name, value.name)}" for value in values]
    about = _summary(package(f"{name}.{module}"))
    return "\n\n".join([f"# {title}", about, *blocks, ""])


def expand(text: str) -> str:
    """Markdown with tables of names, or all of a reference, where they are asked for.

    `<!-- names: kerasheet.layers -->` is a table, `<!-- reference: kerasheet.data -->`
    the docstrings. Names of the packages in code become links to their entries.
    """
    text = _NAME.sub(_link, text)
    return _DIRECTIVE.sub(lambda found: _EXPANSIONS[found[1]](found[2]), text)


def _link(found: re.Match[str]) -> str:
    name, _, entry = found[1].rpartition(".")
    known = name in PACKAGES and entry in public_names(name)
    return f"[{found[0]}][{path(name, entry)}]" if known else found[0]


def _names(name: str) -> str:
    rows = [
        f"| [`{entry}`][{path(name, entry)}] | {_summary(value)} |"
        for entry, value in public_names(name).items()
    ]
    return "\n".join(["| name | |", "|---|---|", *rows])


def _reference(name: str) -> str:
    return "\n\n".join(f"::: {path(name, entry)}" for entry in public_names(name))


def _summary(value: griffe.Object) -> str:
    text = value.docstring.value if value.docstring else ""
    return " ".join(text.split("\n\n")[0].split()).replace("|", r"\|")


_EXPANSIONS = {"names": _names, "reference": _reference}
