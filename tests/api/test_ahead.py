"""Work that stays a little ahead."""

import threading

import pytest

from pipeline_lib.api.ahead import ahead


def test_results_come_in_order_whichever_is_ready_first():
    second = threading.Event()

    def work(number):
        if number == 0:
            assert second.wait(10)  # the first waits for the second
        elif number == 1:
            second.set()
        return 10 * number

    assert list(ahead(work, range(5), threads=2)) == [0, 10, 20, 30, 40]


def test_no_more_is_read_than_threads_need():
    read = []
    items = (read.append(number) or number for number in range(9))
    found = ahead(lambda number: number, items, threads=2)
    assert next(found) == 0
    assert read == [0, 1, 2]
    assert list(found) == list(range(1, 9))


def test_an_error_comes_where_its_result_would_have():
    found = ahead(lambda number: 1 // (2 - number), range(9), threads=2)
    assert [next(found), next(found)] == [0, 1]
    with pytest.raises(ZeroDivisionError):
        next(found)
