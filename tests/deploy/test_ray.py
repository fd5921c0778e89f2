"""The application on a Ray cluster of three nodes; `make test-ray` runs it."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from load import Load
from ray_cluster import PATIENCE, LocalCluster, wait_until
from serving_models import constant, half_plus_two, publish, slow
from serving_process import start_busy

CONFIG = Path(__file__).parents[2] / "serving" / "deploy" / "ray" / "serve.yaml"
LONG = [2000, 2000]  # about a second of processor time for the slow model
REPLICAS = 3

pytestmark = [
    pytest.mark.ray,
    # Ray leaves files and sockets of its own open.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]


@pytest.fixture(scope="module")
def cluster():
    cluster = LocalCluster(nodes=2)
    yield cluster
    cluster.close()


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    publish(root, "H", half_plus_two(), 123)
    publish(root, "slow", slow())
    return root


@pytest.fixture
def port():
    from ray._common.network_utils import find_free_port

    return find_free_port()


def predict(url, model, value):
    return httpx.post(
        f"{url}/v1/models/{model}:predict",
        json={"inputs": value},
        timeout=PATIENCE,
    )


class Process:
    """What `start_busy` asks for the time that it computed."""

    def __init__(self, pid):
        self.pid = pid


@pytest.fixture(scope="module")
def command(cluster, models):
    """`kerasheet-serve --ray`, with one replica of which nobody asks anything yet."""
    with cluster.run("kerasheet_serving", models, "--ray", "--port", "0") as process:
        first_line = process.stdout.readline()
        assert first_line.startswith("Serving on Ray at ")
        yield process, first_line.split()[-1]


def test_a_cluster_that_the_command_starts_reports_to_nobody():
    script = (
        "from kerasheet_serving.ray import server\n"
        "server._ray()\n"
        "from ray._common.usage.usage_lib import usage_stats_enabled\n"
        "print(usage_stats_enabled())"
    )
    usual = {k: v for k, v in os.environ.items() if k != "RAY_USAGE_STATS_ENABLED"}
    command = [sys.executable, "-c", script]
    assert subprocess.check_output(command, env=usual, text=True) == "False\n"


def test_the_command_serves_on_the_cluster(command):
    _, url = command
    assert predict(url, "H", [1.0]).json() == {"outputs": [2.5]}
    assert httpx.get(f"{url}/v2/health/ready").json() == {"ready": True}


def test_ray_tells_prometheus_what_was_counted(cluster, command, models):
    _, url = command
    publish(models, "counted", constant(7.0))
    wait_until(lambda: answers(url, "counted", [0.0]), "the model is loaded")
    for _ in range(5):
        assert answers(url, "counted", [0.0])
    labels = {"model": "counted", "method": "predict", "code": "200"}

    def total():
        return sum(cluster.metric("ray_kerasheet_requests_total", labels))

    wait_until(lambda: total() == 6, "Ray tells of all")
    times = cluster.metric("ray_kerasheet_request_seconds_bucket", {"le": "+Inf"})
    assert sum(times) >= 6


def test_what_a_lost_replica_computed_is_refused_and_may_be_asked_again(
    cluster, command
):
    _, url = command
    [replica] = cluster.replicas()
    with ThreadPoolExecutor() as threads:
        answer = start_busy(Process(replica), threads, predict, url, "slow", LONG)
        cluster.kill_replica()
        refused = answer.result()
    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "1"
    assert refused.json() == {"error": "What computed this answer was lost. Ask again."}
    wait_until(lambda: answers(url, "slow", LONG), "the successor answers")


def test_another_application_of_the_cluster_is_left_alone(cluster, command, models):
    _, url = command
    command = ("kerasheet_serving", models, "--ray", "--port", "0")
    with cluster.run(*command, stderr=subprocess.PIPE) as other:
        _, errors = other.communicate(timeout=PATIENCE)
    assert other.returncode == 1
    assert errors.splitlines()[-1] == (
        "kerasheet-serve: Ray Serve runs on this cluster already, at an address of its "
        "own. Add the models to it with `serve deploy`, or stop it with "
        "`serve shutdown`."
    )
    assert answers(url, "H", [1.0])


def test_the_command_answers_all_that_it_accepted_before_it_ends(cluster, command):
    process, url = command
    [replica] = cluster.replicas()
    with ThreadPoolExecutor() as threads:
        answer = start_busy(Process(replica), threads, predict, url, "slow", LONG)
        process.terminate()
        assert answer.result().json()["outputs"] == pytest.approx(2000.0**6, rel=1e-4)
    assert process.wait(PATIENCE) == 0
    assert cluster.replicas() == []


@pytest.fixture
def configured(models, port, tmp_path):
    """The file that users deploy, for this repository, a free port and so many."""

    def configure(**autoscaling):
        import yaml

        config = yaml.safe_load(CONFIG.read_text())
        config["http_options"] = {"host": "127.0.0.1", "port": port}
        [application] = config["applications"]
        application["args"]["repository"] = str(models)
        [deployment] = application["deployments"]
        deployment["autoscaling_config"] |= autoscaling
        deployment["ray_actor_options"]["num_cpus"] = 0.5
        file = tmp_path / "serve.yaml"
        file.write_text(yaml.safe_dump(config))
        return file, f"http://127.0.0.1:{port}"

    return configure


def served(load, more=200):
    """Whether so many more requests were answered, the last ones all at once."""
    begun = load.acknowledged
    return lambda: load.acknowledged >= begun + more


def test_replicas_come_with_requests_and_go_with_them(cluster, configured):
    """With the delays of seconds instead of minutes, after which it decides."""
    config, url = configured(
        min_replicas=1,
        max_replicas=REPLICAS,
        target_ongoing_requests=2,
        upscale_delay_s=1,
        downscale_delay_s=1,
        metrics_interval_s=0.5,
        look_back_period_s=2,
    )
    with cluster.run("ray.serve.scripts", "run", config):
        wait_until(lambda: answers(url, "H", [1.0]), "the application answers")
        assert len(cluster.replicas()) == 1
        with Load(url, clients=8) as busy:
            come = wait_until(lambda: len(cluster.replicas()) > 1, "others come")
            wait_until(served(busy), "requests are answered on")
        with Load(url, clients=1) as calm:
            go = wait_until(lambda: len(cluster.replicas()) == 1, "they go again")
    print(f"\nothers came after {come:.1f} s and went in {go:.1f} s")
    for load in (busy, calm):
        print(dict(load.counts))
        assert not load.failures
        assert load.acknowledged == load.counts["requests"]


def test_no_acknowledged_request_is_lost_with_a_replica_or_a_node(
    cluster, models, configured
):
    config, url = configured(min_replicas=REPLICAS)

    def complete():
        return len(cluster.replicas()) == REPLICAS

    with cluster.run("ray.serve.scripts", "run", config):
        wait_until(lambda: answers(url, "H", [1.0]), "the application answers")
        wait_until(complete, "all replicas run")
        publish(models, "number", constant(1.0), 1)
        wait_until(lambda: everywhere(url, "number", 1.0), "all have the new model")
        publish(models, "number", constant(2.0), 2)
        wait_until(lambda: everywhere(url, "number", 2.0), "all have the new version")
        with Load(url, clients=8) as load:
            wait_until(served(load), "the load has begun")
            cluster.kill_replica()
            replica = wait_until(complete, "the replica has a successor")
            publish(models, "H", half_plus_two(), 124)
            wait_until(served(load), "requests are answered on")
            lost = cluster.kill_node()
            node = wait_until(complete, "replicas have successors on other nodes")
            wait_until(served(load), "requests are answered on")
    print(f"\n{dict(load.counts)}, the slowest answered in {load.slowest:.1f} s")
    print(f"a replica replaced in {replica:.1f} s, {lost} with a node in {node:.1f} s")
    assert not load.failures
    assert load.acknowledged == load.counts["requests"]


def answers(url, model, value):
    try:
        return predict(url, model, value).status_code == 200
    except httpx.TransportError:
        return False


def everywhere(url, model, number):
    """Whether forty answers, of replicas taken by chance, are of one version."""
    try:
        answers = [predict(url, model, [0.0]).text for _ in range(40)]
    except httpx.TransportError:
        return False
    return set(answers) == {f'{{"outputs":[{number}]}}'}
