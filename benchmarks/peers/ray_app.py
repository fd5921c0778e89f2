"""Ray Serve, computing requests in batches.

ray_app.py MODEL_FILE PORT
"""

import os
import signal
import sys

os.environ["RAY_SERVE_THROUGHPUT_OPTIMIZED"] = "1"
os.environ["RAY_USAGE_STATS_ENABLED"] = "0"

import numpy as np
import onnxruntime
import ray
from ray import serve

PATH, PORT = sys.argv[1:]


@serve.deployment(max_ongoing_requests=64)
class Images:
    """Answers what TensorFlow Serving would."""

    def __init__(self):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(PATH, options)
        self.names = [output.name for output in self.session.get_outputs()]

    @serve.batch(max_batch_size=32, batch_wait_timeout_s=0.001)
    async def compute(self, inputs):
        """A row of every output for each."""
        arrays = self.session.run(None, {"images": np.concatenate(inputs)})
        return list(zip(*arrays, strict=True))

    async def __call__(self, request):
        """From JSON to JSON."""
        document = await request.json()
        images = np.asarray(document["instances"], np.float32)
        arrays = await self.compute(images)
        row = {
            name: array.tolist() for name, array in zip(self.names, arrays, strict=True)
        }
        return {"predictions": [row]}


if __name__ == "__main__":
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    serve.start(http_options={"host": "127.0.0.1", "port": int(PORT)})
    serve.run(Images.bind(), route_prefix="/v1/models/lenet:predict")
    signal.pause()
