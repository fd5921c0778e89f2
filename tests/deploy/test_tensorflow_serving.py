"""The files for TensorFlow Serving, in TensorFlow Serving's messages."""

import re
import shlex
from pathlib import Path

import pytest
from google.protobuf import text_format
from serving_messages import message
from tensorflow_serving.config.model_server_config_pb2 import ModelServerConfig

from kerasheet_serving import Settings

FOLDER = Path(__file__).parents[2] / "serving" / "deploy" / "tensorflow_serving"


def read(name, kind):
    return text_format.Parse((FOLDER / name).read_text(), kind())


def test_batches_are_those_of_our_own_server():
    batching = read("batching.config", message("BatchingParameters"))
    rows = batching.max_batch_size.value
    assert rows == Settings.batch_rows
    assert batching.batch_timeout_micros.value == Settings.batch_delay * 1e6
    assert batching.max_enqueued_batches.value * rows == Settings.waiting_rows
    assert batching.num_batch_threads.value >= 1


def test_prometheus_may_ask_for_the_metrics():
    monitoring = read("monitoring.config", message("MonitoringConfig"))
    assert monitoring.prometheus_config.enable
    assert monitoring.prometheus_config.path.startswith("/")


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("BatchingParameters", "max_batch_rows { value: 32 }"),
        ("BatchingParameters", "max_batch_size: 32"),
        ("MonitoringConfig", "enable: true"),
    ],
)
def test_what_the_messages_do_not_have_is_found(kind, text):
    with pytest.raises(text_format.ParseError):
        text_format.Parse(text, message(kind)())


def test_the_command_names_files_that_there_are():
    command = re.search(r"```\n(docker run .*?)```", readme(), re.DOTALL)[1]
    words = shlex.split(command.replace("\\\n", ""))
    files = dict(word.lstrip("-").split("=", 1) for word in words if "_file=" in word)
    assert files == {
        "model_config_file": "/config/models.config",
        "batching_parameters_file": "/config/batching.config",
        "monitoring_config_file": "/config/monitoring.config",
    }
    assert all((FOLDER / Path(name).name).is_file() for name in files.values())
    assert "--enable_batching" in words
    assert "source=$PWD/serving/deploy/tensorflow_serving,target=/config" in (
        command.replace('"', "")
    )


def test_every_model_is_below_the_mounted_repository():
    models = read("models.config", ModelServerConfig).model_config_list.config
    assert [model.base_path for model in models] == [
        f"/models/{model.name}" for model in models
    ]
    assert "target=/models" in readme()


def readme():
    return (FOLDER / "README.md").read_text()
