import huggingface_hub.constants
import numpy as np
import pytest
import timm
import torch
from safetensors.torch import load_file, save_file

from pipeline_lib.encoders.classifier import classifier_name
from pipeline_lib.encoders.vision import build
from pipeline_lib.errors import InputError

RESNET = "test_resnet.r160_in1k"  # timm's smallest: 0.5 million weights
DISTILLED = "deit_tiny_distilled_patch16_224"  # has two classifiers


def assert_holds(model, path, skip=()):
    """The model's parameters are those of the file."""
    stored = load_file(path)
    for name, value in model.state_dict().items():
        if not name.startswith(skip):
            assert torch.equal(value, stored[name]), name


def test_a_backbone_without_classifier_gives_pooled_features(backbone):
    vision = build(backbone("resnet18"), None, num_classes=0, seed=0)
    size = vision.preprocess.size
    assert size == 224
    assert vision.model(torch.zeros(1, 3, size, size)).shape == (1, 512)


def test_the_models_own_data_configuration_is_used(backbone):
    vision = build(backbone("vit_tiny_patch16_224"), None, num_classes=0, seed=0)
    found = vision.preprocess
    assert (found.size, found.interpolation, found.crop_pct) == (224, "bicubic", 0.9)
    assert (found.mean, found.std, found.crop_mode) == ((0.5,) * 3, (0.5,) * 3, "center")
    assert build(backbone("convnextv2_atto"), None, num_classes=0, seed=0).preprocess.mean == (
        pytest.approx((0.485, 0.456, 0.406))
    )


def test_a_model_that_squashes_images_does_so_here(backbone):
    tagged = timm.list_models("*", include_tags=True)
    squashing = next(m for m in tagged if timm.get_pretrained_cfg(m).crop_mode == "squash"
                     and "tiny" in m)  # fmt: skip
    assert build(backbone(squashing), None, num_classes=0, seed=0).preprocess.crop_mode == "squash"


@pytest.mark.parametrize(("image_size", "side"), [(0, 5), (32, 5), (64, 13)])
def test_an_input_size_shapes_a_model_of_fixed_size(backbone, image_size, side):
    vision = build(backbone(image_size=image_size), None, num_classes=0, seed=0)
    size = vision.preprocess.size
    assert size == (image_size or 32)
    assert vision.model.forward_features(torch.zeros(1, 3, size, size)).shape[-1] == side
    assert vision.preprocess.geometry([np.zeros((9, 9, 3), np.uint8)]).shape == (1, 3, size, size)


def test_an_input_size_leaves_a_fully_convolutional_model_as_it_is(backbone, weights):
    path = weights("resnet18")
    vision = build(backbone("resnet18", image_size=64), path, num_classes=0, seed=0)
    assert vision.preprocess.size == 64
    assert vision.model(torch.zeros(1, 3, 64, 64)).shape == (1, 512)


