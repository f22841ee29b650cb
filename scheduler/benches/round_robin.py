"""The Python row of benches/round_robin.rs."""

from collections import deque

TASKS = 100


def shares(turns):
    return [turns // TASKS + (task < turns % TASKS) for task in range(TASKS)]


def ones(share):
    for _ in range(share):
        yield 1


def generators(turns):
    tasks = deque(ones(share) for share in shares(turns))
    total = 0
    yield
    while tasks:
        task = tasks.popleft()
        try:
            total += next(task)
            tasks.append(task)
        except StopIteration:
            pass
    yield
    yield total
