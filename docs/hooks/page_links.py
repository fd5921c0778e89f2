"""Pages that stand elsewhere in the repository, and links between its files."""

import os
import re
from functools import cache
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
FILES = "files"
"""Directory of the site for what is not a page: pictures."""

_INCLUDE = re.compile(r"^<!-- include: (\S+?)(?:#([^>]+?))? -->$", re.MULTILINE)
_FENCE = re.compile(r"(^ *```.*?^ *```$)", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?P<mark>!?)\[(?P<text>[^\]]+)\]\((?P<to>[^)\s]+)\)")
_PATH = re.compile(r"(?<!\[)`(?P<to>[\w.-]+/[\w./-]*|[A-Z]+\.md)`(?!\])")


class BrokenLink(Exception):
    """A link, or an inclusion, leads to nothing in the repository."""


@cache
def pages() -> dict[str, str]:
    """Where each Markdown file is in the site, and each directory with a README.

    Both paths are of a file: in the repository, and in docs/. The page of a file
    outside of docs/ is the one that includes all of it.
    """
    found = {}
    for path in sorted(DOCS.rglob("*.md")):
        page = path.relative_to(DOCS).as_posix()
        found[f"docs/{page}"] = page
        for file, heading in _INCLUDE.findall(path.read_text()):
            if not heading:
                found[file] = page
                found[str(PurePosixPath(file).parent)] = page
    found["notebooks"] = "notebooks/index.md"
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        found[f"notebooks/{path.name}"] = f"notebooks/{path.stem}.md"
    found["README.md"] = "index.md"
    found.pop(".", None)
    return found


def included(page: str) -> list[Path]:
    """Files that a page of docs/ takes text from."""
    text = (DOCS / page).read_text()
    return [ROOT / file for file, _ in _INCLUDE.findall(text)]


def read_page(page: str) -> str:
    """Markdown of a page of docs/, with what it includes and all links between pages.

    Raises:
        BrokenLink: a link or an inclusion leads to nothing.
    """
    parts = _INCLUDE.split((DOCS / page).read_text())
    text = resolve_links(parts[0], f"docs/{page}", page)
    for file, heading, own in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        whole = (ROOT / file).read_text()
        taken = section(whole, heading, file) if heading else whole
        text += resolve_links(taken, file, page)
        text += resolve_links(own, f"docs/{page}", page)
    return text


def section(text: str, heading: str, file: str) -> str:
    """What stands below a heading, and the heading, up to the next of its rank."""
    start = re.search(rf"^(#+) {re.escape(heading)}$", text, re.MULTILINE)
    if start is None:
        raise BrokenLink(f"{file} has no heading {heading!r}.")
    end = re.compile(rf"^#{{1,{len(start[1])}}} ", re.MULTILINE)
    outside = _FENCE.sub(lambda fence: "\0" * len(fence[0]), text)
    following = end.search(outside, start.end())
    return text[start.start() : following.start() if following else None]


def resolve_links(text: str, source: str, page: str) -> str:
    """Markdown of a file, with its links as they have to be on a page of the site.

    Files that are no page are named and not linked; a path in code that is one, is.

    Args:
        text: Markdown.
        source: the file it is from, in the repository.
        page: the page it comes to stand on, in docs/.

    Raises:
        BrokenLink: a link leads to nothing.
    """
    directory = os.path.dirname(source)

    def link(match: re.Match[str]) -> str:
        to, _, anchor = match["to"].partition("#")
        if not to or re.match(r"[a-z]+:|\w+_files/", to):  # _files: a notebook's own
            return match[0]
        path = os.path.normpath(os.path.join(directory, to))
        if path in pages():
            target = _relative(pages()[path], page) + ("#" + anchor if anchor else "")
            return f"[{match['text']}]({target})"
        if not (ROOT / path).exists():
            raise BrokenLink(f"{source} links to {match['to']}, which is nothing.")
        if match["mark"]:
            inside = path.startswith("docs/")
            picture = path.removeprefix("docs/") if inside else f"{FILES}/{path}"
            return f"![{match['text']}]({_relative(picture, page)})"
        return match["text"]

    def path_in_code(match: re.Match[str]) -> str:
        to = match["to"].rstrip("/")
        for path in (to, os.path.normpath(os.path.join(directory, to))):
            if path in pages() and pages()[path] != page:
                return f"[{match[0]}]({_relative(pages()[path], page)})"
        return match[0]

    parts = _FENCE.split(text)
    parts[::2] = [_PATH.sub(path_in_code, _LINK.sub(link, part)) for part in parts[::2]]
    return "".join(parts)


def _relative(target: str, page: str) -> str:
    return os.path.relpath(target, os.path.dirname(page) or ".")


def pictures() -> dict[str, Path]:
    """Pictures that do not stand in docs/, by their paths in the site."""
    plots = sorted((ROOT / "benchmarks" / "results").glob("*.svg"))
    icon = ROOT / "serving" / "kerasheet_serving" / "page" / "static" / "icon.svg"
    return {
        "assets/icon.svg": icon,
        **{f"{FILES}/{plot.relative_to(ROOT).as_posix()}": plot for plot in plots},
    }
