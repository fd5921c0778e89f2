"""The image of the server: as a linter sees it, and carried out without Docker."""

import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "serving" / "deploy" / "Dockerfile"

# The ONNX graph y = Identity(x) of floats, as `onnx` writes it.
IDENTITY = (
    b'\x08\x08\x12\x00:3\n\x10\n\x01x\x12\x01y"\x08Identity\x12\x01gZ\r\n\x01x\x12\x08\n\x06\x08\x01'
    b"\x12\x02\n\x00b\r\n\x01y\x12\x08\n\x06\x08\x01\x12\x02\n\x00B\x04\n\x00\x10\x11"
)

pytestmark = pytest.mark.deploy


def test_a_linter_finds_nothing():
    hadolint = Path(sys.prefix) / "bin" / "hadolint"
    result = subprocess.run(
        [hadolint, "--failure-threshold", "style", DOCKERFILE],
        capture_output=True,
        text=True,
    )
    assert (result.returncode, result.stdout) == (0, "")


def test_a_linter_finds_something(tmp_path):
    worse = tmp_path / "Dockerfile"
    worse.write_text(re.sub("python:3.11-slim", "python", DOCKERFILE.read_text()))
    hadolint = Path(sys.prefix) / "bin" / "hadolint"
    result = subprocess.run([hadolint, worse], capture_output=True, text=True)
    assert result.returncode == 1
    assert "DL3006" in result.stdout


def context(place):
    """What Docker is sent: files that the list lets through, as git knows them."""
    ignore = DOCKERFILE.with_name("Dockerfile.dockerignore").read_text().split()
    assert ignore[0] == "*"
    let_through = [line.removeprefix("!") for line in ignore if line[0] == "!"]
    for name in let_through:
        source, target = ROOT / name, place / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            skipped = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, target, ignore=skipped)
        else:
            shutil.copy(source, target)
    return place


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    from dockerfile import Build

    place = tmp_path_factory.mktemp("stages")
    return Build(DOCKERFILE, context(tmp_path_factory.mktemp("context")), place)


def test_the_image_holds_the_server_and_nothing_of_tensorflow(image):
    packages = {
        path.name.split("-")[0].lower()
        for path in (image.root / "venv/lib/python3.11/site-packages").glob(
            "*.dist-info"
        )
    }
    assert {"kerasheet_serving", "onnxruntime", "starlette", "uvicorn"} <= packages
    assert not packages & {"tensorflow", "keras", "kerasheet", "pip", "hatchling"}


def test_nobody_is_root_in_the_image(image):
    assert image.settings["user"] == "10001:10001"


def test_the_image_serves_what_is_mounted_and_its_health_check_agrees(image, tmp_path):
    model = tmp_path / "identity" / "1" / "model.onnx"
    model.parent.mkdir(parents=True)
    model.write_bytes(IDENTITY)
    assert image.environment["KERASHEET_SERVE_HOST"] == "0.0.0.0"
    program = image.exec_form(image.settings["entrypoint"])
    assert image.exec_form(image.settings["cmd"]) == ["/models"]
    assert image.settings["expose"] == "8501 8500"
    ports = ["--port", "0", "--host", "127.0.0.1"]
    server = subprocess.Popen(
        [image.root / "venv" / "bin" / program[0], tmp_path, *ports],
        env=image.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        url = server.stdout.readline().split()[-1]
        check = image.exec_form(image.settings["healthcheck"])
        assert "http://127.0.0.1:8501/v2/health/ready" in check[-1]
        check = [word.replace("http://127.0.0.1:8501", url) for word in check]
        assert image.execute(check).returncode == 0
        shutil.rmtree(model.parents[1])
        last = time.monotonic() + 60
        while image.execute(check, stderr=subprocess.DEVNULL).returncode == 0:
            assert time.monotonic() < last, "the health check still passes"
    finally:
        server.terminate()
        server.communicate()
    assert server.returncode == 0
