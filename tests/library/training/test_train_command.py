"""`kerasheet train` and `kerasheet convert`: resuming, Ctrl-C, images of one's own."""

import os
import shlex
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image

from kerasheet.cli import main
from kerasheet.training import read_run


@pytest.fixture
def command(monkeypatch, capsys):
    """Run `kerasheet …` in this process; its status and what it printed."""

    def run(*words):
        words = [str(word) for word in words]
        monkeypatch.setattr(sys, "argv", ["kerasheet", *words])
        with pytest.raises(SystemExit) as error:
            main()
        return error.value.code or 0, " ".join(capsys.readouterr().out.split())

    return run


@pytest.mark.parametrize(
    ("before", "signals"),
    [
        ([], [signal.SIGINT]),
        pytest.param([], [signal.SIGTERM], marks=pytest.mark.soak),
        pytest.param(
            ["launch", "--workers", "2"], [signal.SIGINT], marks=pytest.mark.soak
        ),
        (["launch", "--workers", "2"], [signal.SIGTERM, signal.SIGHUP]),
    ],
)
def test_a_stopped_training_ends_with_130_and_says_how_to_go_on(
    before, signals, tmp_path
):
    words = [*before, "train", "mlp", "--epochs", "3000", "--run", "a run"]
    process = subprocess.Popen(
        [sys.executable, "-m", "kerasheet", *words],
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "COLUMNS": "500"},
    )
    staging = tmp_path / ".a run-training" / "checkpoints"
    while process.poll() is None and not list(staging.glob("*.npz")):
        time.sleep(0.05)
    for kind in signals:
        process.send_signal(kind)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    last = said.splitlines()[-1]
    assert last.startswith("Stopped in epoch ")
    assert last.endswith(
        f" of 3000. Go on with: kerasheet {shlex.join(words)} --resume"
    )


def test_a_folder_is_converted_trained_on_resumed_and_evaluated(
    tmp_path, monkeypatch, command
):
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    for label, least in (("bright", 128), ("dark", 0)):
        (tmp_path / "photos" / label).mkdir(parents=True)
        for number in range(10):
            pixels = random.integers(least, least + 128, (9, 7), dtype=np.uint8)
            path = tmp_path / "photos" / label / f"{number}.png"
            Image.fromarray(pixels).save(path)
    (tmp_path / "photos" / "dark" / "x.png").write_text("")
    status, said = command("convert", "photos", "photos.records", "--size", 8)
    assert status == 0
    assert "Skipped dark/x.png: " in said
    assert "16 images to train on and 4 to test, of 2 classes." in said
    words = ["softmax_regression", "--data", "photos.records", "--epochs", 2]
    options = ["--flip", "--shift", 1, "--validation", 0.25, "--resume"]
    status, said = command("train", *words, *options)
    assert status == 0
    assert "There is no checkpoint to go on from: training begins anew." in said
    run = read_run("runs/softmax_regression-photos")
    assert run.recipe.augment.flip
    assert run.recipe.data == str(tmp_path / "photos.records")
    status, said = command("train", *words, *options)
    assert "is finished, and left as it is." in said
    assert command("evaluate", run.path)[0] == 0
    assert command("predict", run.path, path, "--resize")[0] == 0


@pytest.mark.parametrize(
    ("words", "xla"), [(["--xla"], True), (["--no-xla"], False), ([], None)]
)
def test_the_flag_is_in_the_recipe_of_the_run(
    words, xla, tmp_path, monkeypatch, command
):
    monkeypatch.chdir(tmp_path)
    model = ["softmax_regression", "--epochs", 1, "--run", "run"]
    assert command("train", *model, *words)[0] == 0
    assert read_run("run").recipe.xla is xla
    assert read_run("run").load_model().jit_compile is bool(xla)
