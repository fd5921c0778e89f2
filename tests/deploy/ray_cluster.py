"""A Ray cluster of several nodes on this machine, and what runs on it."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

PATIENCE = 300  # seconds that a busy machine may take for a step
REFUSALS = "kerasheet_serving.ray.proxy:middlewares"
SETTINGS = {
    "RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH": REFUSALS,
    # A busy machine may take longer to start a proxy than the 15 s that Ray allows.
    "RAY_SERVE_PROXY_READY_CHECK_TIMEOUT_S": "60",
    "RAY_SERVE_PROXY_HEALTH_CHECK_TIMEOUT_S": "60",
}


class LocalCluster:
    """A head without replicas and nodes for them, each with processes of its own."""

    def __init__(self, nodes):
        from ray.cluster_utils import Cluster

        os.environ |= SETTINGS
        head = {"num_cpus": 0, "include_dashboard": False}
        self.cluster = Cluster(initialize_head=True, head_node_args=head)
        self.nodes = [self.cluster.add_node(num_cpus=2) for _ in range(nodes)]

    def close(self):
        self.cluster.shutdown()

    def kill_node(self):
        """Kill a node that has replicas, and all that runs on it; how many it had."""
        node = next(node for node in self.nodes if self.replicas([node]))
        lost = len(self.replicas([node]))
        self.nodes.remove(node)
        self.cluster.remove_node(node, allow_graceful=False)
        return lost

    def kill_replica(self):
        os.kill(self.replicas()[0], signal.SIGKILL)

    def replicas(self, nodes=None):
        """Process numbers of the replicas on some nodes, or on all."""
        raylets = {
            node.all_processes["raylet"][0].process.pid for node in nodes or self.nodes
        }
        return [pid for pid, parent in _replica_processes() if parent in raylets]

    def metric(self, name, labels):
        """Values with these labels among others, of what Prometheus reads on nodes."""
        for node in self.nodes:
            address = f"{node.node_ip_address}:{node.metrics_export_port}"
            text = httpx.get(f"http://{address}/metrics").text
            for family in text_string_to_metric_families(text):
                for sample in family.samples:
                    if sample.name == name and labels.items() <= sample.labels.items():
                        yield sample.value

    @contextmanager
    def run(self, *command, stderr=None):
        """Start a command that serves on this cluster; ends it by Ctrl-C."""
        environment = {**os.environ, "RAY_ADDRESS": self.cluster.address}
        process = subprocess.Popen(
            [sys.executable, "-m", *map(str, command)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            process.communicate(timeout=PATIENCE)


def _replica_processes():
    for directory in Path("/proc").iterdir():
        if directory.name.isdecimal():
            try:
                words = (directory / "cmdline").read_bytes()
                status = (directory / "stat").read_text()
            except OSError:
                continue  # ended just now
            if words.startswith(b"ray::ServeReplica:kerasheet:"):
                yield int(directory.name), int(status.rpartition(")")[2].split()[1])


def wait_until(condition, what):
    """Seconds until a condition holds."""
    start = time.monotonic()
    while not condition():
        assert time.monotonic() < start + PATIENCE, f"waited in vain until {what}"
        time.sleep(0.05)
    return time.monotonic() - start
