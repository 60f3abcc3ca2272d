import errno
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from safetensors import SafetensorError

from pipeline_lib.artifacts import tensors
from pipeline_lib.artifacts.arrays import FREE
from pipeline_lib.artifacts.atomic import replacing, write_bytes
from pipeline_lib.errors import InputError

IN_A_FULL_FILE_SYSTEM = """
import sys
from pathlib import Path

import numpy as np
import polars as pl

from pipeline_lib.artifacts.arrays import FREE
from pipeline_lib.artifacts.atomic import write_bytes
from pipeline_lib.artifacts.clusters import ASSIGNMENTS
from pipeline_lib.artifacts.tensors import Tensors
from pipeline_lib.errors import InputError

folder = Path(sys.argv[1])
rng = np.random.default_rng(0)
many = rng.integers(0, 2**31 - 1, 100_000).astype(np.int32)
frame = pl.DataFrame({"sample_id": [str(i) for i in range(100_000)], "cluster": many})
for name, write in {
    "bytes": lambda path: write_bytes(path, many.tobytes()),
    "table": lambda path: ASSIGNMENTS.write(frame, path),
    "tensors": lambda path: Tensors("numbers", "clusters", FREE).write(path, {"n": many}),
}.items():
    (folder / name).write_bytes(b"old")
    try:
        write(folder / name)
    except InputError as error:
        print(error)
    print((folder / name).read_bytes(), len(list(folder.iterdir())))
    (folder / name).unlink()
"""


def alone(path, content):
    """Say whether ``path`` holds ``content`` and nothing lies beside it."""
    return path.read_bytes() == content and list(path.parent.iterdir()) == [path]


def test_a_new_file_appears_with_its_folder(tmp_path, write):
    path = tmp_path / "a" / "b" / "file"
    write(path, 1)
    assert list(path.parent.iterdir()) == [path]
    assert path.stat().st_size > 0


def test_a_file_is_replaced(tmp_path):
    write_bytes(tmp_path / "file", b"old")
    write_bytes(tmp_path / "file", b"new")
    assert alone(tmp_path / "file", b"new")


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="asks Linux which file is synced")
def test_content_is_on_the_disk_before_it_gets_its_name(tmp_path, monkeypatch):
    path = tmp_path / "file"
    write_bytes(path, b"old")
    synced = []

    def fsync(descriptor):
        target = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
        synced.append((target, path.read_bytes()))

    monkeypatch.setattr(os, "fsync", fsync)
    write_bytes(path, b"new")
    (temporary, before), (folder, after) = synced
    assert (temporary.parent, before) == (tmp_path, b"old")
    assert temporary != path
    assert (folder, after) == (tmp_path, b"new")


def test_the_mode_follows_the_umask(tmp_path, write):
    before = os.umask(0o027)
    try:
        write(tmp_path / "file", 1)
    finally:
        assert os.umask(before) == 0o027
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o640


