"""What a replica counts, told to Ray, from whose machines Prometheus reads it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry
    from ray.serve.metrics import Gauge

_OURS = "kerasheet_"  # of the process, Ray tells by itself


class RayMetrics:
    """Tells Ray what was counted, whenever it is asked to.

    A series keeps its name, behind `ray_`, and its labels, beside those of Ray Serve:
    `application`, `deployment` and `replica`. All become gauges, which Prometheus'
    functions take for counters and histograms just as well. One that is not counted any
    more becomes 0, as Ray forgets none.
    """

    def __init__(self) -> None:
        self._gauges: dict[str, Gauge] = {}
        self._told: set[tuple[str, frozenset[tuple[str, str]]]] = set()

    def tell(self, counted: "CollectorRegistry") -> None:
        """Tell Ray all that is counted now.

        Args:
            counted: by `Metrics` of one replica.
        """
        told = set()
        for family in counted.collect():
            for sample in family.samples:
                if sample.name.startswith(_OURS):
                    gauge = self._gauge(sample.name, tuple(sample.labels))
                    gauge.set(sample.value, sample.labels)
                    told.add((sample.name, frozenset(sample.labels.items())))
        for name, labels in self._told - told:
            self._gauges[name].set(0, dict(labels))
        self._told = told

    def _gauge(self, name: str, labels: tuple[str, ...]) -> "Gauge":
        from ray.serve.metrics import Gauge

        if name not in self._gauges:
            self._gauges[name] = Gauge(name, tag_keys=labels)
        return self._gauges[name]
