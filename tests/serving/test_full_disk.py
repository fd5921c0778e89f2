"""A disk that fills up while a version is published leaves the repository as it was."""

import errno
import os
import shutil
import subprocess
import sys
from itertools import count
from pathlib import Path

import pytest
from publisher import write_version
from repository_state import contents, leftovers, names_below, whole_versions

from kerasheet_serving import Repository, RepositoryError

ADVICE = "Make room for it and publish again; the repository is as it was."
FILLING = ("mkdir", "open", "write", "ftruncate", "fsync", "rename")


class Disk:
    """Is full when the operation of that number would fill it."""

    def __init__(self, monkeypatch, full_at, error=errno.ENOSPC):
        self.operations = count(1)
        self.full_at = full_at
        self.error = error
        self.failed = None
        for name in FILLING:
            monkeypatch.setattr(os, name, self.filling(name, getattr(os, name)))

    def filling(self, name, operation):
        def fill_or_fail(*arguments, **options):
            if needs_room(name, *arguments) and next(self.operations) == self.full_at:
                self.failed = name
                raise OSError(self.error, os.strerror(self.error))
            return operation(*arguments, **options)

        return fill_or_fail


def needs_room(operation, path, *arguments):
    if operation == "open" and not arguments[0] & os.O_CREAT:
        return False
    return operation not in ("open", "mkdir") or not os.path.lexists(path)


def failures(tmp_path, monkeypatch, prepare):
    """For each operation: its name, the error, and the repository before and after."""
    for step in count(1):
        root = tmp_path / str(step) / "root"
        prepare(root)
        before = contents(root.parent)
        with monkeypatch.context() as patch:
            disk = Disk(patch, step)
            try:
                write_version(root, files=2)
            except RepositoryError as error:
                yield disk.failed, str(error), root, before
            else:
                assert disk.failed is None
                return


def nothing(root):
    root.parent.mkdir()


def some_versions(root):
    for _ in range(2):
        write_version(root, files=1)
    shutil.rmtree(root / "M" / "1")


@pytest.mark.parametrize(("prepare", "last"), [(nothing, 0), (some_versions, 2)])
def test_a_disk_full_at_any_operation_is_told_in_one_sentence(
    prepare, last, tmp_path, monkeypatch
):
    failed = []
    for name, sentence, root, _ in failures(tmp_path, monkeypatch, prepare):
        failed.append(name)
        assert sentence in (
            f"Cannot write {root}/M: No space left on device. {ADVICE}",
            f"Cannot write {root}/M/{last + 1}: No space left on device. {ADVICE}",
        )
    assert set(failed) == set(FILLING)
    assert failed[-3:] == ["rename", "fsync", "fsync"]


@pytest.mark.parametrize("prepare", [nothing, some_versions])
def test_a_disk_full_before_a_version_has_its_name_changes_nothing(
    prepare, tmp_path, monkeypatch
):
    for name, _, root, before in failures(tmp_path, monkeypatch, prepare):
        assert contents(root.parent) == before
        if name == "rename":
            break


@pytest.mark.parametrize(("prepare", "last"), [(nothing, 0), (some_versions, 2)])
def test_a_version_that_loses_its_name_again_keeps_its_number(
    prepare, last, tmp_path, monkeypatch
):
    *_, fsync = failures(tmp_path, monkeypatch, prepare)
    _, _, root, before = fsync
    named = {name for name in contents(root.parent) if "." not in name}
    assert named - set(before) <= {"root", "root/M"}
    assert leftovers(root) == []
    assert write_version(root, files=1).name == str(last + 2)


@pytest.mark.parametrize("number", [errno.EDQUOT, errno.EFBIG])
def test_a_quota_is_a_full_disk(number, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        Disk(patch, 1, number)
        with pytest.raises(RepositoryError) as error:
            write_version(tmp_path)
    reason = os.strerror(number)
    assert str(error.value) == f"Cannot write {tmp_path}/M: {reason}. {ADVICE}"


def refused(tmp_path, make_error):
    with (
        pytest.raises(Exception) as error,
        Repository(tmp_path).stage("M") as staging,
    ):
        raise make_error(staging.path)
    assert names_below(tmp_path) == []
    return error.value


class ErrorOfTensorFlow(Exception):
    """Not an OSError, and only quotes the system."""


@pytest.mark.parametrize(
    "make_error",
    [
        lambda path: OSError(errno.ENOSPC, "No space left on device"),
        lambda path: OSError(errno.ENOSPC, "No space left on device", f"{path}/x"),
        lambda path: ErrorOfTensorFlow(f"{path}/x; No space left on device"),
    ],
)
def test_an_error_of_a_full_disk_while_writing_is_one_sentence(tmp_path, make_error):
    error = refused(tmp_path, make_error)
    assert type(error) is RepositoryError
    assert str(error) == (
        f"Cannot write {tmp_path}/M/1: No space left on device. {ADVICE}"
    )


@pytest.mark.parametrize(
    "make_error",
    [
        lambda path: OSError(errno.ENOSPC, "No space left on device", "/elsewhere/x"),
        lambda path: OSError(errno.ENOENT, "No such file or directory", f"{path}/x"),
        lambda path: ErrorOfTensorFlow("/elsewhere/x; No space left on device"),
        lambda path: ErrorOfTensorFlow(f"{path}/x; Permission denied"),
    ],
)
def test_an_error_of_something_else_while_writing_stays_what_it_is(
    tmp_path, make_error
):
    error = refused(tmp_path, make_error)
    assert type(error) is type(make_error(""))


def limited(root, size):
    """Publish in a process whose files may not grow larger than that."""
    script = (
        "import resource, publisher\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))\n"
        f"publisher.write_version({str(root)!r})"
    )
    return subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
    )


@pytest.mark.parametrize("size", [0, 1000, 19_999])
def test_files_that_may_not_grow_leave_the_repository_as_it_was(tmp_path, size):
    write_version(tmp_path)
    before = contents(tmp_path)
    done = limited(tmp_path, size)
    assert done.stderr.splitlines()[-1] == (
        "kerasheet_serving.errors.RepositoryError: "
        f"Cannot write {tmp_path}/M/2: File too large. {ADVICE}"
    )
    assert contents(tmp_path) == before
    assert limited(tmp_path, 20_000).returncode == 0
    assert whole_versions(tmp_path) == (1, 2)


@pytest.fixture
def small_disk(tmp_path):
    """A file system of its own, of 1 MiB."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    try:
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        pytest.skip(f"cannot mount a file system: {error}")
    if done.returncode:
        pytest.skip(f"cannot mount a file system: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_real_disk_that_fills_up_leaves_the_repository_as_it_was(small_disk):
    root = small_disk / "root"
    write_version(root)
    write_version(root)
    before = contents(small_disk)
    with pytest.raises(RepositoryError) as error:
        write_version(root)
    assert str(error.value) == (
        f"Cannot write {root}/M/3: No space left on device. {ADVICE}"
    )
    assert contents(small_disk) == before
    shutil.rmtree(root / "M" / "2")
    assert write_version(root).name == "3"
    assert whole_versions(root) == (1, 3)
    assert leftovers(root) == []
