"""Random crops and mirror images."""

import pytest
import torch

from pipeline_lib.errors import InputError
from pipeline_lib.training.augment import augment

SIZE, PAD = 16, 2


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def images(count: int) -> torch.Tensor:
    """Images of positive pixels that are all different."""
    return 1 + torch.arange(count * 3 * SIZE * SIZE).float().view(count, 3, SIZE, SIZE)


def shift_of(found: torch.Tensor, image: torch.Tensor) -> tuple[bool, int, int]:
    """How far ``image``, perhaps mirrored, was moved down and right to give ``found``."""
    for mirrored in (False, True):
        source = image.flip(2) if mirrored else image
        for down in range(-PAD, PAD + 1):
            for right in range(-PAD, PAD + 1):
                moved = torch.zeros_like(image)
                to_y, to_x = slice(max(down, 0), SIZE + down), slice(max(right, 0), SIZE + right)
                of_y, of_x = slice(max(-down, 0), SIZE - down), slice(max(-right, 0), SIZE - right)
                moved[:, to_y, to_x] = source[:, of_y, of_x]
                if torch.equal(moved, found):
                    return mirrored, down, right
    raise AssertionError("no shift by up to an eighth of the image gives this")


def test_none_changes_nothing_and_draws_nothing():
    batch, source = images(3), generator()
    before = source.get_state()
    assert augment(batch, "none", source) is batch
    assert torch.equal(source.get_state(), before)


def test_flips_are_whole_mirror_images_of_about_half_the_images():
    batch = images(200)
    found = augment(batch, "flip", generator())
    mirrored = 0
    for before, after in zip(batch, found, strict=True):
        flipped = torch.equal(after, before.flip(2))
        assert flipped or torch.equal(after, before)
        mirrored += flipped
    assert 70 < mirrored < 130


def test_flipping_twice_alike_is_the_identity():
    batch = images(20)
    assert torch.equal(augment(augment(batch, "flip", generator()), "flip", generator()), batch)


def test_crops_move_by_at_most_an_eighth_and_fill_with_the_mean():
    batch = images(300)
    found = augment(batch, "crop_flip", generator())
    shifts = [shift_of(after, before) for before, after in zip(batch, found, strict=True)]
    mirrored, down, right = (set(values) for values in zip(*shifts, strict=True))
    assert mirrored == {False, True}
    assert down == right == set(range(-PAD, PAD + 1))
    assert len({(d, r) for _, d, r in shifts}) == (2 * PAD + 1) ** 2  # the axes are independent


def test_draws_depend_on_the_generator_and_not_on_the_pixels():
    first, second = images(30), images(30) + 7
    one = augment(first, "crop_flip", generator(4))
    two = augment(second, "crop_flip", generator(4))
    for a, b, x, y in zip(one, two, first, second, strict=True):
        assert shift_of(a, x) == shift_of(b, y)
    assert torch.equal(augment(first, "crop_flip", generator(4)), one)
    assert not torch.equal(augment(first, "crop_flip", generator(5)), one)


def test_inputs_too_small_to_be_moved_are_refused():
    batch = torch.rand(10, 3, 7, 7, generator=generator())
    assert not torch.equal(augment(batch, "flip", generator()), batch)
    with pytest.raises(InputError, match=r"is crop_flip, and inputs are 7 wide, .* 1/8: nothing"):
        augment(batch, "crop_flip", generator())


def test_input_is_not_changed():
    batch = images(5)
    kept = batch.clone()
    augment(batch, "crop_flip", generator())
    assert torch.equal(batch, kept)
