"""The key of stored code."""

from pipeline_lib.clustering.fuzzy_art import compiled


def test_the_stamp_changes_with_any_file_of_the_package(monkeypatch, tmp_path):
    for name in ("compiled.py", "other.py"):
        (tmp_path / name).write_text("a = 1\n")
    monkeypatch.setattr(compiled, "__file__", str(tmp_path / "compiled.py"))
    before = compiled._stamp()
    assert compiled._stamp() == before > 0
    (tmp_path / "other.py").write_text("a = 2\n")
    assert compiled._stamp() != before
