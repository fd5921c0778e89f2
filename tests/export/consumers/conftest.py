"""Every exported model, each consumer's answers to all of them, and the matrix."""

from pathlib import Path

import pytest
from asking import ask, compile_program
from exchange import write_questions
from matrix import Matrix
from subjects import publish_subjects

MATRIX = pytest.StashKey[Matrix]()


def pytest_addoption(parser):
    parser.addoption(
        "--matrix", type=Path, help="where to write who reads what, if all is well"
    )


def pytest_configure(config):
    config.stash[MATRIX] = Matrix()


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("consumers")


def pytest_sessionfinish(session, exitstatus):
    path = session.config.getoption("--matrix", None)
    if path is not None and exitstatus == 0:
        new = path.with_suffix(".new")
        new.write_text(str(session.config.stash[MATRIX]))
        new.replace(path)  # whoever reads it meanwhile finds it whole


@pytest.fixture(scope="session")
def matrix(request):
    return request.config.stash[MATRIX]


@pytest.fixture(scope="session")
def subjects(tmp_path_factory):
    """Every model, exported, by its name."""
    return publish_subjects(tmp_path_factory.mktemp("repository"))


@pytest.fixture(scope="session")
def directory(tmp_path_factory):
    """Where consumers run, with the compiled one and room for arrays."""
    directory = tmp_path_factory.mktemp("exchange")
    compile_program(directory)
    return directory


@pytest.fixture(scope="session")
def answers(subjects, directory, matrix):
    """A function from a consumer to what it said of every subject."""
    write_questions(subjects.values(), directory)
    said = {}

    def answers_of(consumer):
        if consumer.name not in said:
            said[consumer.name] = ask(consumer, subjects.values(), directory)
            matrix.versions[consumer.name] = said[consumer.name].version
        return said[consumer.name].of

    return answers_of
