"""Many clients that ask one server, in both protocols, and check every answer."""

import asyncio
import json
from collections import Counter

import httpx
import numpy as np
from reloaded_repository import IMAGES

GONE = 404  # a version that was asked for by its number, and deleted meanwhile
SECONDS = 60  # that one answer may take


class Clients:
    """Asks until told to stop.

    Attributes:
        answered: how often each kind of request was answered right.
        wrong: what was not.
        refused: requests for a version that had been deleted.
        versions: that answered.
    """

    def __init__(self, url, reloaded):
        self._url, self._reloaded = url, reloaded
        self._stopped = False
        self.answered, self.refused = Counter(), 0
        self.wrong, self.versions = [], set()

    def stop(self):
        self._stopped = True

    async def run(self, count):
        """Ask with so many clients at once, each on a connection."""
        limits = httpx.Limits(max_connections=count, max_keepalive_connections=count)
        async with httpx.AsyncClient(
            base_url=self._url, timeout=SECONDS, limits=limits
        ) as http:
            await asyncio.gather(*(self._client(http, one) for one in range(count)))

    async def _client(self, http, turn):
        while not self._stopped:
            kind = (self._newest, self._numbered, self._inference)[turn % 3]
            try:
                await kind(http, turn % len(IMAGES))
            except (httpx.HTTPError, KeyError, ValueError) as error:
                self.wrong.append((kind.__name__, repr(error)))
            turn += 1

    async def _newest(self, http, image):
        """The answer tells no version: it must be that of one that could answer."""
        before = self._reloaded.newest
        logits = await self._predict(http, "lenet", image)
        candidates = range(
            max(before - self._reloaded.kept, 1), self._reloaded.newest + 1
        )
        right = [n for n in candidates if self._equals(logits, n, image)]
        self._note("newest", right[0] if right else None)

    async def _numbered(self, http, image):
        number = max(self.versions, default=1)
        logits = await self._predict(http, f"lenet/versions/{number}", image)
        if logits is None:
            if number > self._reloaded.newest - self._reloaded.kept:
                self.wrong.append(("numbered", f"{number} is not found"))
            self.refused += 1
            return
        self._note("numbered", number if self._equals(logits, number, image) else None)

    async def _inference(self, http, image):
        data = IMAGES[image]
        tensor = {"name": "images", "datatype": "FP32", "shape": [1, 28, 28, 1]}
        tensor["parameters"] = {"binary_data_size": data.nbytes}
        asked = {
            "inputs": [tensor],
            "outputs": [{"name": "logits", "parameters": {"binary_data": True}}],
        }
        header = json.dumps(asked).encode()
        answer = await http.post(
            "/v2/models/lenet/infer",
            content=header + data.tobytes(),
            headers={"Inference-Header-Content-Length": str(len(header))},
        )
        answer.raise_for_status()
        end = int(answer.headers["inference-header-content-length"])
        number = int(json.loads(answer.content[:end])["model_version"])
        logits = np.frombuffer(answer.content[end:], np.float32)
        right = self._equals(logits, number, image)
        self._note("inference", number if right else None)

    async def _predict(self, http, path, image):
        """The logits, as the float32 that they were; None of a version that is gone."""
        body = {"instances": IMAGES[image : image + 1].tolist()}
        answer = await http.post(f"/v1/models/{path}:predict", content=json.dumps(body))
        if answer.status_code == GONE and "/" in path:
            return None
        answer.raise_for_status()
        return np.float32(answer.json()["predictions"][0]["logits"])

    def _equals(self, logits, number, image):
        return np.array_equal(logits, self._reloaded.expected[number][image])

    def _note(self, kind, number):
        if number is None:
            self.wrong.append((kind, "differs"))
        else:
            self.answered[kind] += 1
            self.versions.add(number)
