from dataclasses import replace

import numpy as np
import pytest

from pipeline_lib.artifacts.knowledge import NEIGHBOURS
from pipeline_lib.errors import InputError
from pipeline_lib.reporting.sections.attention import heard, informing

GUITAR, BOAT, LAMP = "guitar", "boat & oar", "<i>lamp</i>"


@pytest.fixture
def told(studio, shown, tags):
    """What the guitar hears in a run, over the category graph in a folder."""

    def build(name, graph):
        lists = informing(shown(name), studio.collection, graph)
        return heard(shown(name), np.array([2]), tags, lists)

    return build


def test_neighbours_are_named_by_the_list_that_the_run_heard(told, replanted):
    graph = replanted(np.array([[1, -1], [0, -1], [1, 0]], np.int32))
    (guitar,) = told("c2srt", graph)
    assert (guitar.name, guitar.itself) == (GUITAR, pytest.approx(0.2))
    assert [(n, round(w, 2)) for n, w, _ in guitar.sources] == [(LAMP, 0.7), (BOAT, 0.1)]
    # An even share is 1/3, the deepest colour 4/3: 0.7 is 52.5 % of it, 0.1 is 7.5 %.
    assert [percent for *_, percent in guitar.sources] == [52, 8]


def test_the_strongest_come_first_whatever_the_order_of_the_list(told, replanted):
    graph = replanted(np.array([[1, -1], [0, -1], [0, 1]], np.int32))
    (guitar,) = told("c2srt", graph)
    assert [name for name, *_ in guitar.sources] == [BOAT, LAMP]


def test_a_run_over_one_source_is_read_with_its_list(studio, shown, replanted):
    graph = replanted(np.array([[1, -1], [0, -1], [-1, 0]], np.int32), "neighbours.random")
    found = shown("c2srt")
    settings = found.run.header["settings"] | {"ist": {"relation": "random"}}
    run = replace(found.run, header=found.run.header | {"settings": settings})
    lists = informing(replace(found, run=run), studio.collection, graph)
    assert lists.tolist() == [[1, -1], [0, -1], [-1, 0]]


def test_padding_is_no_neighbour(told, replanted):
    graph = replanted(np.array([[1, -1], [0, -1], [-1, -1]], np.int32))
    (guitar,) = told("c2srt", graph)
    assert guitar.sources == []


def test_in_a_complete_graph_everyone_is_heard_and_unseen_ones_are_not_listed(told, tmp_path):
    (guitar,) = told("sigrl", tmp_path)
    assert guitar.itself == pytest.approx(0.1)
    assert [name for name, *_ in guitar.sources] == [LAMP, BOAT]


def test_without_attention_nobody_hears(told, tmp_path):
    assert told("clip & co", tmp_path) is None


def test_another_category_graph_is_refused(told, replanted):
    graph = replanted(np.array([[1], [0], [0]], np.int32))
    message = r"'neighbours' is of 3 labels with 1 neighbours, expected 3 with the 2 that run 'c2s"
    with pytest.raises(InputError, match=message):
        told("c2srt", graph)


def test_the_graph_of_other_images_is_refused(studio, told, tmp_path):
    name = "neighbours.safetensors"
    arrays, _ = NEIGHBOURS.read(studio.artifacts / "category_graph" / "tags" / name)
    NEIGHBOURS.write(tmp_path / name, arrays, samples="0" * 16)
    with pytest.raises(InputError, match="belongs to another training set"):
        told("c2srt", tmp_path)


def test_a_missing_graph_is_refused(told, tmp_path):
    with pytest.raises(InputError, match=r"neighbours.safetensors: missing"):
        told("c2srt", tmp_path)
