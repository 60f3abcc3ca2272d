import io
from collections import Counter

import numpy as np
import polars as pl
import pytest
import torch
from PIL import Image
from torch import nn

from pipeline_lib.encoders import mobilenet_int8
from pipeline_lib.encoders.checkpoint import load
from pipeline_lib.encoders.vision import build
from pipeline_lib.errors import InputError

MODEL = mobilenet_int8.MODEL


@pytest.fixture(scope="module")
def archive(pytestconfig):
    """The published weights, which lie beside the repository where there are any."""
    path = pytestconfig.rootpath.parent / "shared/data/weights/mobilenet_v2_1.0_224_int8pc.npz"
    if not path.is_file():
        pytest.skip("needs the weights in ../shared/data, which are not here")
    return path


@pytest.fixture(scope="module")
def arrays(archive):
    with np.load(archive) as file:
        return {name: file[name] for name in file.files}


@pytest.fixture
def model(archive, backbone):
    vision = build(backbone(MODEL), archive, num_classes=1001, seed=0)
    return vision.model.eval()


def as_torchvision(arrays):
    """Evaluate the same weights by torchvision's model and names: no batch norm, SAME padding."""
    models = pytest.importorskip("torchvision.models")
    model = models.mobilenet_v2(weights=None, num_classes=1001)
    for name, layer in list(model.named_modules()):
        parent, _, last = name.rpartition(".")
        if isinstance(layer, nn.BatchNorm2d):
            setattr(model.get_submodule(parent), last, nn.Identity())
        if isinstance(layer, nn.Conv2d):
            strided = layer.stride == (2, 2)
            same = nn.Conv2d(
                layer.in_channels, layer.out_channels, layer.kernel_size, layer.stride,
                0 if strided else layer.padding, groups=layer.groups,
            )  # fmt: skip
            # stride 2 on an even side: nothing at the top and left, one at the bottom and right
            padded = nn.Sequential(nn.ZeroPad2d((0, 1, 0, 1)), same) if strided else same
            setattr(model.get_submodule(parent), last, padded)
            fill(same, arrays, name)
    fill(model.classifier[1], arrays, "classifier.1")
    return model.eval()


def fill(layer, arrays, name):
    weight = arrays[f"{name}.q"].astype(np.float32)
    weight *= arrays[f"{name}.scale"].reshape(-1, *[1] * (weight.ndim - 1))
    layer.weight = nn.Parameter(torch.from_numpy(weight).reshape(layer.weight.shape))
    layer.bias = nn.Parameter(torch.from_numpy(arrays[f"{name}.bias"]))


def test_every_parameter_of_the_model_is_set(archive, model):
    state = load(archive).state
    assert state.keys() == model.state_dict().keys()
    for name, value in model.state_dict().items():
        assert torch.equal(value, state[name]), name


def test_every_array_of_the_archive_is_used(arrays):
    used = {f"{source}.{part}" for source, _, _ in mobilenet_int8._layers()
            for part in ("q", "scale", "bias")}  # fmt: skip
    assert used | {f"classifier.1.{part}" for part in ("q", "scale", "bias")} == arrays.keys()


def test_weights_are_whole_numbers_times_the_scale_of_their_channel(arrays):
    weight, bias = mobilenet_int8.dequantised(arrays, "features.2.conv.0.0")
    channel = 7
    scale = arrays["features.2.conv.0.0.scale"][channel]
    expected = arrays["features.2.conv.0.0.q"][channel].astype(np.float32) * scale
    np.testing.assert_array_equal(weight[channel].numpy(), expected)
    np.testing.assert_array_equal(bias.numpy(), arrays["features.2.conv.0.0.bias"])


def test_batch_norms_only_add(model):
    norm = model.blocks[3][1].bn2
    x = torch.randn(2, norm.num_features, 3, 3, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(
        nn.functional.batch_norm(
            x, norm.running_mean, norm.running_var, norm.weight, norm.bias, eps=norm.eps
        ),
        x + norm.bias.view(1, -1, 1, 1),
    )


def test_features_and_logits_equal_torchvisions(arrays, archive, model, backbone, rng):
    reference = as_torchvision(arrays)
    images = torch.rand(2, 3, 224, 224, generator=rng) * 2 - 1
    features = build(backbone(MODEL), archive, num_classes=0, seed=0).model.eval()
    with torch.inference_mode():
        maps = reference.features(images)
        expected = maps.mean((2, 3))
        assert expected.shape == (2, 1280)
        assert close(features(images), expected)
        assert close(model(images), reference.classifier(expected))
        assert close(model.forward_features(images), maps)


def close(found, expected):
    """Equal to 1e-4 of the largest value."""
    return (found - expected).abs().max() < 1e-4 * expected.abs().max()


def test_inputs_are_scaled_as_the_network_was_trained(archive, backbone):
    found = build(backbone(MODEL), archive, num_classes=0, seed=0).preprocess
    batch = torch.tensor([0, 127, 255], dtype=torch.uint8).view(1, 3, 1, 1)
    expected = [(x - 127) / 127.5 for x in (0, 127, 255)]
    assert found.normalise(batch).flatten().tolist() == pytest.approx(expected, abs=1e-6)
    assert (found.size, found.crop_pct, found.interpolation) == (224, 224 / 256, "bilinear")


@pytest.mark.parametrize(
    ("food", "label"), [("breakfast_burrito", "burrito"), ("beignets", "French loaf")]
)
def test_photos_are_classified_sensibly(shared_data, archive, backbone, food, label):
    # ImageNet knows burritos and no beignets, which look like French loaves to it.
    names = (archive.parent / "imagenet_labels.txt").read_text().splitlines()
    table = pl.scan_parquet(shared_data / "ingredient101/test.parquet")
    photos = table.filter(pl.col("class_name") == food).head(9).collect()["image"]
    images = [np.asarray(Image.open(io.BytesIO(photo)).convert("RGB")) for photo in photos]
    vision = build(backbone(MODEL), archive, num_classes=1001, seed=0)
    with torch.inference_mode():
        inputs = vision.preprocess.normalise(vision.preprocess.geometry(images))
        best = vision.model.eval()(inputs).argmax(1).tolist()
    assert names[0] == "background"
    ((commonest, _),) = Counter(names[i] for i in best).most_common(1)
    assert commonest == label


def test_weights_for_another_model_are_refused(archive, backbone):
    expected = rf"int8pc\.npz: these are weights of '{MODEL}', not of 'resnet18'; mend `model` or"
    with pytest.raises(InputError, match=expected):
        build(backbone("resnet18"), archive, num_classes=0, seed=0)


def test_a_variant_by_tag_is_the_same_model(archive, backbone):
    assert build(backbone(f"{MODEL}.ra_in1k"), archive, num_classes=0, seed=0)


def test_an_archive_that_lacks_a_layer_names_it(arrays, tmp_path):
    some = {name: a for name, a in arrays.items() if name != "features.9.conv.2.scale"}
    np.savez(tmp_path / "w.npz", **some)
    with pytest.raises(
        InputError, match=r"not a complete checkpoint .*features\.9\.conv\.2\.scale"
    ):
        load(tmp_path / "w.npz")
