"""Every source of vectors for names, on models small enough to be made here."""

import json
import sys

import numpy as np
import pytest
import torch

from pipeline_lib.encoders.text import ngrams, words
from pipeline_lib.encoders.text.prompts import IMAGENET_TEMPLATES, expand, fill
from pipeline_lib.errors import InputError
from pipeline_lib.params.section import checked
from pipeline_lib.params.text import Text
from pipeline_lib.steps.text import embed, unit

NAMES = ["cat", "traffic light", "cats"]
TINY = {
    "embed_dim": 16,
    "vision_cfg": {"image_size": 32, "layers": 1, "width": 16, "head_width": 8, "patch_size": 16},
    "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 16, "heads": 2, "layers": 1},
}


def params(source, prompts=("{}",), *, normalise=True, path="data/none", **changes):
    prompted = {"prompts": list(prompts)}
    ngrams = {"dims": 64, "shortest": 3, "longest": 5}
    of_source = {"ngrams": ngrams, "vlp": prompted, "sentence": prompted, "words": {}}
    named = {"name": source} | of_source[source] | changes
    return checked(Text, {"source": named, "path": str(path), "normalise": normalise})


def rows(source, prompts=("{}",), names=NAMES, **changes):
    return embed(names, params(source, prompts, **changes), "cpu").vectors


# prompts


def test_prompts_go_name_by_name():
    assert fill(["a {}", "the {}!"], ["cat", "dog"]) == ["a cat", "the cat!", "a dog", "the dog!"]


def test_imagenet_stands_for_the_80_templates_of_clip():
    assert len(set(IMAGENET_TEMPLATES)) == 80
    assert expand(["{}", "imagenet"])[:2] == ["{}", "a bad photo of a {}."]
    assert all(template.count("{}") == 1 for template in IMAGENET_TEMPLATES)


def test_a_prompt_without_a_place_for_the_name_is_refused():
    with pytest.raises(ValueError, match=r"prompt 'a photo' should hold \{\} once"):
        params("vlp", ["a photo"])


# n-grams


def test_names_are_cut_into_words_and_pieces():
    assert ngrams.pieces("a-Cat", 3, 4) == [
        "<a>",
        "<a>",
        "<cat>",
        "<ca",
        "cat",
        "at>",
        "<cat",
        "cat>",
    ]


def test_names_that_are_spelt_alike_are_near():
    cat, light, cats = rows("ngrams", dims=512)
    assert cat @ cats > 0.3 > abs(cat @ light)
    assert np.linalg.norm([cat, light, cats], axis=1) == pytest.approx(1)


def test_the_hash_is_the_same_in_every_process():
    (row,) = ngrams.embed(["ox"], dims=8, shortest=3, longest=3)
    # the pieces are <ox>, <ox and ox>: counts of their signed hashes, worked out with hashlib alone
    import hashlib

    expected = np.zeros(8)
    for piece in ("<ox>", "<ox", "ox>"):
        number = int(hashlib.blake2b(piece.encode(), digest_size=8).hexdigest(), 16)
        expected[(number >> 1) % 8] += -1 if number & 1 else 1
    assert row == pytest.approx(expected / np.linalg.norm(expected))


# word vectors


@pytest.fixture
def glove(tmp_path):
    path = tmp_path / "glove.txt"
    lines = [
        "the 9 9 9",
        "cat 1 0 0",
        "traffic 0 2 0",
        "light 0 0 4",
        "new-york 5 5 5",
        "cat 7 7 7",
    ]
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_name_of_several_words_is_their_mean(glove):
    vectors, missing = words.embed(["Cat", "traffic light", "light show"], glove)
    assert vectors.tolist() == [[1, 0, 0], [0, 1, 2], [0, 0, 4]]
    assert missing == []


def test_a_file_that_knows_a_name_whole_is_followed(glove):
    assert words.embed(["new york"], glove)[0].tolist() == [[5, 5, 5]]


