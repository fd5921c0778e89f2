"""Run benchmarks one after the other, each in a process of its own.

    python benchmarks/run_all.py [--short] [NAME ...]

Without names, all. What one wrote stays if a later one fails. DEVICE=gpu in the
environment lets them use a GPU, which they else do not see. TensorFlow's oneDNN kernels
are on for every side, as they are where kerasheet is imported before TensorFlow, and
ONNX Runtime reports nothing.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
NAMES = (
    "start",
    "serving",
    "serving_profile",
    "batch_norm",
    "training_epoch",
    "generation",
    "training_step",
    "inference",
    "language_model",
    "image_folder",
    "int8",
    "growth",
    "limits",
    "bfloat16",
    "torch_compile",
)
"""What `make bench` runs, in this order."""

OTHERS = ("xla", "scaling", "serving_start")
"""What is run only by its name."""


def main() -> None:
    """Run those named on the command line; exit with their number that failed."""
    words = sys.argv[1:]
    options = [word for word in words if word.startswith("-")]
    names = [word for word in words if word not in options] or NAMES
    if unknown := sorted({*names} - {*NAMES, *OTHERS}):
        known = ", ".join((*NAMES, *OTHERS))
        sys.exit(f"There is no benchmark {unknown[0]!r}, but {known}.")
    settings = {
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_ENABLE_ONEDNN_OPTS": "1",
        "ORT_DISABLE_TELEMETRY": "1",
    }
    hidden = {} if os.environ.get("DEVICE") == "gpu" else {"CUDA_VISIBLE_DEVICES": ""}
    failed = []
    for name in names:
        print(f"== {name}", flush=True)
        started = time.perf_counter()
        command = [sys.executable, str(HERE / f"{name}.py"), *options]
        if subprocess.run(command, env=os.environ | settings | hidden).returncode:
            failed.append(name)
        print(f"{time.perf_counter() - started:.0f} s", flush=True)
    if failed:
        sys.exit(f"Failed: {', '.join(failed)}.")


if __name__ == "__main__":
    main()
