"""The page on which a person tries the models: its files, and what it asks for."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kerasheet_serving.errors import NotFound
from kerasheet_serving.page.models import describe_models
from kerasheet_serving.registry import Registry

INDEX = "index.html"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True)
class _File:
    content: bytes
    media_type: str
    etag: str


def page_routes(registry: Registry) -> list[Route]:
    """Routes of the page, of the files it is made of, and of the list of models.

    Every address inside the page is relative: it works below any mount.
    """

    async def page(request: Request) -> Response:
        return _answer(request, _files()[INDEX])

    async def part(request: Request) -> Response:
        name = request.path_params["name"]
        file = _files().get(name)
        if file is None:
            raise NotFound(f"The page has no file {name!r}.")
        return _answer(request, file)

    async def models(request: Request) -> Response:
        content = json.dumps(describe_models(registry), allow_nan=False).encode()
        return _answer(request, _File(content, "application/json", _etag(content)))

    return [
        Route("/", page),
        Route("/page/{name}", part),
        Route("/models", models),
    ]


def _answer(request: Request, file: _File) -> Response:
    """The file, or that the browser has it already; it asks again every time."""
    headers = {
        "Cache-Control": "no-cache",
        "ETag": file.etag,
    }
    known = request.headers.get("if-none-match", "")
    if file.etag in (tag.strip().removeprefix("W/") for tag in known.split(",")):
        return Response(None, 304, headers)
    return Response(file.content, 200, headers, file.media_type)


@cache
def _files() -> Mapping[str, _File]:
    """Every file beside the page, by name: what is not among them cannot be read."""
    from importlib.resources import files  # slow to import, and not needed to start

    found = {}
    for path in files("kerasheet_serving.page").joinpath("static").iterdir():
        suffix = path.name[path.name.rfind(".") :]
        if suffix in _TYPES:
            content = path.read_bytes()
            found[path.name] = _File(content, _TYPES[suffix], _etag(content))
    return found


def _etag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'