def test_a_failed_computation_leaves_the_old_file(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def write_half():
        with replacing(path) as temporary:
            temporary.write_bytes(b"half of the n")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_half()
    assert alone(path, b"old")


def test_a_killed_writer_leaves_the_old_file(tmp_path, root):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    code = (
        "import os, pathlib, sys\nfrom pipeline_lib.artifacts.atomic import replacing\n"
        "with replacing(pathlib.Path(sys.argv[1])) as temporary:\n"
        "    temporary.write_bytes(b'half of the n')\n    os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, path], check=False, cwd=root)
    assert done.returncode == -signal.SIGKILL
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_is_full_when_it_syncs_leaves_the_old_file(tmp_path, monkeypatch, write, code):
    # File systems that allocate late say so in fsync. It is replaced here, because no file system
    # that is full on demand is there on every machine.
    path = tmp_path / "file"
    write(path, 1)
    old = path.read_bytes()

    def fsync(descriptor):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(InputError, match=rf"file: the disk is full \({os.strerror(code)}\)"):
        write(path, 2)
    assert alone(path, old)


@pytest.mark.parametrize("kind", ["bytes", "table"])
def test_a_disk_that_is_full_when_it_writes_leaves_the_old_file(
    tmp_path, monkeypatch, write_by_name, kind
):
    # /dev/full is the one file of every Linux that fails as a full disk does, and the writer
    # writes through the link. (safetensors replaces the link by a file of its own: see below.)
    path = tmp_path / "file"
    path.write_bytes(b"old")
    make = tempfile.mkstemp

    def mkstemp(**options):
        handle, name = make(**options)
        os.unlink(name)
        os.symlink("/dev/full", name)
        return handle, name

    monkeypatch.setattr(tempfile, "mkstemp", mkstemp)
    with pytest.raises(InputError, match="the disk is full"):
        write_by_name[kind](path, 2)
    assert alone(path, b"old")


def test_safetensors_says_the_same_of_a_full_disk(tmp_path, monkeypatch):
    # Its error is no OSError; this is its text, taken from a full tmpfs.
    def save_file(*arguments, **options):
        raise SafetensorError(
            "Error while serializing: I/O error: No space left on device (os error 28)"
        )

    monkeypatch.setattr(tensors, "save_file", save_file)
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with pytest.raises(InputError, match=r"the disk is full \(No space left on device\)"):
        tensors.Tensors("numbers", "clusters", FREE).write(path, {"n": np.zeros(1)})
    assert alone(path, b"old")


def test_other_errors_of_safetensors_are_passed_on(tmp_path, monkeypatch):
    def save_file(*arguments, **options):
        raise SafetensorError("Error while serializing: invalid header")

    monkeypatch.setattr(tensors, "save_file", save_file)
    with pytest.raises(SafetensorError, match="invalid header"):
        tensors.Tensors("numbers", "clusters", FREE).write(tmp_path / "file", {"n": np.zeros(1)})
    assert not list(tmp_path.iterdir())


def test_a_file_system_that_is_really_full_leaves_the_old_files(tmp_path, root):
    # 64 KiB of memory, mounted where only this process sees it.
    script = 'mount -t tmpfs -o size=64k tmpfs "$0" && exec "$@"'
    inside = ["sh", "-c", script, tmp_path, sys.executable, "-c", IN_A_FULL_FILE_SYSTEM, tmp_path]
    possible = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script, tmp_path, "true"], capture_output=True, check=False
    )
    if possible.returncode:
        pytest.skip("this system lets no user mount a file system")
    done = subprocess.run(
        ["unshare", "-rm", *inside], capture_output=True, text=True, check=True, cwd=root
    )
    lines = done.stdout.splitlines()
    assert [line.split(": the disk is full")[0] for line in lines[::2]] == [
        str(tmp_path / name) for name in ("bytes", "table", "tensors")
    ]
    assert lines[1::2] == ["b'old' 1"] * 3


def test_a_folder_that_refuses_is_named(write):
    # Nobody makes files in /sys, root neither.
    with pytest.raises(InputError, match=r"/sys/protoweave/file: cannot be written \("):
        write(Path("/sys/protoweave/file"), 1)


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("file/inner", "File exists"),
        ("file/inner/more", "Not a directory"),
        ("folder", "Is a directory"),
    ],
)
def test_what_is_in_the_way_is_left_alone(tmp_path, write, target, reason):
    (tmp_path / "file").write_bytes(b"old")
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match=rf"{target}: cannot be written \({reason}\)"):
        write(tmp_path / target, 1)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "folder"]
    assert (tmp_path / "file").read_bytes() == b"old"


def test_another_error_is_passed_on_as_it_is(tmp_path):
    with pytest.raises(OSError, match="Input/output") as caught, replacing(tmp_path / "file"):
        raise OSError(errno.EIO, os.strerror(errno.EIO))
    assert caught.type is OSError
    assert caught.value.__cause__ is None
    assert not list(tmp_path.iterdir())