def test_a_seed_gives_the_same_weights_and_another_others(backbone):
    one, same, other = (
        build(backbone(), None, num_classes=3, seed=seed).model.state_dict() for seed in (0, 0, 1)
    )
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not any(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("model", ["lenet5", RESNET, "resnet18"])
def test_local_weights_fill_every_parameter(backbone, weights, model):
    path = weights(model)
    assert_holds(build(backbone(model), path, num_classes=10, seed=0).model, path)


@pytest.mark.parametrize("model", ["lenet5", "resnet18", "vit_tiny_patch16_224", DISTILLED])
@pytest.mark.parametrize("num_classes", [0, 4])
def test_a_classifier_of_another_size_is_left_out(backbone, weights, model, num_classes):
    path = weights(model, num_classes=10)
    built = build(backbone(model), path, num_classes=num_classes, seed=0).model
    heads = timm.get_pretrained_cfg(model).classifier
    assert_holds(built, path, skip=heads)
    fresh = build(backbone(model), None, num_classes=num_classes, seed=0).model.state_dict()
    head = [n for n in fresh if n.startswith(heads)]
    assert all(torch.equal(fresh[n], built.state_dict()[n]) for n in head)
    assert bool(head) == bool(num_classes)


def test_weights_without_classifier_leave_a_new_one(backbone, weights):
    path = weights(num_classes=0)
    assert_holds(build(backbone(), path, num_classes=4, seed=0).model, path, skip="head")


def test_wrapped_torch_weights_fill_a_model_too(backbone, weights, tmp_path):
    path = weights()
    state = {f"module.{name}": value for name, value in load_file(path).items()}
    torch.save({"model": state, "epoch": 3}, tmp_path / "last.pth")
    vision = build(backbone(), tmp_path / "last.pth", num_classes=10, seed=0)
    assert_holds(vision.model, path)


def test_weights_of_another_model_name_what_is_missing(backbone, weights):
    path = weights("resnet18")
    with pytest.raises(InputError) as caught:
        build(backbone(), path, num_classes=0, seed=0)
    message = str(caught.value)
    assert (
        f"{path}: these are not weights of 'lenet5': the file lacks 8 (features.0.weight, …)"
        in (message)
    )
    assert "has unknown 1" in message  # 20 layers with batch norms: over a hundred tensors
    assert "mend `model`, `image_size` or `weights`" in message


def test_the_same_tensors_under_other_names_are_told_from_those_of_another_model(
    backbone, tmp_path
):
    path = tmp_path / "theirs.pth"
    model = timm.create_model("lenet5", num_classes=10)
    state = {f"_{name}": value for name, value in model.state_dict().items()}
    for theirs, said in ((state, True), (dict(reversed(state.items())), False)):
        torch.save(theirs, path)
        with pytest.raises(InputError, match=r"the file lacks 8 \(features") as caught:
            build(backbone(), path, num_classes=0, seed=0)
        assert ("under other names: docs/quickstart.md, Weights" in str(caught.value)) is said


def test_a_single_missing_tensor_is_named(backbone, weights, tmp_path):
    state = load_file(weights())
    del state["hidden.3.bias"]
    save_file(state, tmp_path / "w.safetensors")
    with pytest.raises(InputError, match=r"the file lacks 1 \(hidden\.3\.bias, …\); expected"):
        build(backbone(), tmp_path / "w.safetensors", num_classes=0, seed=0)


def test_a_single_unknown_tensor_is_named(backbone, weights, tmp_path):
    state = load_file(weights()) | {"hidden.5.bias": torch.zeros(1)}
    save_file(state, tmp_path / "w.safetensors")
    with pytest.raises(InputError, match=r"the file has unknown 1 \(hidden\.5\.bias, …\)"):
        build(backbone(), tmp_path / "w.safetensors", num_classes=0, seed=0)


def test_weights_for_another_image_size_are_named(backbone, weights):
    path = weights(img_size=64)
    expected = r"has other shapes for 1 \(hidden\.1\.weight, …\); .*`image_size`"
    with pytest.raises(InputError, match=expected):
        build(backbone(image_size=32), path, num_classes=0, seed=0)


def test_a_missing_checkpoint_is_named(backbone, tmp_path):
    with pytest.raises(InputError, match=r"gone\.pt: no such checkpoint"):
        build(backbone(), tmp_path / "gone.pt", num_classes=0, seed=0)


@pytest.mark.parametrize(
    ("model", "hint"),
    [
        ("resnt18", r"; did you mean 'resnet18'\?; `protoweave models PATTERN` lists the names"),
        ("lenet_5", r"; did you mean 'lenet5'\?"),
        ("no such thing at all", "; `protoweave models"),
    ],
)
def test_an_unknown_model_names_the_nearest(backbone, model, hint):
    with pytest.raises(InputError, match=f"model '{model}' is unknown to timm [0-9.]+{hint}"):
        build(backbone(model), None, num_classes=0, seed=0)


def test_unknown_published_weights_name_the_nearest(backbone):
    expected = (
        r"'resnet18\.a1_in1l': timm [0-9.]+ knows no weights 'a1_in1l' of 'resnet18'; did you"
    )
    with pytest.raises(InputError, match=expected + r" mean 'resnet18\.a1_in1k'\?"):
        build(backbone("resnet18.a1_in1l"), None, num_classes=0, seed=0)


def test_published_weights_without_a_network_name_the_parameter(backbone, monkeypatch, tmp_path):
    # Offline mode fails at once where no network would be tried for half a minute.
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    expected = (
        r"published weights of 'resnet18' cannot be downloaded \(.+\); name a local "
        r"checkpoint in `weights` and set pretrained: false"
    )
    with pytest.raises(InputError, match=expected):
        build(backbone("resnet18", pretrained=True), None, num_classes=0, seed=0)


def test_published_weights_that_do_not_exist_are_named(backbone):
    expected = "timm publishes no weights for 'lenet5'; set pretrained: false, or name a local"
    with pytest.raises(InputError, match=expected):
        build(backbone("lenet5", pretrained=True), None, num_classes=0, seed=0)


def test_two_sources_of_weights_are_refused(backbone, weights):
    path = weights()
    expected = rf"pretrained is true and weights is '{path}': expected one source of weights"
    with pytest.raises(InputError, match=expected):
        build(backbone("resnet18", pretrained=True), path, num_classes=0, seed=0)


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("lenet5", "head"),
        ("resnet18", "fc"),
        ("mobilenetv2_100", "classifier"),
        (DISTILLED, "head"),
        ("convnext_tiny", "head.fc"),
    ],
)
def test_the_classifier_has_the_name_that_timm_gives_it(model, name):
    assert classifier_name(model) == name
