"""The options of the command `kerasheet-serve`: one for every setting."""

import argparse
import inspect
import re
from collections.abc import Mapping, Sequence
from dataclasses import Field, fields
from typing import Any, NoReturn

from kerasheet_serving.readers import Reader, path
from kerasheet_serving.setting_sources import settle
from kerasheet_serving.settings import GROUPS, Settings

_EXAMPLES = """\
examples:
  %(prog)s models/                        every model below models/, on port 8501
  %(prog)s models/ --port 0               on a free port, which the first line tells
  %(prog)s models/ --host 0.0.0.0         to other machines too
  %(prog)s models/ --workers 4            on four cores
  %(prog)s models/ --config serving.toml  with settings from a file
  %(prog)s models/ --ray                  on all machines of a Ray cluster
  %(prog)s --new-key                      a key for clients, and the hash to set here

Every option can also be a variable, KERASHEET_SERVE_PORT=8501, or stand in the table
[server] of the file, port = 8501. An option wins over the variable, which wins over the
file.

A repository holds <model>/<version>/, as `kerasheet export` writes it. The newest
version of a model answers /v1/models/<model>:predict; an older one answers
/v1/models/<model>/versions/<version>:predict. Ctrl-C lets requests end and stops the
server; once more stops it at once.
"""


def read_arguments(
    program: str,
    description: str,
    arguments: Sequence[str] | None,
    environment: Mapping[str, str],
) -> Settings | None:
    """Read a command line, and what the environment and a file add to it.

    Args:
        program: name to show in help and errors.
        description: what the command does.
        arguments: command line without the program; None takes the process's own.
        environment: of the process.

    Returns:
        None if a new key is asked for.

    Raises:
        SystemExit: 0 after help or the version, 2 with a sentence on a wrong setting.
        RepositoryError: the file of settings cannot be read.
    """
    parser = _parser(program, description)
    flags = vars(parser.parse_args(arguments))
    if flags.pop("new_key"):
        return None
    if flags["repository"] is None:  # the parser suppresses no missing argument
        del flags["repository"]
    try:
        return settle(flags, environment)
    except ValueError as error:
        parser.error(str(error))


def _parser(program: str, description: str) -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog=program,
        usage="%(prog)s REPOSITORY [options]",
        description=description,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        argument_default=argparse.SUPPRESS,
    )
    result.add_argument(
        "repository",
        type=_typed(path),
        nargs="?",
        default=None,
        help="directory of the models",
    )
    result.add_argument(
        "--new-key",
        action="store_true",
        default=False,
        help="print a new API key and its hash, and end",
    )
    result.add_argument(
        "--version",
        action=_PrintVersion,
        nargs=0,
        help="print the version of kerasheet-serving, and end",
    )
    helps = _helps()
    for title in GROUPS:
        group = result.add_argument_group(title)
        for one in fields(Settings):
            if one.metadata.get("group") == title:
                flag = "--" + one.name.replace("_", "-")
                help_ = helps.get(one.name, "") + _default(one)
                if one.default is False:
                    group.add_argument(flag, action="store_true", help=help_)
                    continue
                read, word = one.metadata["read"], one.metadata["word"]
                group.add_argument(flag, type=_typed(read), metavar=word, help=help_)
    return result


class _PrintVersion(argparse.Action):
    """Reads the version only when it is asked for: that takes as long as the rest."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from importlib.metadata import version

        print(parser.prog, version("kerasheet-serving"))
        parser.exit()


def _typed(read: Reader) -> Reader:
    """Let the parser tell the words of a reader's error."""

    def parse(text: str) -> Any:
        try:
            return read(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return parse


def _helps() -> dict[str, str]:
    """The first sentence that the documentation of `Settings` says of each."""
    entries = inspect.getdoc(Settings) or ""
    found = re.findall(r"^ {4}(\w+): ((?:.|\n {8})+)", entries, re.MULTILINE)
    return {
        name: re.split(r"\.(?:\s|$)", " ".join(text.split()))[0].replace("%", "%%")
        for name, text in found
    }


def _default(one: "Field[Any]") -> str:
    if one.default in (None, (), False):
        return ""
    return f" (default: {one.default})"
