"""Runs the notebooks and makes a page of each, with all that it prints and draws.

`python docs/hooks/notebook_pages.py` does what `make docs` needs: a notebook that has
been run with the same library is not run again. A cell that fails ends it with 1.
"""

import asyncio
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError
from nbconvert import MarkdownExporter

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "notebooks"
PAGES = ROOT / ".notebook_cache"
SOURCES = ("kerasheet", "export/kerasheet_export", "serving/kerasheet_serving")
CELL_SECONDS = 120
AT_ONCE = 2


def key(path: Path, library: bytes) -> str:
    """What the page of a notebook depends on, as a hash."""
    return hashlib.sha256(path.read_bytes() + library).hexdigest()


def library_hash() -> bytes:
    """All code that a notebook may run, and the versions of what that runs on."""
    files = sorted(file for name in SOURCES for file in (ROOT / name).rglob("*.py"))
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for file in (*files, ROOT / "constraints.txt"):
        digest.update(file.read_bytes())
    return digest.digest()


async def build(path: Path, library: bytes, slots: asyncio.Semaphore) -> bool:
    """Make the page of a notebook, if it is not there; whether all its cells ran."""
    stamp = PAGES / f"{path.stem}.key"
    if stamp.exists() and stamp.read_text() == key(path, library):
        print(f"{path.name}: as it was", flush=True)
        return True
    async with slots:
        started = time.monotonic()
        notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
        try:
            await run(notebook)
        except (CellExecutionError, CellTimeoutError) as error:
            print(f"{path.name} failed:\n{error}", file=sys.stderr, flush=True)
            return False
        print(f"{path.name}: {time.monotonic() - started:.0f} s", flush=True)
    write_page(notebook, path.stem)
    stamp.write_text(key(path, library))
    return True


async def run(notebook: nbformat.NotebookNode) -> None:
    """Run all cells in order, in an empty directory."""
    with tempfile.TemporaryDirectory() as directory:
        where = {"metadata": {"path": directory}}
        client = NotebookClient(notebook, timeout=CELL_SECONDS, resources=where)
        await client.async_execute(stderr=subprocess.DEVNULL)  # TensorFlow's greeting


def write_page(notebook: nbformat.NotebookNode, name: str) -> None:
    """Write a notebook as Markdown, and its pictures beside it."""
    resources = {"unique_key": name, "output_files_dir": f"{name}_files"}
    exporter = MarkdownExporter()  # type: ignore[no-untyped-call]
    text, written = exporter.from_notebook_node(notebook, resources)
    (PAGES / f"{name}_files").mkdir(exist_ok=True)
    for file, content in written["outputs"].items():
        (PAGES / file).write_bytes(content)
    (PAGES / f"{name}.md").write_text(text.replace("![png](", "![what the cell drew]("))


async def build_all() -> bool:
    """Make all pages, some at once; whether every notebook ran."""
    library, slots = library_hash(), asyncio.Semaphore(AT_ONCE)
    paths = sorted(NOTEBOOKS.glob("*.ipynb"))
    done = await asyncio.gather(*(build(path, library, slots) for path in paths))
    return all(done)


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    PAGES.mkdir(exist_ok=True)
    raise SystemExit(0 if asyncio.run(build_all()) else 1)
