"""The Python rows of benches/round_robin.rs."""

import asyncio
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


async def yields(share):
    for _ in range(share):
        await asyncio.sleep(0)


def coroutines(turns):
    loop = asyncio.new_event_loop()
    tasks = [loop.create_task(yields(share)) for share in shares(turns)]
    yield
    loop.run_until_complete(asyncio.wait(tasks))
    yield
    loop.close()
    yield turns
