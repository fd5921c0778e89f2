"""What is said about GPUs, on machines that this one is not."""

import pytest
import tensorflow as tf

from kerasheet import devices
from kerasheet.devices import Device, explain, list_devices, use_gpus, why_no_gpu

CUDA = {"is_cuda_build": True, "cuda_version": "12.5.1", "cudnn_version": "9"}


@pytest.fixture
def gpus(monkeypatch):
    """A machine with two GPUs, whose settings are written down."""
    found = [
        tf.config.PhysicalDevice(f"/physical_device:GPU:{n}", "GPU") for n in (0, 1)
    ]
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: found)
    monkeypatch.setattr(
        tf.config.experimental,
        "get_device_details",
        lambda gpu: {"device_name": "NVIDIA H200"},
    )
    monkeypatch.setattr(devices, "_gpu_memory", lambda number: 150 * 2**30)
    return found


def test_the_processor_comes_first_and_every_gpu_after_it(gpus):
    processor, *others = list_devices()
    assert processor.name == "CPU:0"
    assert processor.cores >= 1
    assert processor.memory > 2**28
    assert processor.model
    assert others == [Device(f"GPU:{n}", "NVIDIA H200", 150 * 2**30) for n in (0, 1)]
    assert others[1].describe() == "GPU:1 NVIDIA H200, memory 150.0 GiB"
    assert why_no_gpu() is None


def test_a_machine_without_the_driver_does_not_know_a_gpus_memory():
    assert devices._gpu_memory(99) is None
    assert Device("GPU:0", "unknown", None).size() == "unknown"


def test_memory_grows_on_every_gpu(gpus, monkeypatch):
    grown = []
    monkeypatch.setattr(
        tf.config.experimental,
        "set_memory_growth",
        lambda gpu, enable: grown.append((gpu, enable)),
    )
    assert use_gpus() == 2
    assert grown == [(gpu, True) for gpu in gpus]


@pytest.mark.parametrize("kind", [RuntimeError, ValueError])
def test_gpus_in_use_are_left_as_they_are(gpus, monkeypatch, kind):
    def refuse(gpu, enable):
        raise kind("Physical devices cannot be modified after being initialized")

    monkeypatch.setattr(tf.config.experimental, "set_memory_growth", refuse)
    assert use_gpus() == 2


def test_without_a_gpu_there_is_nothing_to_do():
    tf.zeros(1)  # the devices are in use
    assert use_gpus() == 0
    assert why_no_gpu().startswith("No GPU is used: ")


def test_the_build_is_named():
    assert devices.cuda_build().startswith(f"TensorFlow {tf.__version__}, built ")


@pytest.mark.parametrize(
    ("build", "driver", "libraries", "environment", "sentence"),
    [
        (
            CUDA,
            False,
            False,
            {"CUDA_VISIBLE_DEVICES": ""},
            "this machine shows none (no /dev/nvidia0). If it has an NVIDIA GPU, "
            "install its driver; in a container, start that with --gpus all.",
        ),
        (
            CUDA,
            True,
            True,
            {"CUDA_VISIBLE_DEVICES": "-1"},
            "CUDA_VISIBLE_DEVICES='-1' hides it. Unset that variable, or set it to 0.",
        ),
        (
            {"is_cuda_build": False},
            True,
            False,
            {},
            "this TensorFlow was built without CUDA. Install the one that was: pip "
            "install 'kerasheet[cuda]', on Linux.",
        ),
        (
            CUDA,
            True,
            False,
            {"CUDA_VISIBLE_DEVICES": "GPU-1f2e"},
            "TensorFlow did not find the libraries of CUDA 12.5.1. Install them: pip "
            "install 'kerasheet[cuda]'",
        ),
        (
            CUDA,
            True,
            True,
            {"CUDA_VISIBLE_DEVICES": "0"},
            "the libraries of CUDA 12.5.1 are installed, but TensorFlow could not "
            "start them. Compare the driver's CUDA version in nvidia-smi; "
            "TF_CPP_MIN_LOG_LEVEL=0 shows what failed.",
        ),
    ],
)
def test_the_reason_is_the_first_thing_to_mend(
    build, driver, libraries, environment, sentence
):
    told = explain(build, driver, libraries, environment)
    assert told == f"No GPU is used: {sentence}"
