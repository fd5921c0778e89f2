"""An application that takes the body of a request and answers nothing of it.

python socket_app.py PORT
"""

import sys

import uvicorn


async def app(scope, receive, send):
    """Answer once the body is there."""
    if scope["type"] == "http":
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_level="error", access_log=False)
