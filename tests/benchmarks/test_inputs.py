"""What benchmarks run on where no data are."""

from benchmarks.inputs import photos


def test_without_photos_a_benchmark_says_how_to_name_them(tmp_path):
    assert photos("cifar10", None) == "no photos are here; name the folder by --data"
    assert "train-00.parquet is not here; name the folder" in str(photos("cifar10", tmp_path))
