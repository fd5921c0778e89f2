"""A real Chromium, and a real server of models that the library has trained.

Runs in an environment that has little more than Playwright: the models are made, and
served, by the one where the library is installed. `make test-browser` has both.
"""

import os
import shutil
import subprocess
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = Path(__file__).parents[3]
PYTHON = ROOT / ".venv" / "bin" / "python"
AXE = ROOT / ".venv-browser" / "node_modules" / "axe-core" / "axe.min.js"
DESKTOP = {"width": 1280, "height": 900}
LONG = 60_000  # milliseconds that a busy machine may take for anything
NEW_KEY = (
    "from kerasheet_serving.api_keys import *; k = new_key(); print(k, hash_key(k))"
)

collect_ignore_glob = [] if find_spec("playwright") else ["test_*"]


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")


@contextmanager
def _serve(repository, *arguments):
    process = subprocess.Popen(
        [PYTHON, "-m", "kerasheet_serving", repository, "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        first_line = process.stdout.readline()
        assert first_line.startswith("Serving ")
        yield first_line.split()[-1]
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """The directory that `make_models.py` fills."""
    directory = tmp_path_factory.mktemp("made")
    environment = {
        **os.environ,
        "PYTHONPATH": str(HERE.parent),
        "CUDA_VISIBLE_DEVICES": "",
        "TF_CPP_MIN_LOG_LEVEL": "2",
    }
    command = [PYTHON, HERE / "make_models.py", directory]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return directory


@pytest.fixture
def serve():
    """Serve a repository in a process of its own until the test ends."""
    with ExitStack() as stack:
        yield lambda *arguments: stack.enter_context(_serve(*arguments))


@pytest.fixture(scope="session")
def url(made):
    with _serve(made / "repository") as address:
        yield address


@pytest.fixture
def key():
    """A new key, and its hash."""
    return subprocess.check_output([PYTHON, "-c", NEW_KEY], text=True).split()


@pytest.fixture(scope="session")
def axe():
    """The script that checks accessibility."""
    return AXE.read_text()


@pytest.fixture(scope="session")
def chromium():
    from playwright.sync_api import expect, sync_playwright

    with sync_playwright() as playwright:
        # In a container Chromium runs as root, where it has no sandbox.
        flags = ["--no-sandbox"] if os.geteuid() == 0 else []
        path = shutil.which("chromium")
        expect.set_options(timeout=LONG)
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium, serve):
    """Open an address in a window of its own, which closes before any server stops.

    A message of the browser at the level of errors, a violation of the page's security
    policy among them, or an exception of a script fails the test, but for refusals
    that it expects.
    """
    windows, problems = [], []

    def open_window(address, refused=(), **options):
        options = {"viewport": DESKTOP, "reduced_motion": "reduce", **options}
        window = chromium.new_context(**options)
        window.set_default_timeout(LONG)
        windows.append(window)
        page = window.new_page()

        def note(message):
            expected = any(reason in message.text for reason in refused)
            if message.type == "error" and not expected:
                problems.append(message.text)

        page.on("console", note)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(address)
        return page

    yield open_window
    for window in windows:
        window.close()
    assert problems == []
