"""One process that reads bodies with the standard library and runs the session.

    bare.py MODEL_FILE BODY_FILE BATCH

For every line with a number that it reads, it answers so many requests and writes the
seconds they took, on the wall's clock and of the processor, and the median of one.
"""

import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime


def main():
    """Take turns until the end of the input."""
    path, body_file, batch = sys.argv[1:]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options)
    body = Path(body_file).read_bytes()
    for line in sys.stdin:
        times = [time.perf_counter()]
        begun = time.process_time()
        for _ in range(int(line) // int(batch)):
            images = [
                np.asarray(json.loads(body)["instances"], np.float32)
                for _ in range(int(batch))
            ]
            session.run(None, {"images": np.concatenate(images)})
            times.append(time.perf_counter())
        cpu = time.process_time() - begun
        median = statistics.median(np.diff(times).tolist()) / int(batch)
        print(times[-1] - times[0], cpu, median, flush=True)


if __name__ == "__main__":
    main()
