"""A sentence encoder and a trunk as towers of open_clip's."""

import json
import re

import numpy as np
import pytest
import timm
import torch
from safetensors.torch import save_file
from sentence_transformers import SentenceTransformer

from pipeline_lib.artifacts.tensors import METADATA_KEY
from pipeline_lib.encoders.preprocess import Preprocess
from pipeline_lib.encoders.vlp.joined import join, sentences_of, text_tower, tokenizer_of
from pipeline_lib.encoders.vlp.texts import Encoder
from pipeline_lib.encoders.vlp.trunk import class_names, trunk_of
from pipeline_lib.errors import InputError
from tests.sentences import make_sentences

TEXTS = ["a cat", "two small dogs on a boat", "b", "an old man sits at the side of a long road"]


@pytest.fixture
def encoder(tiny_sentences, tmp_path, monkeypatch):
    monkeypatch.setenv("PROTOWEAVE_WORKERS", "1")

    def silent(items, *, label, total):
        yield from items

    return Encoder(tiny_sentences, tmp_path / "parts", "cpu", silent)


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_the_tower_gives_what_the_sentence_encoder_gives(tmp_path, pooling):
    folder = make_sentences(tmp_path, pooling=pooling)
    sentences = sentences_of(folder)
    with torch.inference_mode():
        found = text_tower(sentences).eval()(tokenizer_of(sentences)(TEXTS)).numpy()
    expected = SentenceTransformer(str(folder), device="cpu").encode(TEXTS)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_encoded_texts_are_those_of_the_sentence_encoder(encoder, tiny_sentences):
    found = encoder(TEXTS)
    model = SentenceTransformer(str(tiny_sentences), device="cpu")
    expected = model.encode(TEXTS, normalize_embeddings=True)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_a_text_has_the_same_bits_whatever_is_encoded_with_it(encoder, tmp_path):
    alone = encoder(TEXTS[1:2])
    whole = encoder([*TEXTS, TEXTS[1]])
    fresh = Encoder(encoder.folder, tmp_path / "fresh", "cpu", encoder.track)(TEXTS)
    assert np.array_equal(alone[0], whole[1])
    assert np.array_equal(whole[4], whole[1])
    assert np.array_equal(fresh, whole[:4])


@pytest.mark.parametrize(("parts", "pooling", "expected"), [
    (("Dense",), "mean", "consists of Transformer, Pooling, Dense, expected Transformer, Pooling"),
    ((), "max", "pools by max, expected mean or cls"),
])  # fmt: skip
def test_what_no_tower_can_hold_is_refused(tmp_path, parts, pooling, expected):
    folder = make_sentences(tmp_path, *parts, pooling=pooling)
    with pytest.raises(InputError, match=rf"saved \(vlp\.sentences\): {expected}"):
        sentences_of(folder)


def test_another_kind_of_transformer_is_refused(tiny_sentences, monkeypatch):
    monkeypatch.setattr("pipeline_lib.encoders.vlp.joined.arch_dict", {"roberta": {}})
    with pytest.raises(InputError, match="is of kind bert, expected roberta, of which open_clip"):
        sentences_of(tiny_sentences)


def test_a_prompt_before_every_text_is_refused(tiny_sentences, tmp_path):
    model = SentenceTransformer(str(tiny_sentences), device="cpu")
    model.prompts, model.default_prompt_name = {"query": "query: "}, "query"
    model.save(str(tmp_path / "prompted"))
    with pytest.raises(InputError, match="begins every text with 'query: ', expected one that rea"):
        sentences_of(tmp_path / "prompted")


def test_no_folder_is_told_with_its_key(tmp_path):
    expected = rf"{re.escape(str(tmp_path / 'no'))} \(vlp\.sentences\): is no folder"
    with pytest.raises(InputError, match=expected):
        sentences_of(tmp_path / "no")


def test_names_of_classes_are_imagenets_or_the_checkpoints_own(tmp_path):
    assert class_names("test_resnet", 1000, None)[:2] == ["tench", "goldfish"]
    assert class_names("mobilenetv2_100", 1001, None)[:1] == ["tench"]  # behind the background
    assert class_names("test_resnet", 37, None) == []
    path = tmp_path / "own.safetensors"
    save_file({"a": torch.zeros(1)}, path, metadata={METADATA_KEY: json.dumps({"names": ["x"]})})
    assert class_names("test_resnet", 1, path) == ["x"]
    assert class_names("test_resnet", 2, path) == []


def seen(size):
    return Preprocess(size, (0.5,) * 3, (0.5,) * 3, "bicubic", 1.0, "center")


def saved(tmp_path, model, **args):
    torch.manual_seed(0)
    path = tmp_path / f"{model}.safetensors"
    state = timm.create_model(model, **args).state_dict()
    save_file({name: value.contiguous() for name, value in state.items()}, path)
    return path


def test_a_first_class_of_background_is_left_out(tmp_path):
    path = saved(tmp_path, "test_resnet", num_classes=1001)
    origin = {"backbone": {"model": "test_resnet", "image_size": 32}, "preprocess": seen(32).about}
    found = trunk_of(origin, path, tmp_path).classifier
    stored = timm.create_model("test_resnet", num_classes=1001)
    assert found is not None
    assert found.weight.shape == (1000, stored.num_features)
    assert len(found.names) == len(found.bias) == 1000


def test_a_trunk_of_another_size_than_timms_is_refused_where_weights_depend_on_it(
    tmp_path, tiny_sentences
):
    path = saved(tmp_path, "test_vit", img_size=64)
    origin = {"backbone": {"model": "test_vit", "image_size": 64}, "preprocess": seen(64).about}
    trunk = trunk_of(origin, path, tmp_path)
    expected = "open_clip cannot build its network 'test_vit' at 64 pixels: that of the vectors has"
    with pytest.raises(InputError, match=expected):
        join(trunk, sentences_of(tiny_sentences), 64, tmp_path)


def test_vectors_of_another_length_than_the_trunks_are_refused(tmp_path, tiny_sentences):
    path = saved(tmp_path, "test_resnet")
    origin = {"backbone": {"model": "test_resnet", "image_size": 32}, "preprocess": seen(32).about}
    with pytest.raises(InputError, match=r"that of the vectors gives 7 numbers, not \d+"):
        join(trunk_of(origin, path, tmp_path), sentences_of(tiny_sentences), 7, tmp_path)
