"""Answers a job list in Python; `exchange.py` says what is in one."""

import sys
from pathlib import Path

import numpy as np


def perform(load):
    """Answer the job list that the command line names.

    Args:
        load: from the path of a model and the name of a signature to a function from
            inputs to outputs, both mappings of arrays by name.
    """
    graph, error_file, inputs, outputs = None, None, {}, {}
    for line in Path(sys.argv[1]).read_text().splitlines():
        match line.split("\t"):
            case "model", path, signature, error:
                graph, error_file = _load(load, path, signature, error), Path(error)
            case "input", name, file:
                inputs[name] = file
            case "output", name, file:
                outputs[name] = file
            case ["run"]:
                if graph is not None:
                    graph = _run(graph, inputs, outputs, error_file)
                inputs, outputs = {}, {}


def _load(load, path, signature, error):
    try:
        return load(path, signature)
    except Exception as refusal:
        Path(error).write_text(str(refusal))


def _run(graph, inputs, outputs, error_file):
    """Run once; the graph for the next run, None after a refusal."""
    try:
        answer = graph({name: np.load(file) for name, file in inputs.items()})
        for name, file in outputs.items():
            np.save(file, answer[name])
    except Exception as refusal:
        error_file.write_text(str(refusal))
        return None
    return graph
