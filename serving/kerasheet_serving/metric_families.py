"""What is counted: the metrics by name, with their labels."""

from collections.abc import Mapping

from kerasheet_serving.shared_counts import are_shared, check_directory

MODEL = ("model", "version")
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class MetricFamilies:
    """The metrics of one application, in a registry of its own.

    Attributes:
        registry: which holds them all.
        requests: answered; by model, method and HTTP status.
        seconds: from a request to its answer; by model and method.
        rows: computed at once, by model, as what follows.
        tokens: of texts that have ended.
        step_texts: written at once.
        streams: texts that are being written or wait.
        waiting: requests that wait.

    Raises:
        ServingError: as `check_directory`.
    """

    def __init__(self) -> None:
        check_directory()
        # Takes as long as a tenth of the start of the server: only who counts pays.
        from prometheus_client import (
            CollectorRegistry,
            Counter,
            Gauge,
            Histogram,
            ProcessCollector,
        )

        self.registry = CollectorRegistry()
        if not are_shared():  # the library can tell of one process only
            ProcessCollector(registry=self.registry)
        self.requests = Counter(
            "kerasheet_requests",
            "Requests answered, by HTTP status.",
            (*MODEL, "method", "code"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "kerasheet_request_seconds",
            "Seconds from a request to its answer.",
            (*MODEL, "method"),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.rows = Histogram(
            "kerasheet_batch_rows",
            "Rows that the model computed at once.",
            MODEL,
            buckets=_ROWS,
            registry=self.registry,
        )
        self.tokens = Counter(
            "kerasheet_tokens",
            "Tokens of texts that have ended.",
            MODEL,
            registry=self.registry,
        )
        self.step_texts = Histogram(
            "kerasheet_step_texts",
            "Texts that the model wrote a token of at once.",
            MODEL,
            buckets=_ROWS,
            registry=self.registry,
        )
        self.streams = Gauge(
            "kerasheet_streams",
            "Texts that are being written or wait for the model.",
            MODEL,
            registry=self.registry,
            multiprocess_mode="livesum",
        )
        self.waiting = Gauge(
            "kerasheet_waiting_requests",
            "Requests that wait for the model.",
            MODEL,
            registry=self.registry,
            multiprocess_mode="livesum",
        )

    def drop(self, labels: Mapping[str, str]) -> None:
        """Count no more what has these labels among others."""
        counted = self.requests, self.seconds, self.rows, self.tokens, self.step_texts
        for metric in counted:
            metric.remove_by_labels(dict(labels))
