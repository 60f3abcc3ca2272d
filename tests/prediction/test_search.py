"""Pictures found by words: by command and in Python, from a folder nobody ingested."""

import json
import re

import numpy as np
import open_clip
import polars as pl
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch.nn.functional import normalize
from typer.testing import CliRunner

from pipeline_lib import cli
from pipeline_lib.api import load_towers
from pipeline_lib.errors import InputError
from tests.encoders.vlp.models import clip, config
from tests.prediction.untrained import photographs

MODEL = "model"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A small model in the folder that open_clip writes, and pictures, one of which is damaged."""
    root = tmp_path_factory.mktemp("search")
    (root / MODEL).mkdir()
    save_file(clip().state_dict(), root / MODEL / "open_clip_model.safetensors")
    about = {"model_cfg": config("transformer"), "preprocess_cfg": {}}
    (root / MODEL / "open_clip_config.json").write_text(json.dumps(about))
    photographs(root / "photos", 40)
    (root / "photos/b/cut.png").write_bytes((root / "photos/a/0001.png").read_bytes()[:300])
    return root


@pytest.fixture
def here(place, tmp_path, monkeypatch):
    """A folder of one's own, whose model and pictures are those of all tests."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PROTOWEAVE_DEVICE", "cpu")
    for name in (MODEL, "photos"):
        (tmp_path / name).symlink_to(place / name)
    return tmp_path


def recognise(*arguments, images="photos", model=MODEL):
    words = ["recognise", *map(str, arguments), "--images", str(images), "--model", str(model)]
    found = CliRunner().invoke(cli.app, words)
    if isinstance(found.exception, InputError):
        raise found.exception
    assert found.exit_code == 0, found.output + repr(found.exception)
    return found.output


def by_hand(folder, sentences):
    """Return the cosines of all sound pictures and sentences, by open_clip's own methods."""
    model, towers = clip(), load_towers(folder / MODEL, device="cpu")
    paths = sorted(path for path in (folder / "photos").rglob("0*.png"))
    pixels = [np.asarray(Image.open(path).convert("RGB")) for path in paths]
    ready = towers.vlp.preprocess.normalise(towers.vlp.preprocess.geometry(pixels))
    tokens = open_clip.tokenize(sentences, context_length=16)
    with torch.no_grad():
        images = normalize(model.encode_image(ready), dim=1)
        texts = normalize(model.encode_text(tokens), dim=1)
    names = [str(path.relative_to(folder / "photos")) for path in paths]
    return names, pixels, texts, images


def test_the_pictures_nearest_to_a_text_are_found_best_first(here):
    said = recognise("red kite", "lighthouse", "--table", "found.csv", "--top", 3, "--as-is")
    table = pl.read_csv("found.csv")
    names, _, texts, images = by_hand(here, ["red kite", "lighthouse"])
    for text, scores in zip(("red kite", "lighthouse"), texts @ images.T, strict=True):
        best = scores.argsort(descending=True)[:3]
        rows = table.filter(text=text)
        assert rows["id"].to_list() == [names[i] for i in best]
        assert rows["rank"].to_list() == [1, 2, 3]
        np.testing.assert_allclose(rows["score"], scores[best], atol=1e-5)
        assert re.search(rf"{text}\n.*cosine.*\n1 +{rows['score'][0]:.3f} +{rows['id'][0]}", said)
    assert "40 pictures, 40 encoded now; 1 truncated image" in said


def test_in_python_the_same_cosines_are_given(here):
    sentences = ["a photo of a red kite", "a photo of a boat"]
    _, pixels, texts, images = by_hand(here, sentences)
    found = load_towers(MODEL, device="cpu").search(pixels, ["red kite", "boat"])
    torch.testing.assert_close(found, texts @ images.T, atol=1e-5, rtol=0)


