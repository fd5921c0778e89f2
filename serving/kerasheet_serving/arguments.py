"""The options of the command `kerasheet-serve`."""

import argparse
import os
from pathlib import Path

from kerasheet_serving.settings import Settings

_EXAMPLES = """\
examples:
  %(prog)s models/                   every model below models/, on port 8501
  %(prog)s models/ --port 0          on a free port, which the first line tells
  %(prog)s models/ --host 0.0.0.0    to other machines too

A repository holds <model>/<version>/, as `kerasheet export` writes it. The newest
version of a model answers /v1/models/<model>:predict; an older one answers
/v1/models/<model>/versions/<version>:predict. Ctrl-C stops the server.
"""

_LONGEST_POLL = 86400


def parser(program: str, description: str) -> argparse.ArgumentParser:
    """What reads the command line.

    Args:
        program: name to show in help and errors.
        description: what the command does.
    """
    result = argparse.ArgumentParser(
        prog=program,
        description=description,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    result.add_argument("repository", type=Path, help="directory of the models")
    result.add_argument(
        "--host",
        type=_host,
        default=Settings.host,
        help="address to listen on (default: %(default)s)",
    )
    result.add_argument(
        "--port",
        type=_port,
        default=Settings.port,
        help="TCP port; 0 picks a free one (default: %(default)s)",
    )
    result.add_argument(
        "--threads",
        type=_threads,
        metavar="N",
        help="CPU threads of each model (default: one per core)",
    )
    result.add_argument(
        "--models",
        type=Path,
        metavar="FILE",
        help="TOML: [models.NAME] with latest = N or versions = [...], and labels",
    )
    result.add_argument(
        "--poll",
        type=_seconds,
        default=Settings.poll_seconds,
        metavar="SECONDS",
        help="how often to look for new versions; 0 is never (default: %(default)s)",
    )
    result.add_argument(
        "--verbose", action="store_true", help="log every request to standard error"
    )
    return result


def _host(text: str) -> str:
    if not text:  # the system would take it for every address of the machine
        raise argparse.ArgumentTypeError(
            f"{text!r} is not an address; 127.0.0.1 is this machine only, 0.0.0.0 "
            "every network it is in"
        )
    return text


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port, from 0 to 65535")
    return int(text)


def _threads(text: str) -> int:
    cores = os.cpu_count() or 1
    if not text.isdecimal() or not 1 <= int(text) <= cores:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a number of threads from 1 to the {cores} cores here"
        )
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= _LONGEST_POLL:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a number of seconds from 0 to {_LONGEST_POLL}"
        )
    return seconds