def test_names_without_a_vector_are_reported_and_zero(glove):
    found = embed(["cat", "zebra"], params("words", path=glove), "cpu")
    assert found.vectors.tolist() == [[1, 0, 0], [0, 0, 0]]
    assert found.missing == ["zebra"]


def test_the_first_line_of_word2vec_is_no_word(tmp_path):
    (tmp_path / "w.txt").write_text("2 3\ncat 1 2 3\n2 4 5 6\n")
    assert words.embed(["cat", "2"], tmp_path / "w.txt")[0].tolist() == [[1, 2, 3], [4, 5, 6]]


def test_an_npz_of_names_and_vectors_is_the_same_as_text(tmp_path, glove):
    names = np.array(["cat", "traffic light", "light"])
    matrix = np.array([[1, 0, 0], [0, 1, 2], [0, 0, 4]], np.float32)
    np.savez(tmp_path / "w.npz", names=names, vectors=matrix)
    wanted = ["cat", "traffic_light", "light show"]
    assert words.embed(wanted, tmp_path / "w.npz")[0].tolist() == matrix.tolist()
    assert words.embed(wanted, glove)[0].tolist() == matrix.tolist()


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (None, "No such file"),
        ("cat 1 x\n", "could not convert string to float"),
        ("cat 1 2\ndog 1 2 3\n", "line 2 has 3 numbers, the others 2"),
        ("bee 1 2\n", "knows none of the 2 names, e.g. 'cat'"),
    ],
)
def test_a_file_that_holds_no_word_vectors_is_refused(tmp_path, content, found):
    if content is not None:
        (tmp_path / "w.txt").write_text(content)
    with pytest.raises(InputError, match=rf"w\.txt \(text\.path\): .*{found}.*'ngrams'"):
        words.embed(["cat", "dog"], tmp_path / "w.txt")


def test_an_npz_without_names_is_refused(tmp_path):
    np.savez(tmp_path / "w.npz", vectors=np.zeros((2, 3)))
    with pytest.raises(InputError, match="no list of names beside a matrix"):
        words.embed(["cat"], tmp_path / "w.npz")


def test_words_without_a_file_are_refused():
    with pytest.raises(InputError, match=r"text\.path is data/none, expected a file"):
        rows("words")


@pytest.mark.parametrize(("file", "count"), [("voc20", 20), ("coco80", 80)])
def test_genuine_vectors_of_every_category(shared_data, file, count):
    path = shared_data / "semantics" / f"{file}_glove300.npz"
    with np.load(path, allow_pickle=False) as content:
        names, vectors = content["names"].tolist(), content["vectors"]
    found, missing = words.embed(names[::-1], path)
    assert (found.shape, missing) == ((count, 300), [])
    np.testing.assert_array_equal(found[::-1], vectors)


# vision-language model


@pytest.fixture(scope="module")
def tiny_clip(tmp_path_factory):
    """A tiny model of open_clip's own classes with random weights, saved as open_clip does."""
    import open_clip
    from safetensors.torch import save_file

    folder = tmp_path_factory.mktemp("tiny-clip")
    torch.manual_seed(0)
    model = open_clip.CLIP(**TINY)
    save_file(model.state_dict(), folder / "open_clip_model.safetensors")
    config = {"model_cfg": TINY, "preprocess_cfg": {}}
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    return folder, model.eval()


def test_the_text_tower_of_a_local_folder_embeds_prompts(tiny_clip):
    import open_clip

    folder, model = tiny_clip
    found = rows("vlp", ["a {}."], path=folder)
    sentences = [f"a {name}." for name in NAMES]
    with torch.no_grad():
        expected = model.encode_text(open_clip.tokenize(sentences, context_length=16)).numpy()
    np.testing.assert_allclose(found, unit(expected), atol=1e-6)


def test_an_ensemble_is_the_mean_of_unit_vectors(tiny_clip):
    folder, _ = tiny_clip
    one, other = (rows("vlp", [p], path=folder) for p in ("a {}", "the {}!"))
    both = rows("vlp", ["a {}", "the {}!"], path=folder)
    np.testing.assert_allclose(both, unit((one + other) / 2), atol=1e-6)
    plain = rows("vlp", ["a {}", "the {}!"], path=folder, normalise=False)
    np.testing.assert_allclose(plain, (one + other) / 2, atol=1e-6)


