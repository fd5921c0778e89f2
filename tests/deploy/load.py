"""Clients that ask on and on, and count every answer."""

import threading
import time
from collections import Counter

import httpx

PATIENCE = 120  # seconds until a request that was refused counts as lost
AFTER = 0.05  # seconds until a client asks again


class Load:
    """Clients of the model H, y = 0.5 x + 2, that ask again what was refused.

    Every request that is answered 200 is acknowledged, and has to be right. A request
    that is answered 503, or whose connection breaks, is refused; it is sent again until
    it is acknowledged. Whatever else is answered is a failure.
    """

    def __init__(self, url, clients):
        self.url = url
        self.counts = Counter()
        self.failures = []
        self.slowest = 0.0
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._threads = [
            threading.Thread(target=self._ask_on, args=(number,))
            for number in range(clients)
        ]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error):
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    @property
    def acknowledged(self):
        return self.counts["acknowledged"]

    def _ask_on(self, number):
        with httpx.Client(timeout=PATIENCE) as http:
            while not self._stopped.is_set():
                self._ask(http, float(number % 1000))
                number += len(self._threads)

    def _ask(self, http, x):
        """Send one request until it is acknowledged."""
        self._count("requests")
        start = time.monotonic()
        attempts = 1
        while (outcome := self._attempt(http, x)) != "acknowledged":
            if time.monotonic() > start + PATIENCE:
                self.failures.append(f"{x}: never answered, last {outcome}")
                break
            attempts += 1
            time.sleep(AFTER)
        self._count("requests asked again", int(attempts > 1))
        self.slowest = max(self.slowest, time.monotonic() - start)

    def _attempt(self, http, x):
        self._count("sent")
        try:
            response = http.post(
                f"{self.url}/v1/models/H:predict", json={"instances": [x]}
            )
        except httpx.TransportError as error:
            outcome = f"refused: {type(error).__name__}"
        else:
            if response.status_code == 503:
                outcome = "refused: 503"
            elif response.json() == {"predictions": [0.5 * x + 2]}:
                outcome = "acknowledged"
            else:
                outcome = f"failed: {response.status_code}"
                self.failures.append(f"{x}: {response.status_code} {response.text}")
        self._count(outcome)
        return outcome

    def _count(self, what, number=1):
        with self._lock:
            self.counts[what] += number
