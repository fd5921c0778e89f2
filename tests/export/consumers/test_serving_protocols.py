"""What TensorFlow Serving reads besides the model, in TensorFlow Serving's messages."""

import numpy as np
import pytest
import tensorflow as tf
from asking import ask
from consumers import CONSUMERS, ROOT
from exchange import read_signatures, write_questions
from google.protobuf import text_format
from image_subjects import DRESSED, IMAGE_MODELS
from subject import Run, Subject
from tensorflow_serving.apis.prediction_log_pb2 import PredictionLog
from tensorflow_serving.config.model_server_config_pb2 import ModelServerConfig
from text_subjects import LANGUAGE_MODEL

CONFIG = ROOT / "serving" / "deploy" / "tensorflow_serving" / "models.config"
MOST = 1000  # TensorFlow Serving refuses a file with more
OLDER = next(one for one in CONSUMERS if one.name == "older TensorFlow C")
MODELS = [*IMAGE_MODELS, LANGUAGE_MODEL]


def requests(version):
    """The signature and the inputs of each record of a warm-up file."""
    path = version / "assets.extra" / "tf_serving_warmup_requests"
    for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
        log = PredictionLog.FromString(record)
        if log.HasField("classify_log"):
            request = log.classify_log.request
            examples = request.input.example_list.examples
            inputs = {"inputs": np.array([one.SerializeToString() for one in examples])}
        else:
            request = log.predict_log.request
            inputs = {
                name: tf.make_ndarray(tensor) for name, tensor in request.inputs.items()
            }
        yield request.model_spec, inputs


@pytest.mark.parametrize("name", MODELS)
def test_warm_up_requests_are_few_and_for_signatures_that_exist(name, subjects):
    version = subjects[name].version
    signatures = read_signatures(version)
    specs = [spec for spec, _ in requests(version)]
    assert 1 <= len(specs) <= MOST
    assert {spec.name for spec in specs} == {name}
    assert {spec.signature_name for spec in specs} <= signatures.keys()


def test_the_older_session_answers_every_warm_up_request(subjects, directory):
    """A version of which one request fails is not loaded by TensorFlow Serving."""
    asked = [
        _warm_up(subjects[name], number, spec, inputs)
        for name in (DRESSED, LANGUAGE_MODEL)
        for number, (spec, inputs) in enumerate(requests(subjects[name].version))
    ]
    write_questions(asked, directory)
    for subject, said in ask(OLDER, asked, directory).of.items():
        assert not isinstance(said, str), f"{subject}: {said}"


def _warm_up(subject, number, spec, inputs):
    outputs = read_signatures(subject.version)[spec.signature_name].outputs
    arrays = {
        name: array.astype("S") if array.dtype.kind in "OS" else array
        for name, array in inputs.items()
    }
    return Subject(
        f"{subject.name} {number} {spec.signature_name}",
        subject.version,
        (Run(arrays, dict.fromkeys(outputs)),),
        graph=None,
        signature=spec.signature_name,
    )


def test_the_model_config_names_models_of_a_repository(subjects):
    config = text_format.Parse(CONFIG.read_text(), ModelServerConfig())
    models = config.model_config_list.config
    assert {model.model_platform for model in models} == {"tensorflow"}
    for model in models:
        mounted, directory = model.base_path.rsplit("/", 1)
        assert (mounted, directory) == ("/models", model.name)
        found = subjects[model.name].version.parent.iterdir()
        versions = [path for path in found if path.name.isdecimal()]
        assert [path.name for path in versions] == ["1"]
        assert (versions[0] / "saved_model.pb").is_file()