def test_several_prompts_are_averaged_and_params_say_which(here):
    prompts = ["a {}", "there is a {}"]
    text = {"source": {"name": "vlp", "prompts": prompts}, "path": MODEL, "normalise": True}
    (here / "params.yaml").write_text(json.dumps({"text": text}))
    recognise("kite", "--table", "prompted.parquet", "--top", 1)
    names, _, texts, images = by_hand(here, ["a kite", "there is a kite"])
    scores = images @ normalize(texts.mean(0, keepdim=True), dim=1)[0]
    found = pl.read_parquet("prompted.parquet").row(0, named=True)
    assert found["id"] == names[int(scores.argmax())]
    assert found["score"] == pytest.approx(float(scores.max()), abs=1e-5)


def test_pictures_are_encoded_once_wherever_they_lie(here, place):
    (here / "photos").unlink()
    photographs(here / "photos", 6)
    assert "6 pictures, 6 encoded now" in recognise("boat")
    assert "6 pictures, 0 encoded now" in recognise("cow", "a tree", "--as-is")
    (here / "photos/a/0001.png").rename(here / "photos/moved.png")
    Image.new("RGB", (50, 40), (200, 0, 0)).save(here / "photos/new.png")
    assert "7 pictures, 1 encoded now" in recognise("boat")
    weights = clip().state_dict()
    weights["visual.conv1.weight"] *= 2
    (here / "other").mkdir()
    save_file(weights, here / "other/open_clip_model.safetensors")
    (here / "other/open_clip_config.json").write_bytes(
        (here / MODEL / "open_clip_config.json").read_bytes()
    )
    assert "7 pictures, 7 encoded now" in recognise("boat", model="other")


def test_the_page_holds_its_pictures_and_opens_them_by_path(here):
    recognise("kite <red>", "--out", "found.html", "--top", 2, "--table", "found.csv")
    page = (here / "found.html").read_text()
    assert len(re.findall(r'<img src="data:image/(jpeg|png);base64,[\w+/=]+"', page)) == 2
    links = re.findall(r'<a href="(file://[^"]+)">', page)
    ids = pl.read_csv("found.csv")["id"].to_list()
    assert [link.endswith(name) for link, name in zip(links, ids, strict=True)] == [True, True]
    assert "kite &lt;red&gt;" in page
    assert "kite <red>" not in page
    assert not re.search(r'(src|href)="https?:', page)


def test_rows_of_parquet_are_searched_too(here):
    paths = sorted((here / "photos").rglob("0*.png"))[:5]
    rows = {"image_id": [p.stem for p in paths], "image": [p.read_bytes() for p in paths]}
    pl.DataFrame(rows).write_parquet(here / "rows.parquet")
    said = recognise("kite", "--out", "rows.html", images="rows.parquet")
    assert "5 pictures" in said
    page = (here / "rows.html").read_text()
    assert page.count("<img ") == 5
    assert "file://" not in page  # a row is no file


def test_without_a_model_the_ways_to_one_are_named(here):
    with pytest.raises(InputError, match=r"data/artifacts/vlp/towers: there is no model.*--model"):
        recognise("kite", model="data/artifacts/vlp/towers")
    with pytest.raises(InputError, match=r"nowhere: holds no open_clip_config\.json"):
        recognise("kite", model="nowhere")


def test_without_a_sound_picture_there_is_nothing_to_find(here):
    (here / "bad").mkdir()
    (here / "bad/text.jpg").write_text("no picture")
    with pytest.raises(InputError, match=r"no picture of 1 can be used \(1 .*\), expected one"):
        recognise("kite", images="bad")
    (here / "empty").mkdir()
    with pytest.raises(InputError, match="empty: no picture found here or below"):
        recognise("kite", images="empty")


def test_a_text_without_a_known_word_is_refused(here):
    with pytest.raises(InputError, match=r"'  ': holds no word that the tokenizer of model knows"):
        recognise("kite", "  ")


@pytest.mark.parametrize(
    ("option", "expected"),
    [("--out", r"found\.txt: ends in '\.txt', expected \.html"),
     ("--table", r"found\.txt: ends in '\.txt', expected \.csv or \.parquet")],
)  # fmt: skip
def test_files_of_another_kind_are_refused_before_anything_is_read(here, option, expected):
    with pytest.raises(InputError, match=expected):
        recognise("kite", option, "found.txt", images="nowhere")
