"""Which of the requests that wait is answered next."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasheet_serving.errors import QueueFull
from kerasheet_serving.request_queue import BatchLimits, RequestQueue


def queue_of(*sizes, now=0.0, **limits):
    """A queue with a request of each size; the owner of each is its place."""
    queue = RequestQueue(BatchLimits(**limits))
    for place, size in enumerate(sizes):
        queue.add(rows(size), place, now)
    return queue


def rows(count, columns=1):
    return {"x": np.zeros((count, columns), np.float32)}


def owners(batch):
    return [request.owner for request in batch]


def test_a_request_that_is_alone_does_not_wait():
    queue = queue_of(1, delay=10.0)
    assert owners(queue.take(0.0)) == [0]
    assert (len(queue), queue.due(), queue.take(99.0)) == (0, None, [])


def test_several_wait_for_more_until_the_first_has_waited_enough():
    queue = queue_of(1, 1, delay=10.0)
    queue.add(rows(1), 2, 5.0)
    assert (queue.take(9.9), queue.due()) == ([], 10.0)
    assert owners(queue.take(10.0)) == [0, 1, 2]


def test_a_full_batch_does_not_wait():
    assert owners(queue_of(2, 1, 1, rows=4, delay=10.0).take(0.0)) == [0, 1, 2]


def test_a_batch_is_full_when_the_next_does_not_fit():
    queue = queue_of(2, 1, 2, rows=4, delay=10.0)
    assert owners(queue.take(0.0)) == [0, 1]
    assert owners(queue.take(0.0)) == [2]


def test_nothing_waits_when_nothing_more_will_come():
    assert owners(queue_of(1, 1, delay=10.0).take(0.0, hurry=True)) == [0, 1]


def test_a_request_larger_than_a_batch_runs_by_itself():
    queue = queue_of(1, 9, 1, rows=4, delay=0.0)
    assert [owners(queue.take(0.0)) for _ in range(3)] == [[0], [1], [2]]


def test_requests_without_rows_run_by_themselves_at_once():
    queue = RequestQueue(BatchLimits(delay=10.0))
    for owner in range(2):
        queue.add({"x": np.float32(owner)}, owner, 0.0)
    assert [owners(queue.take(0.0)) for _ in range(2)] == [[0], [1]]


def test_kinds_are_not_mixed_and_the_first_that_came_is_in_the_first_batch():
    queue = RequestQueue(BatchLimits(delay=0.0))
    for owner, columns in enumerate([3, 5, 3, 5, 7]):
        queue.add(rows(1, columns), owner, 0.0)
    assert [owners(queue.take(0.0)) for _ in range(3)] == [[0, 2], [1, 3], [4]]


def test_only_a_full_batch_overtakes_and_not_once_the_first_has_waited_enough():
    queue = RequestQueue(BatchLimits(rows=2, delay=10.0))
    queue.add(rows(1, 3), "first", 0.0)
    for _ in range(4):
        queue.add(rows(1, 5), "crowd", 0.0)
    assert owners(queue.take(0.0)) == ["crowd", "crowd"]
    assert owners(queue.take(10.0)) == ["first"]


def test_what_comes_beyond_the_limit_is_refused():
    queue = queue_of(2, 1, waiting_rows=4)
    with pytest.raises(QueueFull) as error:
        queue.add(rows(2), 2, 0.0)
    assert str(error.value) == (
        "3 rows wait for the model, 2 more than the 4 that may. Ask again in 1 s."
    )
    assert (error.value.status, error.value.retry_after) == (503, 1)
    queue.add(rows(1), 3, 0.0)
    assert len(queue) == 3


def test_a_request_larger_than_the_queue_is_taken_when_none_waits():
    queue = queue_of(9, waiting_rows=4)
    with pytest.raises(QueueFull):
        queue.add(rows(1), 1, 0.0)
    assert owners(queue.take(0.0)) == [0]
    queue.add(rows(1), 1, 0.0)


def test_what_is_taken_out_makes_room_and_is_never_given_out():
    queue = RequestQueue(BatchLimits(waiting_rows=2, delay=0.0))
    left, _ = (queue.add(rows(1), owner, 0.0) for owner in ("left", "stayed"))
    queue.remove(left)
    queue.remove(left)
    queue.add(rows(1), "next", 0.0)
    assert owners(queue.take(0.0)) == ["stayed", "next"]
    assert owners(queue_of(1, 1).clear()) == [0, 1]


@pytest.mark.parametrize(
    "limits", [{"rows": 0}, {"waiting_rows": 0}, {"delay": -1.0}, {"delay": np.inf}]
)
def test_limits_that_limit_nothing_are_refused(limits):
    with pytest.raises(ValueError) as error:
        BatchLimits(**limits)
    values = {"rows": 32, "delay": 0.001, "waiting_rows": 1024} | limits
    shown = ", ".join(f"{name}={value}" for name, value in values.items())
    assert str(error.value) == (
        "BatchLimits needs rows and waiting_rows of at least 1 and a finite delay of "
        f"at least 0 seconds. Received: BatchLimits({shown})."
    )


REQUESTS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(1, 3), st.floats(0, 2)), max_size=40
)


@given(REQUESTS, st.integers(1, 8), st.floats(0, 3))
def test_whatever_comes_leaves_once_in_order_of_its_kind_and_in_time(
    requests, most, delay
):
    queue = RequestQueue(BatchLimits(rows=most, delay=delay))
    now, came, left = 0.0, [], []

    def take():
        before = queue.due()
        batch = queue.take(now)
        assert len({request.kind for request in batch}) <= 1
        assert len(batch) <= 1 or sum(r.rows for r in batch) <= most
        if before is not None and before <= now:  # no one waits beyond that
            assert min(request.due for request in batch) == before
        left.extend(batch)
        return batch

    for size, columns, pause in requests:
        now += pause
        came.append(queue.add(rows(size, columns), None, now))
        take()
    now += delay
    while take():
        pass
    assert len(queue) == 0
    assert len(left) == len(came) == len(set(left))
    for kind in {request.kind for request in came}:
        assert [r for r in left if r.kind == kind] == [
            r for r in came if r.kind == kind
        ]
