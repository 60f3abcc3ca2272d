import json
import shutil

import open_clip
import pytest
import torch
from safetensors.torch import save_file

from pipeline_lib.api import load_towers
from pipeline_lib.artifacts.vlp import write_vlp
from pipeline_lib.encoders.vlp.acquire import acquire
from pipeline_lib.encoders.vlp.load import load, preprocess_of, tokenizer
from pipeline_lib.errors import InputError
from pipeline_lib.params.vlp import Checkpoint, Named
from tests.encoders.vlp.models import clip, config, images


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A model saved as open_clip does, and its weights alone."""
    folder = tmp_path_factory.mktemp("saved")
    model = clip()
    save_file(model.state_dict(), folder / "open_clip_model.safetensors")
    torch.save(model.state_dict(), folder / "weights.pt")
    about = {"model_cfg": config("transformer"), "preprocess_cfg": {"resize_mode": "squash"}}
    (folder / "open_clip_config.json").write_text(json.dumps(about))
    return folder


NAMED = Named(name="named", model="ViT-B-16", pretrained="openai")
LOCAL = Checkpoint(name="checkpoint", model="ViT-B-16")


def written(found, folder):
    arrays = {name: value.numpy() for name, value in found.model.state_dict().items()}
    write_vlp(folder, arrays, found.config, found.tokenizer, [])
    return load(folder)


def test_a_folder_comes_back_as_it_was(saved, tmp_path):
    found = written(acquire(LOCAL, saved), tmp_path)
    with torch.no_grad():
        mine, own = found.model.visual(images("transformer")), clip()
    torch.testing.assert_close(mine.pooled, own.encode_image(images("transformer")))
    assert found.preprocess.crop_mode == "squash"
    assert found.preprocess.size == 32
    assert tokenizer(tmp_path)(["a"]).shape == (1, 16)
    assert not any(p.requires_grad for p in found.model.parameters())


def test_a_file_of_weights_serves_a_named_model(saved, tmp_path):
    (tmp_path / "small-for-test.json").write_text(json.dumps(config("transformer")))
    open_clip.add_model_config(tmp_path / "small-for-test.json")
    named = Checkpoint(name="checkpoint", model="small-for-test")
    found = written(acquire(named, saved / "weights.pt"), tmp_path / "out")
    tokens = open_clip.tokenize(["a boat"], context_length=16)
    torch.testing.assert_close(found.model.text(tokens), clip().encode_text(tokens))


def test_the_activation_of_openais_weights_is_kept(monkeypatch):
    """Its tag says QuickGELU, its name does not: weights at random stand for the published ones."""
    monkeypatch.setattr(open_clip, "create_model", lambda name, **options: _model_of(name, options))
    found = acquire(Named(name="named", model="RN50", pretrained="openai"), None)
    assert found.config["model_cfg"]["quick_gelu"] is True


def _model_of(name, options):
    assert options["force_quick_gelu"] is True
    model = clip()
    model.visual.preprocess_cfg = {
        "size": 224, "mean": (0, 0, 0), "std": (1, 1, 1),
        "interpolation": "bicubic", "resize_mode": "shortest",
    }  # fmt: skip
    return model


def test_weights_that_cannot_be_fetched_point_to_the_local_checkpoint(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(InputError, match=r"weights 'openai' of ViT-B-16 .*vlp\.checkpoint"):
        acquire(NAMED, None)


@pytest.mark.parametrize(
    ("source", "path", "found"),
    [
        (NAMED.model_copy(update={"model": "ViT-B-61"}), None, "no model 'ViT-B-61'; did you mean"),
        (
            NAMED.model_copy(update={"pretrained": "openay"}),
            None,
            "weights 'openay' of ViT-B-16 cannot",
        ),
        (LOCAL, "/no/such", "'/no/such' does not exist, expected a file of weights"),
        (LOCAL, None, "vlp.checkpoint is data/none, expected a file of weights"),
    ],
)
def test_a_model_that_is_not_there_is_named(source, path, found):
    from pathlib import Path

    with pytest.raises(InputError, match=found):
        acquire(source, Path(path) if path else None)


def test_a_checkpoint_that_does_not_fit_is_named(tmp_path):
    (tmp_path / "w.pt").write_bytes(b"no weights")
    with pytest.raises(InputError, match=r"w\.pt' cannot be loaded as ViT-B-16"):
        acquire(LOCAL, tmp_path / "w.pt")
    with pytest.raises(InputError, match=r"holds no open_clip_config\.json"):
        acquire(LOCAL, tmp_path)
    (tmp_path / "open_clip_config.json").write_text("{}")
    with pytest.raises(InputError, match=r"open_clip_config\.json: holds no 'model_cfg'"):
        acquire(LOCAL, tmp_path)


def test_a_damaged_folder_names_the_stage(saved, tmp_path):
    with pytest.raises(InputError, match=r"holds no open_clip_config\.json.*dvc repro vlp"):
        load(tmp_path)
    (tmp_path / "open_clip_config.json").write_bytes((saved / "open_clip_config.json").read_bytes())
    with pytest.raises(InputError, match="not a complete vision-language model"):
        load(tmp_path)


def test_every_way_to_resize_has_its_counterpart():
    visual = clip().visual
    for mode, expected in (("shortest", "center"), ("squash", "squash"), ("longest", "border")):
        visual.preprocess_cfg = {
            "size": (32, 32), "mean": [0.5] * 3, "std": [0.5] * 3,
            "interpolation": "bicubic", "resize_mode": mode,
        }  # fmt: skip
        assert preprocess_of(visual).crop_mode == expected


@pytest.fixture
def bert(tmp_path):
    """A model whose text tower is one of transformers, in folders of its own, as a hub has them."""
    transformers = pytest.importorskip("transformers")
    source = tmp_path / "bert"
    source.mkdir()
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "cat", "dog"]
    (source / "vocab.txt").write_text("\n".join(words) + "\n")
    transformers.BertTokenizer(vocab=str(source / "vocab.txt")).save_pretrained(source)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    transformers.BertConfig(
        **sizes, vocab_size=len(words), intermediate_size=16, max_position_embeddings=16
    ).save_pretrained(source)
    text = {
        "hf_model_name": str(source), "hf_tokenizer_name": str(source), "context_length": 16,
        "hf_proj_type": "linear", "hf_pooler_type": "mean_pooler",
    }  # fmt: skip
    cfg = config("transformer") | {"text_cfg": text}
    torch.manual_seed(0)
    model = open_clip.CustomTextCLIP(
        **cfg | {"text_cfg": text | {"hf_model_pretrained": False}}
    ).eval()
    folder = tmp_path / "published"
    folder.mkdir()
    save_file(model.state_dict(), folder / "open_clip_model.safetensors")
    about = {"model_cfg": cfg, "preprocess_cfg": {"resize_mode": "squash"}}
    (folder / "open_clip_config.json").write_text(json.dumps(about))
    shutil.copytree(source, folder, dirs_exist_ok=True, ignore=lambda *_: ["config.json"])
    return model, folder, source


def test_a_text_tower_of_transformers_loads_after_its_source_is_gone(bert, tmp_path):
    model, folder, source = bert
    found = acquire(LOCAL, folder)
    written(found, tmp_path / "first")
    for gone in (folder, source):
        shutil.rmtree(gone)
    moved = (tmp_path / "first").rename(tmp_path / "second")
    assert not [
        path
        for path in moved.rglob("*")
        if path.is_file() and str(tmp_path).encode() in path.read_bytes()
    ], "no file names a folder of this machine"
    tokens = tokenizer(moved)(["a cat", "a dog"])
    assert tokens[0, :4].tolist() == [2, 5, 6, 3]
    with torch.no_grad():
        expected = model.encode_text(tokens)
        torch.testing.assert_close(load(moved).model.text(tokens), expected)
        again = written(acquire(LOCAL, moved), tmp_path / "third")  # as a checkpoint itself
        torch.testing.assert_close(again.model.text(tokens), expected)


def test_a_text_of_unknown_words_alone_is_refused(bert):
    _, folder, _ = bert
    towers = load_towers(folder, device="cpu")
    assert towers.encode_texts(["a zebra"]).shape == (1, 16)
    with pytest.raises(InputError, match=r"'zebra': holds no word that the tokenizer of .*publis"):
        towers.encode_texts(["cat", "zebra"])


def test_padding_behind_every_sentence_is_not_encoded_and_changes_no_vector(bert, tmp_path):
    model, folder, _ = bert
    text = written(acquire(LOCAL, folder), tmp_path / "out").model.text
    lengths = []
    text.model.text.register_forward_pre_hook(lambda _, args: lengths.append(args[0].shape[1]))
    with torch.no_grad():
        expected = model.encode_text(tokenizer(tmp_path / "out")(["a cat", "a dog a dog"]))
    torch.testing.assert_close(text.sentences(["a cat", "a dog a dog"]), expected)
    assert lengths == [6]  # of a context of 16: the longer one, its first and its last token
