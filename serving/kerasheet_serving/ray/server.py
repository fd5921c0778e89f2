"""`kerasheet serve --ray`: the application on a cluster, until told to stop."""

import logging
import os
import signal
import threading
from types import ModuleType

from kerasheet_serving.errors import ServingError
from kerasheet_serving.ray.app import deployment
from kerasheet_serving.settings import Settings

NAME = "kerasheet"
_REFUSALS = "RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH"


def serve_on_ray(settings: Settings, url: str) -> None:
    """Deploy the models of a repository, and take them away when told to stop.

    Joins the Ray cluster of this machine, the one that `RAY_ADDRESS` names, or starts
    one that ends with the process. Replicas answer what they have accepted before they
    end.

    Args:
        settings: of every replica; `host` and `port` are of every machine.
        url: where the application is going to listen on this machine.

    Raises:
        ServingError: Ray is missing, serves something else, or no replica could start.
    """
    ray = _ray()
    os.environ.setdefault(_REFUSALS, "kerasheet_serving.ray.proxy:middlewares")
    _join(ray)
    from ray import serve

    try:
        if serve.status().proxies:
            raise ServingError(
                "Ray Serve runs on this cluster already, at an address of its own. "
                "Add the models to it with `serve deploy`, or stop it with "
                "`serve shutdown`."
            )
        try:
            _deploy(settings)
            print(f"Serving on Ray at {url}", flush=True)
            _wait_for_signal()
            serve.delete(NAME)
        finally:
            serve.shutdown()
    finally:
        ray.shutdown()


def _ray() -> ModuleType:
    # Else a cluster that is started here tells Ray's makers of its use.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
        import ray.serve
    except ImportError as error:
        raise ServingError(
            f"--ray needs Ray Serve, and {error.name!r} is not installed. Install it "
            "with `pip install 'kerasheet-serving[ray]'`."
        ) from error
    return ray


def _join(ray: ModuleType) -> None:
    """Connect to a cluster, or start one."""
    options = {"log_to_driver": False, "logging_level": logging.WARNING}
    try:
        ray.init("auto", **options)
    except ConnectionError:
        ray.init(**options)


def _deploy(settings: Settings) -> None:
    from ray import serve

    addresses = {"host": settings.host, "port": settings.port}
    if settings.tls_cert:
        addresses["ssl_certfile"] = str(settings.tls_cert)
        addresses["ssl_keyfile"] = str(settings.tls_key)
    serve.start(proxy_location="EveryNode", http_options=addresses)
    try:
        serve.run(deployment(settings).bind(), name=NAME)
    except RuntimeError as error:
        status = serve.status().applications[NAME]
        reasons = [one.message for one in status.deployments.values()]
        raise ServingError(f"Ray started no replica: {' '.join(reasons)}") from error


def _wait_for_signal() -> None:
    told = threading.Event()
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.getsignal(number) for number in numbers}
    for number in numbers:  # Ray has put its own in place of those of the command
        signal.signal(number, lambda *_: told.set())
    told.wait()
    for number in numbers:  # once more ends it at once
        signal.signal(number, before[number])