def test_the_first_prompt_alone_is_kept_with_its_tokens(tiny_clip):
    import open_clip

    folder, _ = tiny_clip
    found = embed(NAMES, params("vlp", ["a {} here", "{}"], path=folder), "cpu").more
    expected = rows("vlp", ["a {} here"], path=folder)
    np.testing.assert_allclose(found["simple"], expected, atol=1e-6)
    tokens = open_clip.tokenize([f"a {name} here" for name in NAMES], context_length=16)
    np.testing.assert_array_equal(found["tokens"], tokens)
    # start, a, cat, here, end; start, a, traffic, light, here, end; start, a, cats, here, end
    assert found["places"][0, :5].tolist() == [0, 1, 0, 2, 0]
    assert found["places"][1, :6].tolist() == [0, 1, 0, 0, 2, 0]
    own = {int(t) for t in tokens[found["places"] > 0]}
    assert own == {int(t) for t in open_clip.tokenize(["a here"], context_length=16)[0, 1:3]}


def test_a_prompt_that_is_the_name_alone_has_no_words_of_its_own(tiny_clip):
    found = embed(NAMES, params("vlp", path=tiny_clip[0]), "cpu").more
    assert not found["places"].any()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cat", [0, 1, 2, 0, 3, 4, 0]),  # start, my, old, cat, is, ".", end
        (" ".join("abcdefghijklmnop"), [0, 1, 2, *[0] * 13]),  # the end is cut off
        (" ".join("abcdefghijkl"), [0, 1, 2, *[0] * 13]),
        (" ".join("abcdefghijk"), [0, 1, 2, *[0] * 11, 3, 0]),  # "is" is left
        ("is is", [0, 1, 2, 0, 0, 3, 4, 0]),
    ],
)
def test_only_the_prompts_own_words_are_marked_as_such(tiny_clip, name, expected):
    found = embed([name], params("vlp", ["my old {} is."], path=tiny_clip[0]), "cpu").more
    assert found["places"][0, : len(expected)].tolist() == expected
    assert not found["places"][0, len(expected) :].any()


def test_a_token_that_name_and_prompt_share_is_the_names(tiny_clip):
    found = embed(["C++", "C"], params("vlp", ["a {}."], path=tiny_clip[0]), "cpu").more
    assert found["places"][:, :5].tolist() == [[0, 1, 0, 0, 0], [0, 1, 0, 2, 0]]


def test_without_a_model_the_parameter_is_named(tmp_path):
    with pytest.raises(InputError, match=r"text\.path is data/none, expected the folder"):
        rows("vlp")
    with pytest.raises(InputError, match=r"holds no open_clip_config\.json.*dvc repro vlp"):
        rows("vlp", path=tmp_path)


# sentence encoder


def test_a_local_sentence_encoder_embeds_prompts(tiny_sentences):
    found = rows("sentence", ["a {}"], path=tiny_sentences)
    assert found.shape == (3, 16)
    assert np.linalg.norm(found, axis=1) == pytest.approx(1)
    again = rows("sentence", ["{}"], ["a cat"], path=tiny_sentences)
    np.testing.assert_allclose(again[0], found[0], atol=1e-6)


def test_a_folder_without_a_sentence_encoder_is_refused(tmp_path):
    with pytest.raises(
        InputError, match=r"None \(text\.path\): is no folder; expected a local fold"
    ):
        rows("sentence")
    with pytest.raises(InputError, match=r"text\.path\): .*nothing is downloaded"):
        rows("sentence", path=tmp_path)


def test_without_its_library_the_sentence_encoder_names_the_extra(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(InputError, match=r"sentence-transformers.*pip install -e '\.\[sentence\]'"):
        rows("sentence", path=tmp_path)
