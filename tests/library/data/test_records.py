"""TFRecord sets have what the folder had."""

import io
import json

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from kerasheet.data import Stream, convert_folder, image_folder, record_set, records
from kerasheet.errors import DataError

DAMAGED = (
    "'{}' is damaged, cut off, or not of kerasheet's making. Convert the folder again."
)


@pytest.fixture
def directory(pets, tmp_path):
    """A TFRecord set of the pets."""
    convert_folder(pets, tmp_path / "records")
    return tmp_path / "records"


def refusal(function, *arguments):
    with pytest.raises(DataError) as error:
        function(*arguments)
    return str(error.value)


def assert_same(data, other):
    assert data.labels == other.labels
    for part in ("train", "test"):
        here, there = getattr(data, part), getattr(other, part)
        np.testing.assert_array_equal(here.x, there.x)
        np.testing.assert_array_equal(here.y, there.y)
        assert data.sources[part].tolist() == other.sources[part].tolist()


@pytest.mark.parametrize("size", [None, 9])
@pytest.mark.parametrize("per_file", [4096, 5])
def test_a_set_is_its_folder(pets, tmp_path, monkeypatch, size, per_file):
    monkeypatch.setattr(records, "RECORDS_PER_FILE", per_file)
    (pets / "cat" / "broken.png").touch()
    converted = convert_folder(pets, tmp_path / "records", size)
    assert [name for name, _ in converted.skipped] == ["cat/broken.png"]
    folder = image_folder(pets, size)
    assert_same(record_set(tmp_path / "records"), folder)
    data = record_set(tmp_path / "records", memory_limit=0)
    assert isinstance(data.train, Stream)
    order = np.random.default_rng(0).permutation(len(data.train))
    x, y = zip(*data.train.batches(5, order=order), strict=True)
    np.testing.assert_array_equal(np.concatenate(x), folder.train.x[order])
    np.testing.assert_array_equal(np.concatenate(y), folder.train.y[order])


def test_files_are_kept_as_they_are_unless_they_are_scaled(pets, tmp_path, directory):
    convert_folder(pets, tmp_path / "scaled", size=9)
    for place, kinds in ((directory, {"JPEG", "PNG"}), (tmp_path / "scaled", {"PNG"})):
        images = {}
        for path in place.glob("*.tfrecord"):
            for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
                fields = tf.train.Example.FromString(record).features.feature
                name = fields["image/filename"].bytes_list.value[0].decode()
                images[name] = fields["image/encoded"].bytes_list.value[0]
        assert len(images) == 15
        assert {
            Image.open(io.BytesIO(image)).format for image in images.values()
        } == kinds
        same = [(pets / name).read_bytes() == image for name, image in images.items()]
        assert all(same) == (place == directory)


def test_a_set_can_be_scaled_and_converted_again(pets, directory):
    data = record_set(directory, 8, 1)
    assert data.input_shape == (8, 8, 1)
    assert_same(data, image_folder(pets, 8, 1))


def test_a_name_may_be_of_any_bytes(pets, tmp_path):
    (pets / "cat" / "00.png").rename(pets / "cat" / "\udcff.png")  # not UTF-8
    convert_folder(pets, tmp_path / "records")
    assert_same(record_set(tmp_path / "records"), image_folder(pets))


def test_files_of_a_set_are_named_by_part_and_number(directory):
    assert sorted(path.name for path in directory.iterdir()) == [
        "dataset.json",
        "test-00000-of-00001.tfrecord",
        "train-00000-of-00001.tfrecord",
    ]
    assert json.loads((directory / "dataset.json").read_text()) == {
        "format": 1,
        "labels": ["cat", "dog"],
        "shape": [6, 5, 3],
        "records": {
            "train": {"train-00000-of-00001.tfrecord": 12},
            "test": {"test-00000-of-00001.tfrecord": 3},
        },
    }


def test_a_directory_in_use_is_not_written_to(pets):
    assert refusal(convert_folder, pets, pets) == (
        f"'{pets}' is not empty. Name a new directory."
    )


def test_a_damaged_file_is_refused(directory):
    path = directory / "train-00000-of-00001.tfrecord"
    whole = path.read_bytes()
    for content in (
        whole[:-1],
        whole[:300],
        whole[:300] + b"?" + whole[301:],
        b"text" * 9,
    ):
        path.write_bytes(content)
        assert refusal(record_set, directory) == DAMAGED.format(path)
    path.write_bytes(b"")
    assert refusal(record_set, directory) == (
        f"'{path}' has 0 records instead of 12. Convert the folder again."
    )
    path.unlink()
    assert refusal(record_set, directory) == (
        f"There is no record file '{path}'. Convert the folder again."
    )


def test_a_record_of_other_fields_is_refused(directory):
    path = directory / "train-00000-of-00001.tfrecord"
    with tf.io.TFRecordWriter(str(path)) as writer:
        writer.write(tf.train.Example().SerializeToString())
    assert refusal(record_set, directory) == DAMAGED.format(path)


def test_a_file_that_changes_while_it_is_read_is_named(directory):
    data = record_set(directory, memory_limit=0)
    path = directory / "test-00000-of-00001.tfrecord"
    for content in (b"", b"?" * path.stat().st_size):
        path.write_bytes(content)
        assert refusal(data.test.load) == (
            f"'{path}' has no image at byte 12. Convert the folder again."
        )


@pytest.mark.parametrize(
    "change",
    [
        lambda fields: fields.pop("labels"),
        lambda fields: fields.update(labels=["cat"]),
        lambda fields: fields.update(shape=[6, 5]),
        lambda fields: fields.update(records={"train": {}, "test": {}}),
        lambda fields: fields.update(records=[]),
        lambda fields: fields["records"].update(test={"test": 0}),
    ],
)
def test_a_damaged_summary_is_refused(directory, change):
    path = directory / "dataset.json"
    fields = json.loads(path.read_text())
    change(fields)
    for text in (json.dumps(fields), "[", "[]"):
        path.write_text(text)
        assert refusal(record_set, directory) == (
            f"'{path}' is damaged. Convert the folder again."
        )


def test_a_newer_format_is_refused(directory):
    path = directory / "dataset.json"
    path.write_text(path.read_text().replace('"format": 1', '"format": 2'))
    assert refusal(record_set, directory) == (
        f"'{path}' has format 2; this kerasheet reads 1. Update kerasheet, or convert "
        "the folder again."
    )


def test_a_directory_without_a_set_is_refused(tmp_path):
    assert refusal(record_set, tmp_path / "no") == (
        f"There is no TFRecord set in '{tmp_path}/no'. Make one: kerasheet convert "
        f"FOLDER {tmp_path}/no."
    )
