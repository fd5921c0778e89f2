"""What MkDocs calls while it builds the site."""

from pathlib import Path
from typing import Any

from latex_math import show_latex
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from page_links import (
    DOCS,
    ROOT,
    BrokenLink,
    included,
    pictures,
    read_page,
    resolve_links,
)
from reference_pages import DIRECTORIES, expand, generated_pages

NOTEBOOKS = ROOT / "notebooks"
PAGES = ROOT / ".notebook_cache"
"""Pages of the notebooks, which notebook_pages.py makes before."""


def on_config(config: Any) -> Any:
    """Add to the navigation what is made, and leave out what is not there."""
    made = generated_pages()
    lists = {
        "Decisions": [f"decisions/{p.name}" for p in DOCS.glob("decisions/0*.md")],
        "Notebooks": [f"notebooks/{path.name}" for path in _notebooks()],
        **{
            title: [page for page in made if page.startswith(f"{directory}/")]
            for title, directory in DIRECTORIES.items()
        },
    }
    entries = (_entry(entry, lists) for entry in config.nav)
    config.nav = [entry for entry in entries if all(entry.values())]
    return config


def _entry(entry: dict[str, Any], lists: dict[str, list[str]]) -> dict[str, Any]:
    ((title, value),) = entry.items()
    if isinstance(value, str):
        return entry if _is_there(value) else {title: None}
    there = [page for page in value if _is_there(page)]
    return {title: [*there, *sorted(lists.get(title, ()), key=str.lower)]}


def _is_there(entry: str | dict[str, str]) -> bool:
    page = entry if isinstance(entry, str) else next(iter(entry.values()))
    return (DOCS / page).exists() and all(file.exists() for file in included(page))


def _notebooks() -> list[Path]:
    return [p for p in PAGES.glob("*.md") if (NOTEBOOKS / f"{p.stem}.ipynb").exists()]


def on_files(files: Files, config: Any) -> Files:
    """Add pages and pictures that do not stand in docs/."""
    for page, text in generated_pages().items():
        files.append(File.generated(config, page, content=text))
    for address, picture in pictures().items():
        files.append(File.generated(config, address, abs_src_path=str(picture)))
    for path in _notebooks():
        for made in (path, *PAGES.glob(f"{path.stem}_files/*.png")):
            address = f"notebooks/{made.relative_to(PAGES).as_posix()}"
            files.append(File.generated(config, address, abs_src_path=str(made)))
    for file in files.documentation_pages():
        in_docs = (DOCS / file.src_uri).exists()
        if in_docs and not _is_there(file.src_uri):
            files.remove(file)
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Take in what a page includes, and lead its links to pages of the site."""
    address = page.file.src_uri
    try:
        if (DOCS / address).exists():
            return expand(read_page(address))
        if address.startswith("notebooks/"):
            source = address.removesuffix(".md") + ".ipynb"
            return expand(resolve_links(markdown, source, address))
    except BrokenLink as error:
        raise PluginError(str(error)) from None
    return markdown


def on_page_content(html: str, page: Any, **_: Any) -> str:
    """Show the formulas."""
    try:
        return show_latex(html)
    except ValueError as error:
        raise PluginError(f"{page.file.src_uri}: {error}") from None
