"""A server that answers what it is told to, byte by byte if it must."""

import socket
import threading
from contextlib import contextmanager, suppress


class Scripted:
    """Answers one request after the other, each with the next of the answers.

    Attributes:
        url: where it listens.
        requests: bytes of every request that came.
        connections: how many were made.
    """

    def __init__(self, listener, answers):
        host, port = listener.getsockname()
        self.url = f"http://{host}:{port}"
        self.requests = []
        self.connections = 0
        self._listener = listener
        self._answers = list(answers)

    def run(self):
        while self._answers:
            try:
                connection, _ = self._listener.accept()
            except OSError:  # closed: nobody asks any more
                return
            self.connections += 1
            with connection:
                while self._answers and (request := _request(connection)):
                    self.requests.append(request)
                    self._answers.pop(0)(connection)


@contextmanager
def scripted(*answers):
    """Start a server of answers: each a function that is given the connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Scripted(listener, answers)
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def answer(status, body=b'{"error": "no"}', **headers):
    """An answer of HTTP."""
    lines = [f"HTTP/1.1 {status} Status", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = "\r\n".join(lines).encode() + b"\r\n\r\n"
    return lambda connection: connection.sendall(head + body)


def parts(*contents, status=200):
    """An answer whose end is the connection's."""

    def send(connection):
        connection.sendall(f"HTTP/1.1 {status} OK\r\n\r\n".encode())
        for content in contents:
            connection.sendall(content)
        connection.shutdown(socket.SHUT_WR)

    return send


def dribble(connection):
    """A head that never ends, a byte at a time, until the client leaves."""
    connection.settimeout(0.01)
    with suppress(ConnectionError):
        connection.sendall(b"HTTP/1.1 200 OK\r\nA: ")
        while True:
            try:
                if not connection.recv(1):
                    return
            except TimeoutError:
                connection.sendall(b"a")


def _request(connection):
    content = b""
    while b"\r\n\r\n" not in content:
        part = connection.recv(65536)
        if not part:
            return b""
        content += part
    head, _, body = content.partition(b"\r\n\r\n")
    lengths = [
        int(line.split(b":")[1])
        for line in head.lower().split(b"\r\n")
        if line.startswith(b"content-length:")
    ]
    while len(body) < sum(lengths):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body
