"""The repository: what is published is whole, and everything else is invisible."""

import contextlib
import errno
import os

import pytest
from serving_models import half_plus_two, publish

from kerasheet_serving import Repository, RepositoryError

INSTEAD = (
    "Give the directory that holds <model>/<version>/, or make one with "
    "`kerasheet export`."
)
WRITABLE = (
    "Give a repository that you may write to, and a name that its file system can hold."
)


def write_version(root, name="M", version=None):
    with Repository(root).stage(name, version) as staging:
        (staging.path / "file").write_text("content")
        return staging.publish()


def names_below(root):
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*"))


def refusal(action, *arguments):
    with pytest.raises(RepositoryError) as error:
        action(*arguments)
    return str(error.value)


def test_a_published_version_is_found(tmp_path):
    path = write_version(tmp_path / "new" / "root")
    assert path == tmp_path / "new" / "root" / "M" / "1"
    repository = Repository(tmp_path / "new" / "root")
    assert repository.models() == {"M": (1,)}
    assert repository.directory("M", 1) == path
    assert names_below(path.parent) == [".versions", "1", "1/file"]


def test_versions_are_numbers_in_order(tmp_path):
    for version in (10, 9, None):
        write_version(tmp_path, version=version)
    assert Repository(tmp_path).models() == {"M": (9, 10, 11)}


def test_what_is_not_a_model_or_a_version_is_ignored(tmp_path):
    write_version(tmp_path)
    for name in ("M/latest", "M/0", "M/-1", "M/01", "M/1.5", "M/.hidden", ".cache"):
        (tmp_path / name).mkdir()
    (tmp_path / "M" / "2").write_text("a file")
    (tmp_path / "README.md").write_text("a file")
    (tmp_path / "a b").mkdir()
    contents = Repository(tmp_path).read()
    assert contents.models == {"M": (1,)}
    not_versions = [
        f"Ignored {tmp_path}/M/{name}: a version is a directory named 1, 2, 3 ... "
        "below its model."
        for name in ("-1", "0", "01", "1.5", "latest")
    ]
    assert contents.ignored == [
        *not_versions,
        f"Ignored {tmp_path}/a b: the name of a model is letters, digits, '.', '_' "
        "and '-', starting with a letter or digit.",
    ]


def test_a_model_whose_first_version_is_being_written_is_nothing_to_tell_of(tmp_path):
    with Repository(tmp_path).stage("M"):
        contents = Repository(tmp_path).read()
    assert contents.models == {"M": ()}
    assert contents.ignored == []


def test_a_model_that_may_not_be_read_is_ignored_with_the_reason(tmp_path, monkeypatch):
    def listdir(path, listdir=os.listdir):
        if path == tmp_path / "locked":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return listdir(path)

    write_version(tmp_path)
    write_version(tmp_path, "locked")
    monkeypatch.setattr(os, "listdir", listdir)
    contents = Repository(tmp_path).read()
    assert contents.models == {"M": (1,)}
    assert contents.ignored == [
        f"Cannot read model {tmp_path}/locked: Permission denied. "
        "Let the user of this process read it."
    ]


def test_a_model_without_versions_is_listed_as_such(tmp_path):
    (tmp_path / "M" / "latest").mkdir(parents=True)
    assert Repository(tmp_path).models() == {"M": ()}


def test_an_unpublished_version_leaves_nothing(tmp_path):
    with Repository(tmp_path).stage("M") as staging:
        (staging.path / "file").write_text("content")
        assert Repository(tmp_path).models() == {"M": ()}
    assert names_below(tmp_path) == []


def test_an_exception_while_writing_leaves_nothing_but_the_versions_before(tmp_path):
    def write_half():
        with Repository(tmp_path).stage("M") as staging:
            (staging.path / "file").write_text("half")
            raise ZeroDivisionError

    write_version(tmp_path)
    before = names_below(tmp_path)
    with pytest.raises(ZeroDivisionError):
        write_half()
    assert names_below(tmp_path) == before


