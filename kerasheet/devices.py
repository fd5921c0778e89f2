"""What TensorFlow computes on, and why not on a GPU."""

import ctypes
import importlib.metadata
import os
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import tensorflow as tf

GIB = 2**30
DEVICE_FILES = ("nvidia[0-9]*", "dxg")
"""In /dev: of the NVIDIA driver, and of Windows' one for Linux."""


class Device(NamedTuple):
    """A device that TensorFlow sees.

    Attributes:
        name: TensorFlow's, such as `"GPU:0"`.
        model: the maker's, such as `"NVIDIA H200"`.
        memory: in bytes, None if not known.
        cores: that this process may use; None for a GPU.
    """

    name: str
    model: str
    memory: int | None
    cores: int | None = None

    def size(self) -> str:
        """The memory in words."""
        return "unknown" if self.memory is None else f"{self.memory / GIB:.1f} GiB"

    def describe(self) -> str:
        """The device in a few words."""
        cores = "" if self.cores is None else f", {self.cores} cores"
        return f"{self.name} {self.model}{cores}, memory {self.size()}"


def list_devices() -> list[Device]:
    """The processor, then every GPU that TensorFlow sees."""
    gpus = tf.config.list_physical_devices("GPU")
    return [_processor(), *(_gpu(number, gpu) for number, gpu in enumerate(gpus))]


def mixed_precision_policy() -> str:
    """Keras' policy of 16 bits that suits: float16 on a GPU, bfloat16 elsewhere."""
    gpus = tf.config.list_physical_devices("GPU")
    return "mixed_float16" if gpus else "mixed_bfloat16"


def use_gpus() -> int:
    """Let every GPU's memory grow with need, instead of taking all of it at once.

    TensorFlow allows that only before its first operation. Once devices are in use, or
    if a program has divided a GPU itself, they are left as they are.

    Returns:
        The number of GPUs that TensorFlow sees.
    """
    gpus = tf.config.list_physical_devices("GPU")
    for gpu in gpus:
        try:
            tf.config.experimental.set_memory_growth(gpu, True)
        except (RuntimeError, ValueError):
            break
    return len(gpus)


def cuda_build() -> str:
    """TensorFlow's version, and what CUDA it was built for."""
    build = tf.sysconfig.get_build_info()
    cuda = "without CUDA"
    if build.get("is_cuda_build"):
        cuda = f"for CUDA {build['cuda_version']} and cuDNN {build['cudnn_version']}"
    return f"TensorFlow {tf.__version__}, built {cuda}."


def why_no_gpu() -> str | None:
    """A sentence on why no GPU is used, and what to do; None if one is."""
    if tf.config.list_physical_devices("GPU"):
        return None
    build = tf.sysconfig.get_build_info()
    files = [file for name in DEVICE_FILES for file in Path("/dev").glob(name)]
    libraries = importlib.metadata.packages_distributions().get("nvidia", [])
    return explain(build, bool(files), bool(libraries), os.environ)


def explain(
    build: Mapping[str, object],
    driver: bool,
    libraries: bool,
    environment: Mapping[str, str],
) -> str:
    """The first of the reasons why TensorFlow sees no GPU.

    Args:
        build: what `tf.sysconfig.get_build_info` gives.
        driver: whether a GPU's driver shows a device.
        libraries: whether NVIDIA's Python packages are installed.
        environment: variables of the process.
    """
    if not driver:
        return (
            "No GPU is used: this machine shows none (no /dev/nvidia0). If it has an "
            "NVIDIA GPU, install its driver; in a container, start that with --gpus "
            "all."
        )
    hidden = environment.get("CUDA_VISIBLE_DEVICES")
    if hidden is not None and hidden.strip()[:1] in ("", "-", ","):
        return (
            f"No GPU is used: CUDA_VISIBLE_DEVICES={hidden!r} hides it. Unset that "
            "variable, or set it to 0."
        )
    if not build.get("is_cuda_build"):
        return (
            "No GPU is used: this TensorFlow was built without CUDA. Install the one "
            "that was: pip install 'kerasheet[cuda]', on Linux."
        )
    cuda = f"CUDA {build.get('cuda_version', '')}".strip()
    if not libraries:
        return (
            f"No GPU is used: TensorFlow did not find the libraries of {cuda}. Install "
            "them: pip install 'kerasheet[cuda]'"
        )
    return (
        f"No GPU is used: the libraries of {cuda} are installed, but TensorFlow could "
        "not start them. Compare the driver's CUDA version in nvidia-smi; "
        "TF_CPP_MIN_LOG_LEVEL=0 shows what failed."
    )


def _processor() -> Device:
    cores = os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):  # not on macOS
        cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return Device("CPU:0", _processor_model(), memory, cores)


def _processor_model() -> str:
    file = Path("/proc/cpuinfo")
    text = file.read_text() if file.is_file() else ""
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.processor() or platform.machine()


def _gpu(number: int, gpu: tf.config.PhysicalDevice) -> Device:
    details = tf.config.experimental.get_device_details(gpu)
    model = str(details.get("device_name", "unknown"))
    return Device(f"GPU:{number}", model, _gpu_memory(number))


def _gpu_memory(number: int) -> int | None:
    """Bytes of a GPU by the driver, which numbers GPUs as TensorFlow does."""
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return None
    device, size = ctypes.c_int(), ctypes.c_size_t()
    failed = (
        driver.cuInit(0)
        or driver.cuDeviceGet(ctypes.byref(device), number)
        or driver.cuDeviceTotalMem_v2(ctypes.byref(size), device)
    )
    return None if failed else size.value
