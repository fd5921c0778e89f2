"""LitServe, computing requests in batches.

litserve_app.py MODEL_FILE PORT
"""

import sys

import litserve
import numpy as np
import onnxruntime

PATH, PORT = sys.argv[1:]


class Images(litserve.LitAPI):
    """Answers what TensorFlow Serving would."""

    def setup(self, device):
        """Open the model."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(PATH, options)
        self.names = [output.name for output in self.session.get_outputs()]

    def decode_request(self, request):
        """An array of JSON."""
        return np.asarray(request["instances"], np.float32)

    def batch(self, inputs):
        """All in one array."""
        return np.concatenate(inputs)

    def predict(self, images):
        """Every output."""
        return self.session.run(None, {"images": images})

    def unbatch(self, output):
        """A row of every output for each."""
        return list(zip(*output, strict=True))

    def encode_response(self, output):
        """JSON of arrays."""
        row = {
            name: array.tolist() for name, array in zip(self.names, output, strict=True)
        }
        return {"predictions": [row]}


if __name__ == "__main__":
    images = Images(
        max_batch_size=32, batch_timeout=0.001, api_path="/v1/models/lenet:predict"
    )
    server = litserve.LitServer(images, accelerator="cpu", workers_per_device=2)
    server.run(
        host="127.0.0.1",
        port=int(PORT),
        log_level="error",
        generate_client_file=False,
    )
