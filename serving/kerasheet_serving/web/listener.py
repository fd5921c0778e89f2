"""The socket that a server listens on, from its first moment to its last."""

import ctypes
import errno
import ipaddress
import socket
import struct
import sys

from kerasheet_serving.errors import AddressError, PortInUse
from kerasheet_serving.settings import Settings

_WAITING, _TOLD_BYTES = 24, 28  # of `struct tcp_info`: what a listener has to accept
_SO_ATTACH_FILTER = 26  # of Linux, which Python does not name
_LOAD_BYTE, _JUMP_IF_SET, _RETURN = 0x30, 0x45, 0x06
_TCP_FLAGS, _SYN = 13, 0x02
_DROP_SYN = (
    (_LOAD_BYTE, 0, 0, _TCP_FLAGS),
    (_JUMP_IF_SET, 0, 1, _SYN),
    (_RETURN, 0, 0, 0),
    (_RETURN, 0, 0, 0xFFFF),
)


def listen(settings: Settings, shared: bool = False) -> socket.socket:
    """Listen on the address of the settings.

    Args:
        settings: of the server.
        shared: whether other processes listen there too, and each gets some of those
            who connect; `hold` must hold the port.

    Raises:
        PortInUse: another process does.
        AddressError: there is no such address here, or it may not be used.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    address = (settings.host, settings.port)
    try:
        listener = socket.create_server(address, family=family, reuse_port=shared)
    except OSError as error:
        raise refused(error, *address, "--port") from error
    # Connections inherit it; without it a kept-alive client waits 40 ms for an answer.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def hold(host: str, port: int, option: str, shared: bool = False) -> socket.socket:
    """Take a port on which others of this user are going to listen.

    Args:
        host: address that they listen on.
        port: that they listen on; 0 picks a free one.
        option: that tells the port.
        shared: whether they may do so already.

    Raises:
        PortInUse: another process listens there.
        AddressError: there is no such address here, or it may not be used.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    holder = socket.socket(family)
    try:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if shared:
            holder.bind((host, port))
        else:
            # Only one that shares nothing finds out whether somebody else is there, and
            # only one that may not reuse the address keeps others of its kind away.
            with socket.socket(family) as first:
                first.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                first.bind((host, port))
                first.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
                holder.bind(first.getsockname())
    except OSError as error:
        holder.close()
        raise refused(error, host, port, option) from error
    return holder


def refused(error: OSError, host: str, port: int, option: str) -> AddressError:
    """What to say when a server cannot listen.

    Args:
        error: of the system.
        host: address that it was to listen on.
        port: that it was to listen on.
        option: that tells the port.
    """
    if error.errno == errno.EADDRINUSE:
        return PortInUse(
            f"Port {port} of {host} is in use. Stop what listens there, or choose "
            f"another with {option}; {option} 0 picks a free one."
        )
    return AddressError(
        f"Cannot listen on port {port} of {host!r}: {error.strerror}. Choose others "
        f"with --host and {option}."
    )


def url(listener: socket.socket, settings: Settings) -> str:
    """Where clients find a server that listens."""
    host, port = listener.getsockname()[:2]
    scheme = "https" if settings.tls_cert else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def is_open(listener: socket.socket) -> bool:
    """Whether other machines may connect."""
    return not ipaddress.ip_address(listener.getsockname()[0]).is_loopback


def turn_away(listener: socket.socket) -> None:
    """Let nobody begin to connect any more, where the system can do so.

    Those who have connected and wait to be accepted still can be. To close the socket
    would throw them out, although they may have sent a request already.
    """
    if sys.platform != "linux":
        return
    program = b"".join(struct.pack("HBBI", *step) for step in _DROP_SYN)
    memory = ctypes.create_string_buffer(program)
    pointer = struct.pack("HP", len(_DROP_SYN), ctypes.addressof(memory))
    try:
        listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, pointer)
    except OSError:  # not in every sandbox; then a moment's connections may be lost
        return


def waiting(listener: socket.socket) -> int:
    """How many have connected and wait to be accepted, where the system tells."""
    if sys.platform != "linux":
        return 0
    told = listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TOLD_BYTES)
    return int.from_bytes(told[_WAITING:_TOLD_BYTES], sys.byteorder)
