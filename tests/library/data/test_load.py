"""What `--data` may be."""

import numpy as np
import pytest

from kerasheet.data import DATA, convert_folder, load_images
from kerasheet.errors import DataError


def refusal(*arguments):
    with pytest.raises(DataError) as error:
        load_images(*arguments)
    return str(error.value)


def test_data_may_be_a_name_a_folder_a_file_or_a_record_set(pets, tmp_path):
    assert load_images("digits", 8).input_shape == (8, 8, 1)
    assert load_images(str(pets)).labels == ("cat", "dog")
    np.savez(tmp_path / "data.npz", x=np.zeros((4, 3, 3)), y=np.array([0, 0, 1, 1]))
    assert load_images(str(tmp_path / "data.npz"), 5).input_shape == (5, 5, 1)
    convert_folder(pets, tmp_path / "records")
    assert load_images(str(tmp_path / "records"), 7, 1).input_shape == (7, 7, 1)


def test_a_folder_with_the_name_of_data_is_reached_by_its_path(
    pets, tmp_path, monkeypatch
):
    pets.rename(tmp_path / "digits")
    monkeypatch.chdir(tmp_path)
    assert load_images("./digits").labels == ("cat", "dog")


def test_an_unknown_name_is_refused():
    known = ", ".join(DATA)
    assert refusal("digitz") == (
        f"Unknown data 'digitz'. Did you mean 'digits'? Known: {known}. Or name a "
        "folder of images, an .npz file or a TFRecord set."
    )


def test_a_size_that_is_none_is_refused_for_every_source():
    assert refusal("digits", 0) == (
        "Images can be resized to 1 to 4096 pixels. Received: size=0."
    )
