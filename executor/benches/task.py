"""The Python rows of benches/task.rs."""

from concurrent.futures import ThreadPoolExecutor

KEPT = 200_000


def number(x):
    return x


def kept(tasks):
    with ThreadPoolExecutor(2) as pool:
        assert [pool.submit(number, x).result() for x in range(2)] == [0, 1]
        yield
        total = 0
        for first in range(0, tasks, KEPT):
            numbers = range(first, min(tasks, first + KEPT))
            futures = [pool.submit(number, x) for x in numbers]
            total += sum(future.result() for future in futures)
        yield
    yield total


def one_at_a_time(tasks):
    with ThreadPoolExecutor(2) as pool:
        assert [pool.submit(number, x).result() for x in range(2)] == [0, 1]
        yield
        total = sum(pool.submit(number, x).result() for x in range(tasks))
        yield
    yield total
