"""Future object, as completed: each result is handed out as soon as it is there."""

import asyncio
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor, as_completed

begun = {"task": False, "coroutine": False}


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def say(line):
    try:
        sys.stdout.write(line + "\n")  # one write, so that the line stays whole
        sys.stdout.flush()
    except OSError:  # nobody reads any more
        os._exit(1)


def begin(what):
    begun[what] = True


def held_back(pool):
    """Three tasks, none of which ends before its gate is opened."""
    gates = [threading.Event() for _ in range(3)]
    return gates, [pool.submit(lambda i=i: gates[i].wait() and i + 1) for i in range(3)]


def let_go_as_3_1_2(gates, done):
    """The next task is let go when the one before has come."""
    order = []
    for number in (3, 1, 2):
        gates[number - 1].set()
        order.append(str(next(done).result()))
    return " ".join(order)


async def asyncio_as_completed(gates, tasks):
    order, to_let_go = [], [1, 2]
    gates[2].set()
    for future in asyncio.as_completed([asyncio.wrap_future(task) for task in tasks]):
        order.append(str(await future))
        if to_let_go:
            gates[to_let_go.pop(0) - 1].set()
    return " ".join(order)


async def coroutine():
    begin("coroutine")


with ThreadPoolExecutor(3) as pool:
    for future in as_completed([pool.submit(fib, n) for n in range(30, 33)]):
        say(f"res: {future.result()}")
    say("end")

    gates, tasks = held_back(pool)
    say("as_completed, let go as 3 1 2: " + let_go_as_3_1_2(gates, as_completed(tasks)))
    # What is the crate futures' FuturesUnordered there is asyncio's as_completed here.
    order = asyncio.run(asyncio_as_completed(*held_back(pool)))
    say("FuturesUnordered, let go as 3 1 2: " + order)

    pool.submit(begin, "task")
    future = coroutine()
say(f"a task that nobody waits for has begun: {str(begun['task']).lower()}")
say(f"a future that nobody polls has begun: {str(begun['coroutine']).lower()}")
asyncio.run(future)
say(f"and now it is polled: {str(begun['coroutine']).lower()}")
