"""Numbers are given once, to one writer each, and leftovers are only the dead's."""

import fcntl
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from publisher import go, start, write_version
from repository_state import leftovers, names_below, whole_versions

from kerasheet_serving import Repository, RepositoryError
from kerasheet_serving.publishing.ledger import locked_ledger

INSTEAD = "Leave the version out to get the next free one."


def publish(root, version=None):
    return int(write_version(root, version=version, files=1).name)


def refusal(root, version):
    with pytest.raises(RepositoryError) as error:
        publish(root, version)
    return str(error.value)


@pytest.mark.parametrize("newest", [None, 1, 7])
def test_the_number_of_a_deleted_version_is_not_given_again(tmp_path, newest):
    deleted = publish(tmp_path, newest)
    shutil.rmtree(tmp_path / "M" / str(deleted))
    assert publish(tmp_path) == deleted + 1


def test_a_deleted_version_cannot_be_asked_for_again(tmp_path):
    for version in (3, 10):
        publish(tmp_path, version)
    shutil.rmtree(tmp_path / "M" / "3")
    assert refusal(tmp_path, 3) == (
        f"{tmp_path}/M/3 was published before and deleted, and no number is given "
        f"twice. {INSTEAD}"
    )
    assert publish(tmp_path, 2) == 2
    assert publish(tmp_path) == 11


def test_versions_that_were_copied_here_are_remembered_too(tmp_path):
    (tmp_path / "M" / "5").mkdir(parents=True)
    assert publish(tmp_path) == 6
    for version in (5, 6):
        shutil.rmtree(tmp_path / "M" / str(version))
    assert publish(tmp_path) == 7
    assert refusal(tmp_path, 5).startswith(f"{tmp_path}/M/5 was published before")


def test_a_file_named_like_a_version_is_in_nobodys_way(tmp_path):
    publish(tmp_path)
    (tmp_path / "M" / "2").write_text("a file")
    (tmp_path / "M" / "3").symlink_to("nowhere")
    assert publish(tmp_path) == 4
    for version in (2, 3):
        assert refusal(tmp_path, version) == (
            f"{tmp_path}/M/{version} exists already, and a published version never "
            f"changes. {INSTEAD}"
        )


def test_a_memory_cut_off_by_a_crash_is_mended(tmp_path):
    publish(tmp_path, 12)
    (tmp_path / "M" / ".versions").write_bytes(b"12\n\0\0\nno\n1")
    assert publish(tmp_path, 1) == 1
    shutil.rmtree(tmp_path / "M" / "12")
    assert publish(tmp_path) == 13


def test_a_memory_that_is_a_link_is_refused(tmp_path):
    (tmp_path / "M").mkdir()
    (tmp_path / "elsewhere").write_text("")
    (tmp_path / "M" / ".versions").symlink_to(tmp_path / "elsewhere")
    assert refusal(tmp_path, None) == (
        f"Cannot write {tmp_path}/M: Too many levels of symbolic links. Give a "
        "repository that you may write to, and a name that its file system can hold."
    )


def test_two_writers_at_once_get_two_numbers(tmp_path):
    stage = Repository(tmp_path).stage
    with stage("M") as first, stage("M") as second, stage("M", 7) as given:
        assert (first.version, second.version, given.version) == (1, 2, 7)
        with stage("M") as fourth:
            assert fourth.version == 8
        assert [staging.publish().name for staging in (second, given, first)] == [
            "2",
            "7",
            "1",
        ]
    assert Repository(tmp_path).models() == {"M": (1, 2, 7)}
    assert leftovers(tmp_path) == []


def test_of_two_that_ask_for_one_number_the_second_is_refused(tmp_path):
    with Repository(tmp_path).stage("M", 5) as first:
        assert refusal(tmp_path, 5) == (
            "Version 5 of model 'M' is being published by someone else. " + INSTEAD
        )
        first.publish()
    assert refusal(tmp_path, 5).startswith(f"{tmp_path}/M/5 exists already")


def test_a_number_whose_writer_gave_up_is_free_again(tmp_path):
    with Repository(tmp_path).stage("M", 5), Repository(tmp_path).stage("M"):
        pass
    assert names_below(tmp_path) == []
    assert publish(tmp_path, 5) == 5


