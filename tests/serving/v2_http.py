"""Requests of the Open Inference Protocol, to the model M that halves and adds two."""

import json

LENGTH = "Inference-Header-Content-Length"


def x(data=(2.0, 3.0, 4.0), shape=(3, 1), **members):
    """An input of M that is right, but for what is given."""
    right = {"name": "x", "datatype": "FP32", "shape": shape, "data": data}
    return {name: m for name, m in (right | members).items() if m is not None}


def ask_binary(v2, path, header, content):
    """Ask with bytes; returns the answer, its JSON and the bytes after it."""
    text = json.dumps(header).encode()
    headers = {LENGTH: str(len(text))}
    answer = v2.ask(
        "POST", f"/v2/models/{path}/infer", content=text + content, headers=headers
    )
    end = int(answer.headers.get(LENGTH, len(answer.content)))
    return answer, json.loads(answer.content[:end]), answer.content[end:]


def binary(size, **members):
    """An input of M that is sent as bytes."""
    return x(None, parameters={"binary_data_size": size}, **members)