def test_a_repository_made_for_a_version_that_is_not_published_goes_with_it(tmp_path):
    with Repository(tmp_path / "new").stage("M"):
        assert names_below(tmp_path / "new")[0] == "M"
    assert names_below(tmp_path) == []


def test_a_published_directory_has_ordinary_permissions(tmp_path):
    path = write_version(tmp_path)
    (tmp_path / "plain").mkdir()
    assert path.stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_version_is_never_replaced(tmp_path):
    path = write_version(tmp_path)
    assert refusal(write_version, tmp_path, "M", 1) == (
        f"{path} exists already, and a published version never changes. "
        "Leave the version out to get the next free one."
    )


@pytest.mark.parametrize("name", ["", ".hidden", "a/b", "../a", "a b", "é"])
def test_a_name_that_is_no_directory_is_refused(tmp_path, name):
    message = (
        f"Model name {name!r} cannot be a directory of {tmp_path}. Use letters, "
        "digits, '.', '_' and '-', starting with a letter or digit."
    )
    assert refusal(write_version, tmp_path, name) == message
    assert refusal(Repository(tmp_path).directory, name, 1) == message


@pytest.mark.parametrize("version", [0, -1, 1.5, "one", 10**18])
def test_a_version_out_of_range_is_refused(tmp_path, version):
    message = (
        f"Version {version!r} of model 'M' is not a whole number from 1 to "
        "999999999999999999. Use 1, 2, 3 and so on."
    )
    assert refusal(write_version, tmp_path, "M", version) == message
    assert refusal(Repository(tmp_path).directory, "M", version) == message


def test_a_version_that_is_not_there_is_refused(tmp_path):
    write_version(tmp_path)
    assert refusal(Repository(tmp_path).directory, "M", 2) == (
        f"{tmp_path} has no version 2 of model 'M'; it has [1]."
    )


def test_a_root_that_does_not_exist_is_refused(tmp_path):
    assert refusal(Repository(tmp_path / "no").models) == (
        f"Cannot read model repository {tmp_path}/no: No such file or directory. "
        f"{INSTEAD}"
    )


def test_a_root_that_is_a_file_is_refused(tmp_path):
    root = tmp_path / "file"
    root.write_text("")
    assert refusal(Repository(root).models) == (
        f"Cannot read model repository {root}: Not a directory. {INSTEAD}"
    )
    assert refusal(write_version, root) == (
        f"Cannot write {root}/M: Not a directory. {WRITABLE}"
    )


def test_a_name_too_long_for_the_file_system_is_refused(tmp_path):
    root, name = tmp_path / "new", "n" * 300
    assert refusal(write_version, root, name) == (
        f"Cannot write {root}/{name}: File name too long. {WRITABLE}"
    )
    assert not root.exists()


def test_a_repository_that_may_not_be_written_is_refused(tmp_path):
    with unprivileged():
        assert refusal(write_version, tmp_path / "new") == (
            f"Cannot write {tmp_path}/new/M: Permission denied. {WRITABLE}"
        )


def test_a_version_that_cannot_be_flushed_is_refused(tmp_path):
    def publish_link():
        with Repository(tmp_path).stage("M") as staging:
            (staging.path / "link").symlink_to("nowhere")
            staging.publish()

    assert refusal(publish_link) == (
        f"Cannot write {tmp_path}/M/1: No such file or directory. {WRITABLE}"
    )
    assert names_below(tmp_path) == []


def test_a_root_that_may_not_be_read_is_refused(tmp_path):
    root = tmp_path / "locked"
    root.mkdir(mode=0)
    with unprivileged():
        assert refusal(Repository(root).models) == (
            f"Cannot read model repository {root}: Permission denied. {INSTEAD}"
        )


@contextlib.contextmanager
def unprivileged():
    """Run as an ordinary user, to whom permissions apply, if we are root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_other_software_may_have_put_files_beside_the_versions(tmp_path):
    publish(tmp_path, "M", half_plus_two())
    (tmp_path / "M" / "config.pbtxt").write_text("")
    assert Repository(tmp_path).models() == {"M": (1,)}
