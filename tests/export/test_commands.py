"""The command line as a person meets it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

import numpy as np
import pytest
from PIL import Image
from typed_command import typed

from kerasheet.data import digits
from kerasheet_serving import Client


def kerasheet(*arguments, code=0, **options):
    environment = {**os.environ, "COLUMNS": "120"}
    done = subprocess.run(
        [sys.executable, "-m", "kerasheet", *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**environment, **options.pop("env", {})},
        **options,
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def refusal(*arguments, cwd="."):
    """The one line that a failing command leaves, without the program's name."""
    return the_sentence(typed(*arguments, code=1, cwd=cwd)[1])


def the_sentence(stderr):
    [line] = stderr.splitlines()
    program, _, sentence = line.partition(": ")
    assert program.startswith("kerasheet")
    return sentence


def test_help_lists_the_commands_of_all_three_distributions():
    text = kerasheet("--help").stdout
    for name in (
        "models",
        "train",
        "launch",
        "generate",
        "report",
        "devices",
        "export",
        "serve",
        "demo",
    ):
        assert f" {name} " in text


@pytest.mark.parametrize(
    "name",
    [
        "models",
        "devices",
        "train",
        "launch",
        "evaluate",
        "predict",
        "generate",
        "report",
    ],
)
def test_help_of_each_command_teaches(name):
    assert "Usage: kerasheet " + name in kerasheet(name, "--help").stdout


def test_launch_starts_trainings_only():
    assert refusal("launch", "evaluate", "runs/first") == (
        "`kerasheet launch` starts trainings. Received: 'evaluate'. Write: kerasheet "
        "launch --workers 2 train NAME"
    )


@pytest.mark.parametrize("name", ["export", "demo", "serve"])
def test_help_of_each_mounted_command_teaches(name):
    assert f"sage: kerasheet {name} " in kerasheet(name, "--help").stdout


