"""Writes docs/licences.md: what we depend on, why, and under which licences.

The reasons are the comments in the three `pyproject.toml`, the licences are what the
installed packages say of themselves. `make licences` runs it.
"""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/licences.md"
PROJECTS = {
    "kerasheet": ROOT / "pyproject.toml",
    "kerasheet-export": ROOT / "export/pyproject.toml",
    "kerasheet-serving": ROOT / "serving/pyproject.toml",
}

# By their files: of packages whose metadata say nothing, or which .venv has not.
BY_HAND = {"namex": "Apache-2.0", "pysimdjson": "MIT", "ray": "Apache-2.0"}

# Words of metadata for one licence; SPDX expressions stand for themselves.
WORDS = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD 3-Clause": "BSD-3-Clause",
    "BSD License": "BSD",
    "ISC License": "ISC",
    "MIT License": "MIT",
    "Python Software Foundation License": "PSF-2.0",
}
KNOWN = {
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-CMU",
    "MPL-2.0",
    "PSF-2.0",
    "Zlib",
}

HEAD = """\
# Licences

kerasheet is under the [Apache License 2.0](../LICENSE). This page is made by
`make licences`, from the comments in `pyproject.toml` and what the packages say of
themselves; where they say only "BSD", they leave open which of its forms.

Nothing of them is copied into our distributions but the protocol of
[open_inference.proto](../serving/kerasheet_serving/grpc/open_inference.proto), which is
from KServe, Apache-2.0: [serving/NOTICE](../serving/NOTICE). The extra `cuda` also
brings libraries under licences of NVIDIA's own, which are not open source.
"""


class Dependency(NamedTuple):
    """What one distribution asks for itself.

    Args:
        package: its name.
        extra: that asks for it; empty for a plain install.
        why: the comment beside it.
    """

    package: str
    extra: str
    why: str


def direct(distribution: str) -> Iterator[Dependency]:
    """Dependencies in the order of the file.

    Raises:
        ValueError: one has no comment.
    """
    text = PROJECTS[distribution].read_text()
    table = tomllib.loads(text)
    project = table["project"]
    filled_in = table["tool"]["hatch"].get("metadata", {}).get("hooks", {})
    plain = project.get("dependencies") or filled_in["custom"]["dependencies"]
    groups = {"": plain, **project.get("optional-dependencies", {})}
    for extra, requirements in groups.items():
        for requirement in requirements:
            why = re.search(rf'"{re.escape(requirement)}"[\],]* *# (.+)', text)
            if not why:
                raise ValueError(
                    f"{requirement!r} of {distribution} has no comment that says what "
                    "it is for. Write one behind it, on the same line."
                )
            name = re.match(r"[\w.-]+", requirement)
            assert name
            yield Dependency(name[0], extra, why[1])


def licence(package: str) -> str:
    """The licence of an installed package.

    Raises:
        ValueError: it is not installed, or says nothing that is known.
    """
    if package in PROJECTS:
        return str(tomllib.loads(PROJECTS[package].read_text())["project"]["license"])
    if package in BY_HAND:
        return BY_HAND[package]
    try:
        said = metadata.metadata(package)
    except metadata.PackageNotFoundError as error:
        raise ValueError(f"{package} is not installed; `pip install` it.") from error
    classifiers = [
        line.rpartition(" :: ")[2] for line in said.get_all("Classifier", [])
    ]
    for words in (said["License-Expression"], said["License"], *classifiers):
        found = WORDS.get(words, words)
        if found and is_known(found):
            return str(found)
    raise ValueError(
        f"{package} says of no licence that is known. Read its file, and add it to "
        "BY_HAND, WORDS or KNOWN."
    )


def is_known(expression: str) -> bool:
    """Whether every licence of an SPDX expression is."""
    return set(re.split(r" AND | OR ", expression)) <= KNOWN


def brought_by(distribution: str) -> set[str]:
    """All packages that a plain install of a distribution brings."""
    found: set[tuple[str, str]] = set()
    waiting = [
        (dependency.package, "")
        for dependency in direct(distribution)
        if not dependency.extra
    ]
    if distribution == "kerasheet-export":
        waiting.append(("kerasheet-serving", "client"))
    while waiting:
        package, extra = waiting.pop()
        if (package, extra) in found:
            continue
        found.add((package, extra))
        for text in metadata.requires(package) or ():
            one = Requirement(text)
            if one.marker is None or one.marker.evaluate({"extra": extra}):
                name = canonicalize_name(one.name)
                waiting += [(name, asked) for asked in ("", *sorted(one.extras))]
    return {package for package, _ in found} - PROJECTS.keys()


def page() -> str:
    """The whole of docs/licences.md."""
    parts = [HEAD, "## What we ask for, and why\n"]
    for distribution in PROJECTS:
        parts += [f"### {distribution}\n", _reasons(distribution)]
    parts.append("## What a plain install brings\n")
    for distribution in PROJECTS:
        packages = brought_by(distribution)
        parts += [
            f"### {distribution}: {len(packages)} packages\n",
            _licences(packages),
        ]
    return "\n".join(parts)


def _reasons(distribution: str) -> str:
    lines = ["| package | extra | licence | what it is for |", "|---|---|---|---|"]
    for package, extra, why in direct(distribution):
        lines.append(f"| {package} | {extra} | {licence(package)} | {why} |")
    return "\n".join(lines) + "\n"


def _licences(packages: set[str]) -> str:
    by_licence = defaultdict(list)
    for package in sorted(packages):
        by_licence[licence(package)].append(package)
    lines = ["| licence | packages |", "|---|---|"]
    lines += [
        f"| {name} | {', '.join(by_licence[name])} |" for name in sorted(by_licence)
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page())
