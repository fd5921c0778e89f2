"""The description of the server for other programs, at `/openapi.json`."""

import json

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kerasheet_serving.registry import Registry


def openapi_routes(registry: Registry) -> list[Route]:
    """The route of the description, which is made when it is asked for."""

    async def document(request: Request) -> Response:
        from kerasheet_serving.openapi.document import describe  # seldom asked for

        content = json.dumps(describe(registry), ensure_ascii=False).encode()
        return Response(content, media_type="application/json")

    return [Route("/openapi.json", document)]
