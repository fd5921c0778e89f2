"""Commands typed in this process: one of their own would first import TensorFlow."""

import io
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout

import pytest

from kerasheet.cli import main


def typed(*arguments, code=0, cwd="."):
    """What a command writes: to its output, and to the errors."""
    output, errors = io.StringIO(), io.StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        chdir(cwd),
        redirect_stdout(output),
        redirect_stderr(errors),
    ):
        patch.setattr(sys, "argv", ["kerasheet", *map(str, arguments)])
        with pytest.raises(SystemExit) as error:
            main()
    assert (error.value.code or 0) == code, output.getvalue() + errors.getvalue()
    assert "Traceback" not in errors.getvalue()
    return output.getvalue(), errors.getvalue()
