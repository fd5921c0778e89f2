"""Be OpenVINO's side: for every line that comes in, run a model so many times.

.venv-openvino/bin/python openvino_side.py MODEL IMAGES THREADS REPEATS
"""

import sys
import time

import numpy as np
import openvino


def main() -> None:
    """Answer each line with the seconds on the wall and of the processor."""
    path, array, threads, repeats = sys.argv[1:]
    settings = {
        "INFERENCE_NUM_THREADS": int(threads),
        "INFERENCE_PRECISION_HINT": "f32",
        "PERFORMANCE_HINT": "LATENCY",
    }
    images = np.load(array)
    model = openvino.Core().read_model(path)
    model.reshape(images.shape)  # it is slower where the batch may be any
    request = openvino.compile_model(model, "CPU", settings).create_infer_request()
    for _ in sys.stdin:
        started = time.perf_counter(), time.process_time()
        for _ in range(int(repeats)):
            request.infer([images], share_inputs=True, share_outputs=True)
        ended = time.perf_counter(), time.process_time()
        print(*(b - a for a, b in zip(started, ended, strict=True)), flush=True)


if __name__ == "__main__":
    main()
