"""The same application under Ray Serve: replicas on many machines, one address."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette

from kerasheet_serving.app import create_app
from kerasheet_serving.errors import RepositoryError
from kerasheet_serving.logs import start_logging
from kerasheet_serving.setting_sources import read_values, settle
from kerasheet_serving.settings import Settings

if TYPE_CHECKING:
    from ray.serve import Application, Deployment

DEPLOYMENT = "ModelServer"

_log = logging.getLogger(__name__)


def application(arguments: Mapping[str, Any]) -> "Application":
    """Build what `serve run` and a configuration file of Ray Serve name.

    Args:
        arguments: settings by name, `repository` among them.

    Raises:
        ValueError: a setting is unknown, missing, or of a value that it cannot have.
    """
    return deployment(settle(dict(read_values(arguments, "args.{}")), {})).bind()


def deployment(settings: Settings) -> "Deployment":
    """Make the deployment of a repository that every machine sees at the same path.

    Every replica loads the models itself, looks for new versions by itself and computes
    in batches of its own. There are more of them the more requests wait.

    Args:
        settings: of every replica.
    """
    from ray import serve

    from kerasheet_serving.ray.metrics import RayMetrics

    def build() -> Starlette:
        start_logging(DEPLOYMENT, settings.log_format, settings.log_level)
        return create_app(_of_replica(settings))

    @serve.deployment(
        name=DEPLOYMENT,
        num_replicas=None,
        autoscaling_config={
            "min_replicas": 1,
            "max_replicas": 8,
            "target_ongoing_requests": settings.batch_rows,
        },
        max_ongoing_requests=2 * settings.batch_rows,
        max_queued_requests=settings.waiting_rows,
        health_check_period_s=2,
        health_check_timeout_s=10,
        graceful_shutdown_timeout_s=settings.drain_seconds,
        ray_actor_options={"num_cpus": 1},
    )
    @serve.ingress(build)
    class ModelServer:
        """One replica."""

        def __init__(self) -> None:
            self._metrics = RayMetrics()

        def check_health(self) -> None:
            """Fail where readiness would, so that Ray Serve starts another replica.

            As this is asked every two seconds, Ray is told then what was counted.

            Raises:
                RepositoryError: no model can serve.
            """
            try:
                self._metrics.tell(self.app.state.metrics.read())  # type: ignore[attr-defined]
            except Exception:  # is no reason to take a replica away
                _log.exception("Cannot tell Ray what was counted")
            if not self.app.state.registry.serving():  # type: ignore[attr-defined]
                raise RepositoryError(
                    f"{settings.repository} has no model that can be served on this "
                    "machine. Export one into it with `kerasheet export`, and let "
                    "every machine see it at this path."
                )

    return ModelServer


def _of_replica(settings: Settings) -> Settings:
    """Take no more threads than the processors that Ray gave to this replica."""
    import ray

    given = ray.get_runtime_context().get_assigned_resources().get("CPU", 1)
    return replace(settings, threads=settings.threads or max(1, int(given)))
