import open_clip
import torch

from pipeline_lib.encoders.vlp.captions import Captions

TEXTS = [["A boat and two seagulls at a harbour."], ["A pig."]]
SEVERAL = [["A pig.", "A boar.", "A hog."], ["A boat."]]
TOKENS = open_clip.SimpleTokenizer(context_length=16)


def draw(seed=0):
    return torch.Generator().manual_seed(seed)


def words(tokens):
    return TOKENS.decode([int(t) for t in tokens if 0 < t < 49406]).split()


def test_whole_captions_are_the_tokenizers_own():
    found = Captions(TEXTS, TOKENS, 0)([1, 0], draw())
    torch.testing.assert_close(found, TOKENS([*TEXTS[1], *TEXTS[0]]))


def test_a_run_of_words_lies_in_the_caption_and_is_long_enough():
    captions, whole = (
        Captions(TEXTS, TOKENS, 3),
        ["a", "boat", "and", "two", "seagulls", "at", "a", "harbour"],
    )
    generator, lengths = draw(), set()
    for _ in range(60):
        found = words(captions([0], generator)[0])
        starts = [i for i in range(len(whole)) if whole[i : i + len(found)] == found]
        assert starts
        lengths.add(len(found))
    assert lengths == {3, 4, 5, 6, 7, 8}


def test_a_caption_shorter_than_a_run_stays_whole():
    captions = Captions(TEXTS, TOKENS, 3)
    assert words(captions([1], draw())[0]) == ["a", "pig", "."]


def test_equal_generators_draw_equal_texts():
    captions = Captions(TEXTS, TOKENS, 2)
    torch.testing.assert_close(captions([0, 1, 0], draw(4)), captions([0, 1, 0], draw(4)))
    assert not torch.equal(captions([0] * 9, draw(4)), captions([0] * 9, draw(5)))


def test_every_token_that_a_run_may_hold_is_known_to_occur():
    captions = Captions(TEXTS, TOKENS, 2)
    known = set(captions.occurring(["a lighthouse"]).tolist())
    generator = draw()
    for _ in range(30):
        assert set(captions([0, 1], generator).flatten().tolist()) <= known
    assert set(TOKENS(["a lighthouse"]).flatten().tolist()) <= known


def test_of_several_captions_each_is_drawn_as_often():
    captions, generator = Captions(SEVERAL, TOKENS, 0), draw()
    found = [words(captions([0], generator)[0])[1] for _ in range(300)]
    assert all(80 < found.count(name) < 120 for name in ("pig", "boar", "hog"))
    assert set(captions.occurring([]).tolist()) >= set(TOKENS(SEVERAL[0]).flatten().tolist())


def test_nothing_is_drawn_of_a_single_caption():
    generator = draw(3)
    Captions(SEVERAL, TOKENS, 0)([1], generator)
    assert torch.equal(generator.get_state(), draw(3).get_state())
