import pytest
import torch

from pipeline_lib.errors import InputError
from pipeline_lib.families.open_vocabulary.settings import Student as Settings
from pipeline_lib.families.open_vocabulary.student import Student, Teacher
from pipeline_lib.training.data import Pictures
from tests.encoders.vlp.models import clip, images
from tests.methods.toy_towers import data, towers


def settings(trained_blocks=2, layer_decay=0.5, *, checkpointing=False):
    decay = layer_decay if trained_blocks > 0 else 0.65
    return Settings(trained_blocks=trained_blocks, layer_decay=decay, checkpointing=checkpointing)


def batch(count=3):
    return data().train.batch(torch.arange(count))


def test_a_student_starts_as_the_tower_it_was():
    model = towers()
    found, own = Student(model.visual, settings())(batch()), model.visual(batch())
    torch.testing.assert_close(found.pooled, own.pooled)
    torch.testing.assert_close(found.patches, own.patches)


@pytest.mark.parametrize("blocks", [0, 1, 2, 4])
def test_gradients_reach_the_last_blocks_and_no_other(blocks):
    student = Student(towers().visual, settings(blocks))
    found = student(batch())
    trained = {name for names in student.visual.blocks()[4 - blocks :] for name in names}
    assert found.pooled.requires_grad == (blocks > 0)
    if blocks:
        (found.pooled.sum() + found.patches.pow(2).sum()).backward()
    reached = {n for n, p in student.visual.named_parameters() if p.grad is not None}
    assert reached == trained == set(student.trained_names)


def test_training_leaves_the_tower_that_it_started_from_alone():
    model = towers()
    before = [p.clone() for p in model.visual.parameters()]
    student = Student(model.visual, settings())
    optimizer = torch.optim.SGD([p for p in student.parameters() if p.requires_grad], lr=1.0)
    student(batch()).pooled.pow(2).sum().backward()
    optimizer.step()
    assert all(torch.equal(a, b) for a, b in zip(before, model.visual.parameters(), strict=True))
    assert not torch.allclose(student(batch()).pooled, model.visual(batch()).pooled)


def test_the_rate_falls_towards_the_stem_from_what_follows_the_last_block():
    """MKT's code: layer_decay ** (13 − id) of CLIP's 12 blocks; the projection has the whole."""
    student = Student(towers().visual, settings(3, 0.5))
    groups = student.groups()
    assert [group["lr_scale"] for group in groups] == [0.125, 0.25, 0.5, 1.0]
    assert sum(len(g["params"]) for g in groups) == len(student.trained_names)
    behind = {student.visual.get_parameter(n) for n in student.visual.behind_blocks()}
    assert set(groups[-1]["params"]) == behind


def test_batch_norms_that_are_not_trained_stay_as_they_are():
    student = Student(clip_tower(), settings(1))
    student.train()
    before = {n: b.clone() for n, b in student.named_buffers()}
    student(images("timm resnet", 4))
    moved = {n for n, b in student.named_buffers() if not torch.equal(b, before[n])}
    assert moved
    assert all("layer4" in name for name in moved)


def clip_tower():
    from pipeline_lib.encoders.vlp.image_tower import image_tower

    return image_tower(clip("timm resnet").visual, "toy")


def test_checkpointing_changes_no_gradient():
    found = []
    for checkpointing in (False, True):
        student = Student(towers().visual, settings(checkpointing=checkpointing))
        student.train()
        student(batch()).patches.pow(2).sum().backward()
        found.append([p.grad for p in student.parameters() if p.grad is not None])
    for plain, again in zip(*found, strict=True):
        torch.testing.assert_close(again, plain)


def test_more_blocks_than_there_are_is_refused():
    with pytest.raises(InputError, match=r"trained_blocks` is 5, expected at most 4, the blocks"):
        Student(towers().visual, settings(5))


@pytest.mark.parametrize("varied", [False, True])
def test_a_teacher_says_what_the_tower_said(varied):
    model, pictures = towers(), data().train
    teacher = Teacher(model.visual, pictures, varied=varied)
    positions = torch.tensor([7, 0, 7])
    images = pictures.batch(positions)
    expected = model.visual(images).pooled
    torch.testing.assert_close(teacher.pooled(positions, images), expected)


def test_images_that_do_not_vary_are_encoded_once():
    model, plain = towers(), data().train
    asked = []

    def fetch(rows):
        asked.extend(rows)
        return plain.fetch(rows)

    teacher = Teacher(model.visual, Pictures(plain.rows, fetch), varied=False)
    assert sorted(asked) == list(plain.rows)
    teacher.pooled(torch.tensor([1, 2]), torch.full((2, 3, 16, 16), torch.nan))
    assert sorted(asked) == list(plain.rows)
