"""The environment every test runs in. Imports nothing of ours: serving has no Keras."""

import os
import signal
import tempfile

from hypothesis import settings

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ["KERAS_HOME"] = tempfile.mkdtemp(prefix="kerasheet-tests-")
os.environ["JAX_ENABLE_X64"] = "1"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "1"  # as in our commands, whatever comes first
os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # of tests that import it without ours

workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
if workers > 1:  # threads of one that wait for cores of the others cost them more
    threads = str(max(1, len(os.sched_getaffinity(0)) // workers))
    for name in ("TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(name, threads)

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    # A run in the background: commands that are tested would inherit it.
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("repeated", deadline=None, derandomize=True)
settings.load_profile("repeated")
