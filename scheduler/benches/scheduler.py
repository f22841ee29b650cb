"""The Python row of benches/scheduler.rs."""

import asyncio

TASKS = 100


def shares(turns):
    return [turns // TASKS + (task < turns % TASKS) for task in range(TASKS)]


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
