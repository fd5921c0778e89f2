"""Real worker processes on 127.0.0.1 that train one model together."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from kerasheet.cluster import GIVEN_TO_NOBODY, LocalCluster, free_ports
from kerasheet.errors import TrainingError
from kerasheet.training import default_recipe, read_run, train
from kerasheet.training.distribute import EXAMPLE, read_place

PROCESS = Path(__file__).with_name("cluster_process.py")
LOST = re.compile(
    r"Lost touch with another worker \(\w+\), which may have said why\. Start all of "
    r"them again, with --resume\."
)


def command(recipe, path, *words):
    return [sys.executable, PROCESS, json.dumps(recipe.to_json()), path, *words]


def start(recipe, path, *words):
    """Two workers, as an orchestrator starts them: each knows of TF_CONFIG alone."""
    hosts = [f"127.0.0.1:{port}" for port in free_ports(2)]
    pipe = subprocess.PIPE
    return [
        subprocess.Popen(
            command(recipe, path, *words),
            env={**os.environ, "TF_CONFIG": config(hosts, number)},
            stdout=pipe,
            stderr=pipe,
            text=True,
        )
        for number in range(2)
    ]


def config(hosts, number):
    task = {"type": "worker", "index": number}
    return json.dumps({"cluster": {"worker": hosts}, "task": task})


def kept(path):
    """What each worker ended with."""
    found = []
    for number in range(2):
        with np.load(f"{path}-{number}.npz") as arrays:
            found.append([arrays[name] for name in arrays.files])
    return found


def assert_equal(weights, others):
    for ours, theirs in zip(weights, others, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def image_recipe(epochs):
    return default_recipe(
        "lenet_batch_norm",
        "digits",
        epochs=epochs,
        optimizer="sgd",
        learning_rate=0.05,
        clip=1.0,
        model_arguments={"pool_mode": "avg"},  # a maximum of equals goes either way
        synchronized=True,
    )


def text_recipe(epochs):
    return default_recipe(
        "rnn_lm",
        "pydocs",
        epochs=epochs,
        batch_size=8,
        model_arguments={"units": 16},
        text={"tokens": 5_000, "steps": 16, "sampling": "consecutive"},
    )


def train_together(recipe, path):
    """What both workers end with, and the last line of what they say."""
    workers = start(recipe, path)
    said = [worker.communicate(timeout=300) for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0], said
    one, other = kept(path)
    assert_equal(one, other)
    metrics, others = (output.splitlines()[-1] for output, _ in said)
    assert metrics == others
    return one


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """A recipe, and the path and the weights of what two workers made of it."""
    recipe, path = image_recipe(epochs=4), tmp_path_factory.mktemp("images") / "two"
    return recipe, path, train_together(recipe, path)


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    recipe, path = text_recipe(epochs=2), tmp_path_factory.mktemp("text") / "two"
    return recipe, path, train_together(recipe, path)


@pytest.mark.parametrize("trained", ["images", "text"])
def test_both_workers_end_with_the_weights_of_one_process(trained, tmp_path, request):
    recipe, path, weights = request.getfixturevalue(trained)
    alone = train(recipe, tmp_path / "one").load_model()
    # Sums of two halves round differently; 1e-5 is what is left of that.
    for ours, expected in zip(weights, alone.get_weights(), strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-5)
    assert_equal(weights, read_run(path).load_model().get_weights())
    made = sorted(path.name for path in path.parent.iterdir())
    assert made == ["two", "two-0.npz", "two-1.npz"]


@pytest.mark.parametrize("victim", [0, pytest.param(1, marks=pytest.mark.soak)])
def test_a_killed_worker_is_named_lost_and_all_go_on_from_the_checkpoint(
    images, victim, tmp_path
):
    recipe, _, whole = images
    path = tmp_path / f"without {victim}"
    workers = start(recipe, path)
    for line in workers[0].stdout:
        if line == "epoch 3\n":
            break
    workers[victim].kill()
    _, error = workers[1 - victim].communicate(timeout=120)
    workers[victim].communicate()
    assert workers[1 - victim].returncode == 1
    assert LOST.fullmatch(error.splitlines()[-1])
    again = start(recipe, path, "--resume")
    said = [worker.communicate(timeout=300) for worker in again]
    assert [worker.returncode for worker in again] == [0, 0], said
    epochs = [line for line in said[0][0].splitlines() if line.startswith("epoch")]
    assert epochs[0] in ("epoch 2", "epoch 3", "epoch 4")
    for weights in kept(path):
        assert_equal(weights, whole)


def test_a_local_cluster_starts_all_again_when_one_is_killed(tmp_path):
    script = (
        "import os, signal, sys\n"
        "first = '--resume' not in sys.argv\n"
        "if first and '\"index\": 1' in os.environ['TF_CONFIG']:\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "import time\n"
        "time.sleep(60 if first else 0)\n"
    )
    said = []
    cluster = LocalCluster([sys.executable, "-c", script], 2, said.append)
    assert cluster.run(restarts=1) == 0
    assert said == [
        "Worker 1 was killed by SIGKILL.",
        "Starts all workers again, from the last checkpoint.",
    ]
    assert LocalCluster([sys.executable, "-c", script], 2).run() == 128 + signal.SIGKILL


def signalled_while_it_starts(monkeypatch, kind, script):
    """The status of a local cluster whose command hears a signal as it starts."""
    start = LocalCluster._start

    def start_and_hear(self, config, index):
        process = start(self, config, index)
        os.kill(os.getpid(), kind)
        return process

    monkeypatch.setattr(LocalCluster, "_start", start_and_hear)
    return LocalCluster([sys.executable, "-c", script], 2).run()


def test_a_local_cluster_told_to_stop_while_it_starts_tells_its_workers(monkeypatch):
    script = "import time; time.sleep(300)"
    status = signalled_while_it_starts(monkeypatch, signal.SIGTERM, script)
    assert status == 128 + signal.SIGTERM


def test_a_local_cluster_goes_on_without_a_terminal_where_nohup_wants_it(monkeypatch):
    usual = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert signalled_while_it_starts(monkeypatch, signal.SIGHUP, "pass") == 0
    finally:
        signal.signal(signal.SIGHUP, usual)


def test_ports_of_a_cluster_are_free_and_not_given_to_others_meanwhile():
    ports = free_ports(50)
    assert len({*ports}) == 50
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert max(ports) < lowest
    with socket.create_server(("127.0.0.1", ports[0])):
        assert ports[0] not in free_ports(len(GIVEN_TO_NOBODY))


def test_a_local_cluster_ends_with_the_status_of_a_worker_that_fails():
    script = "import os, sys; sys.exit(3 * ('\"index\": 1' in os.environ['TF_CONFIG']))"
    assert LocalCluster([sys.executable, "-c", script], 2).run(restarts=5) == 3


def test_places_in_a_cluster():
    hosts = {"chief": ["a:1"], "worker": ["b:1", "c:1"]}
    places = [
        read_place(json.dumps({"cluster": hosts, "task": task}))
        for task in (
            {"type": "chief", "index": 0},
            {"type": "worker", "index": 0},
            {"type": "worker", "index": 1},
        )
    ]
    assert places == [(3, 0), (3, 1), (3, 2)]
    assert read_place("") == read_place("{}") == (1, 0)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "{",
            "TF_CONFIG does not describe a cluster (Expecting property name enclosed "
            "in double quotes: line 1 column 2 (char 1)).",
        ),
        (
            '{"cluster": {"ps": ["a:1"]}, "task": {"type": "ps", "index": 0}}',
            "TF_CONFIG names the role 'ps'; kerasheet trains with workers, one of "
            "which may be called chief.",
        ),
        (
            '{"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": 1}}',
            "TF_CONFIG names no worker of index 1.",
        ),
    ],
)
def test_a_wrong_tf_config_is_one_sentence(text, sentence):
    with pytest.raises(TrainingError) as error:
        read_place(text)
    assert str(error.value) == f"{sentence} Set it like: {EXAMPLE}"
