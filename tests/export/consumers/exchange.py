"""Arrays and job lists on disk, which consumers in any language read and write.

A job list has a line per step, its words separated by tabs; paths are relative to the
directory that the consumer runs in:

```
model   PATH  SIGNATURE  ERROR    load a graph; say in the file ERROR why it failed
input   NAME  FILE.npy            the next run's input
output  NAME  FILE.npy            where an output of the next run goes
run
```
"""

from pathlib import Path

import numpy as np
from tensorflow.core.protobuf import saved_model_pb2

JOBS, ERROR, QUESTIONS = "jobs.tsv", "error.txt", "questions"


def write_questions(subjects, directory):
    """Write every input that is known beforehand."""
    for subject in subjects:
        for index, run in enumerate(subject.runs):
            place = directory / QUESTIONS / subject.name / str(index)
            place.mkdir(parents=True)
            for name, array in run.inputs.items():
                np.save(place / f"{name}.npy", array)


def write_jobs(subjects, directory, consumer):
    """Write the job list of one consumer, and make room for its answers.

    Returns:
        Its path relative to the directory.
    """
    home, lines = Path(consumer.name), []
    for subject in subjects:
        lines += _jobs(subject, home, consumer)
        for index in range(len(subject.runs)):
            (directory / home / subject.name / str(index)).mkdir(parents=True)
    text = "".join("\t".join(map(str, line)) + "\n" for line in lines)
    (directory / home / JOBS).write_text(text)
    return home / JOBS


def read_answers(subject, directory, consumer):
    """What a consumer said: outputs by name for each run, or why it refused."""
    place = directory / consumer.name / subject.name
    if (place / ERROR).exists():
        return (place / ERROR).read_text()
    return [
        {name: np.load(place / str(index) / f"{name}.npy") for name in run.expected}
        for index, run in enumerate(subject.runs)
    ]


def _jobs(subject, home, consumer):
    answers, questions = home / subject.name, Path(QUESTIONS) / subject.name
    path = subject.version / subject.graph if consumer.reads_onnx else subject.version
    inputs, outputs = _names(subject, consumer.by_tensor)
    yield "model", path, subject.signature, answers / ERROR
    for index, run in enumerate(subject.runs):
        for name in run.inputs:
            yield "input", inputs[name], questions / str(index) / f"{name}.npy"
        for name, output in run.handed_on.items():
            yield "input", inputs[name], answers / str(index - 1) / f"{output}.npy"
        for name in run.expected:
            yield "output", outputs[name], answers / str(index) / f"{name}.npy"
        yield ("run",)


def _names(subject, by_tensor):
    """What the consumer calls the inputs and the outputs, by our names for them."""
    signature = read_signatures(subject.version)[subject.signature]
    return tuple(
        {name: tensor.name if by_tensor else name for name, tensor in tensors.items()}
        for tensors in (signature.inputs, signature.outputs)
    )


def read_signatures(version):
    """The signatures of a SavedModel, by name, as its file has them."""
    document = saved_model_pb2.SavedModel()
    document.ParseFromString((version / "saved_model.pb").read_bytes())
    [graph] = document.meta_graphs
    return graph.signature_def
