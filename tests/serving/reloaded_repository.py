"""A repository whose versions come and go while a server answers of them."""

import shutil

import numpy as np
import onnx
from onnx import numpy_helper
from serving_models import lenet, publish

from kerasheet_serving import Session

IMAGES = np.random.default_rng(1).random((16, 28, 28, 1), np.float32)


class Reloaded:
    """Publishes versions of LeNet with other weights each, and deletes old ones.

    Attributes:
        expected: (images, classes) of each version, each image computed alone.
        newest: number of the newest version.
        kept: how many versions there are at a time.
    """

    def __init__(self, root, kept):
        self._root, self.kept = root, kept
        self.expected = {}
        self.newest = 0
        for _ in range(kept):
            self.publish()

    def publish(self):
        """Publish the next version, and delete the one that is then too old."""
        number = self.newest + 1
        model = lenet()
        rng = np.random.default_rng(number)
        for tensor in model.proto.graph.initializer:
            if tensor.name.startswith(("kernel", "dense")):
                shape = tuple(tensor.dims)
                weights = rng.normal(size=shape, scale=0.1).astype(np.float32)
                tensor.CopyFrom(numpy_helper.from_array(weights, tensor.name))
        onnx.checker.check_model(model.proto)
        version = publish(self._root / "staged", "lenet", model, number)
        session = Session(version, threads=1)
        self.expected[number] = np.concatenate(
            [session.run({"images": IMAGES[i : i + 1]})["logits"] for i in range(16)]
        )
        served = self._root / "models" / "lenet"
        served.mkdir(parents=True, exist_ok=True)
        version.rename(served / str(number))
        self.newest = number
        old = served / str(number - self.kept)
        if old.exists():
            shutil.rmtree(old)