def test_help_does_not_wait_for_tensorflow():
    script = (
        "import sys, kerasheet.cli; "
        "assert not {'tensorflow', 'keras', 'onnxruntime'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_models_lists_names_data_and_sources():
    text, _ = typed("models")
    for word in ("softmax_regression", "lenet_batch_norm", "sheet §6.6", "digits"):
        assert word in text


def test_the_whole_way_by_single_commands(tmp_path):
    run, repository = tmp_path / "run", tmp_path / "repository"
    done = kerasheet(
        "train", "softmax_regression", "--epochs", 2, "--run", run, "--seed", 1
    )
    assert "Test accuracy" in done.stdout
    assert done.stderr == ""
    assert "accuracy" in typed("evaluate", run)[0]
    pixels = (digits().test.x[0, :, :, 0] * 255).astype("uint8")
    Image.fromarray(pixels).save(tmp_path / "a.png")
    Image.new("RGB", (9, 9)).save(tmp_path / "b.png")
    assert "a.png" in typed("predict", run, "a.png", cwd=tmp_path)[0]
    both = "a.png", "b.png", "--resize"
    assert "b.png" in typed("predict", run, *both, cwd=tmp_path)[0]
    done = kerasheet("export", run, repository, "--name", "m")
    assert f"Published: {repository}/m/1" in done.stdout.replace("\n", "")
    assert done.stderr == ""
    sentence = refusal("predict", run, tmp_path / "b.png")
    assert sentence.endswith("Convert it, or pass --resize.")
    with serving(repository) as client:
        [answer] = client.predict("m", digits().test.x[:1])
        assert np.sum(answer["probabilities"]) == pytest.approx(1, abs=1e-5)


class serving:
    """`kerasheet serve` on a free port, stopped at the end."""

    def __init__(self, repository):
        command = [sys.executable, "-m", "kerasheet", "serve", str(repository)]
        self.process = subprocess.Popen(
            [*command, "--port", "0"], stdout=subprocess.PIPE, text=True
        )

    def __enter__(self):
        return Client(self.process.stdout.readline().split()[-1])

    def __exit__(self, *_):
        self.process.terminate()
        assert self.process.wait(60) == 0
        self.process.stdout.close()


def test_demo_goes_the_whole_way(tmp_path):
    done = kerasheet("demo", "--directory", "d", cwd=tmp_path)
    for word in ("Test accuracy", "saved_model: within", "onnx: within", "Listening"):
        assert word in done.stdout
    assert done.stdout.count("test ") >= 8
    assert "kerasheet serve d/repository" in done.stdout
    assert done.stderr == ""
    assert (tmp_path / "d" / "run" / "curves.png").is_file()
    assert (tmp_path / "d/repository/lenet_batch_norm/1/model.onnx").is_file()


def test_demo_says_in_a_sentence_what_stopped_it(tmp_path):
    (tmp_path / "d").write_text("in the way")
    assert "d/run' cannot be created" in refusal(
        "demo", "--directory", "d", cwd=tmp_path
    )


def test_train_suggests_the_nearest_name():
    assert refusal("train", "lenett").startswith(
        "Unknown model 'lenett'. Did you mean 'lenet'? Known: softmax_regression, "
    )
    assert refusal("train", "lenet", "--data", "digit").startswith(
        "Unknown data 'digit'. Did you mean 'digits'? Known: "
    )


def test_training_that_diverges_says_so_and_writes_nothing(tmp_path):
    sentence = refusal("train", "mlp", "--lr", "1e30", "--epochs", 1, cwd=tmp_path)
    assert sentence == (
        "The loss is no longer a number in epoch 1, step 2 of 23. Try a smaller "
        "learning rate."
    )
    assert not (tmp_path / "runs").exists()


@contextmanager
def killed_at_last(process):
    """Without it `Popen` waits forever for a process that has not ended in time."""
    try:
        yield
    except subprocess.TimeoutExpired:
        process.kill()
        raise


def test_ctrl_c_while_training_leaves_nothing_half_written(tmp_path):
    command = [sys.executable, "-m", "kerasheet", "train", "lenet", "--epochs", "9999"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline().startswith("lenet on digits")
        while not (tmp_path / "runs").is_dir():
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        with killed_at_last(process):
            _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    # What ends while Python runs a finalizer is told, and heard all the same.
    assert "Traceback" not in errors.partition("Exception ignored in")[0]
    assert not (tmp_path / "runs" / "lenet-digits").exists()


def test_train_refuses_a_number_out_of_range():
    assert refusal("train", "lenet", "--epochs", 0) == (
        "A recipe needs `epochs` to be an int from 1 to 2147483647. Received: epochs=0."
    )


def test_train_without_fashion_mnist_says_what_to_do_and_writes_nothing(tmp_path):
    nowhere = {
        "KERAS_HOME": str(tmp_path / "home"),
        "https_proxy": "http://127.0.0.1:9",  # the port that discards: no network
    }
    command = "train", "mlp", "--data", "fashion_mnist"
    done = kerasheet(*command, code=1, env=nowhere, cwd=tmp_path)
    assert the_sentence(done.stderr).startswith(
        "Fashion-MNIST is neither in $KERAS_HOME/datasets/fashion-mnist nor to be "
        "downloaded ("
    )
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("command", [("evaluate",), ("predict", "x.png")])
def test_a_missing_run_is_refused(tmp_path, command):
    name, *rest = command
    sentence = refusal(name, tmp_path / "no", *rest)
    assert sentence.startswith(f"There is no run directory '{tmp_path}/no'.")


def test_export_refuses_a_damaged_run_and_a_bad_place(run, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(run.path, copy)
    (tmp_path / "file").write_text("")
    assert "file" in refusal("export", copy, tmp_path / "file")
    assert "Version 0 " in refusal("export", copy, tmp_path / "r", "--version", 0)
    assert "Model name" in refusal("export", copy, tmp_path / "r", "--name", "../x")
    (copy / "model.keras").write_bytes(b"not a model")
    sentence = refusal("export", copy, tmp_path / "r")
    assert sentence == (
        f"'{copy}/model.keras' is damaged (ValueError). Train the run again."
    )
    assert not list((tmp_path / "r").glob("**/manifest.json"))


def test_serve_refuses_a_port_in_use(version):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = kerasheet("serve", version.parents[1], "--port", port, code=1)
    [line] = done.stderr.splitlines()
    assert str(port) in line


def test_serve_refuses_a_missing_repository(tmp_path):
    done = kerasheet("serve", tmp_path / "no", code=1)
    [line] = done.stderr.splitlines()
    assert f"Cannot read model repository {tmp_path}/no" in line