def test_a_version_made_by_hand_meanwhile_is_not_replaced(tmp_path):
    with Repository(tmp_path).stage("M") as staging:
        (tmp_path / "M" / "1").mkdir()
        with pytest.raises(RepositoryError) as error:
            staging.publish()
    assert str(error.value).startswith(f"{tmp_path}/M/1 exists already")
    assert names_below(tmp_path) == ["M", "M/1"]


def test_a_model_deleted_meanwhile_is_not_published(tmp_path):
    with Repository(tmp_path).stage("M") as staging:
        shutil.rmtree(tmp_path / "M")
        with pytest.raises(RepositoryError) as error:
            staging.publish()
    assert str(error.value) == (
        f"Cannot write {tmp_path}/M/1: No such file or directory. Give a repository "
        "that you may write to, and a name that its file system can hold."
    )
    assert names_below(tmp_path) == []


def test_who_waits_for_a_ledger_that_goes_with_its_model_is_told(tmp_path, monkeypatch):
    model, waiting = tmp_path / "M", threading.Event()
    model.mkdir()
    flock = fcntl.flock

    def watched(*arguments):
        waiting.set()
        flock(*arguments)

    def wait():
        with locked_ledger(model):
            pass

    with ThreadPoolExecutor(1) as threads:
        with locked_ledger(model):
            monkeypatch.setattr(fcntl, "flock", watched)
            waiter = threads.submit(wait)
            assert waiting.wait(60)
            shutil.rmtree(model)
        assert isinstance(waiter.exception(60), FileNotFoundError)


def test_the_last_number_is_the_last(tmp_path):
    publish(tmp_path, 10**18 - 1)
    assert refusal(tmp_path, None) == (
        f"Version {10**18} of model 'M' is not a whole number from 1 to "
        "999999999999999999. Use 1, 2, 3 and so on."
    )


def test_what_a_living_writer_has_written_is_left_alone(tmp_path):
    with Repository(tmp_path).stage("M") as living:
        (living.path / "file").write_text("content")
        publish(tmp_path)
        assert (living.path / "file").read_text() == "content"
        assert living.publish().name == "1"


def test_what_an_older_release_left_is_cleaned_up(tmp_path):
    (tmp_path / "M" / ".staging-0123456789abcdef").mkdir(parents=True)
    publish(tmp_path)
    assert leftovers(tmp_path) == []


def test_hidden_directories_of_others_are_left_alone(tmp_path):
    for name in (".snapshot", ".staging-mine"):
        (tmp_path / "M" / name).mkdir(parents=True)
    publish(tmp_path)
    assert leftovers(tmp_path) == [".snapshot", ".staging-mine"]


def publishers(root, number, *arguments):
    """So many processes that publish at once; what each said, and its errors."""
    processes = [start(root, "M", *arguments) for _ in range(number)]
    for process in processes:
        go(process)
    return [process.communicate() for process in processes]


@pytest.mark.parametrize("root", ["", "new/root"])
def test_eight_processes_at_once_get_eight_numbers(tmp_path, root):
    said = publishers(tmp_path / root, 8)
    assert [error for _, error in said] == [""] * 8
    numbers = sorted(int(out.split()[-1]) for out, _ in said)
    assert numbers == list(range(1, 9))
    assert whole_versions(tmp_path / root) == tuple(numbers)
    assert leftovers(tmp_path) == []


def test_of_eight_processes_that_ask_for_one_number_one_gets_it(tmp_path):
    said = publishers(tmp_path, 8, "3")
    losers = [error.splitlines()[-1] for _, error in said if error]
    assert len(losers) == 7
    prefix = "kerasheet_serving.errors.RepositoryError: "
    for sentence in losers:
        assert sentence in (
            f"{prefix}Version 3 of model 'M' is being published by someone else. "
            f"{INSTEAD}",
            f"{prefix}{tmp_path}/M/3 exists already, and a published version never "
            f"changes. {INSTEAD}",
        )
    assert whole_versions(tmp_path) == (3,)
    assert leftovers(tmp_path) == []
