"""Async round robin: the same tasks as `async def`, which do not know what runs them."""

import asyncio
import os
import sys
import types
from collections import deque


def say(line):
    try:
        sys.stdout.write(line + "\n")  # one write, so that the line stays whole
        sys.stdout.flush()
    except OSError:  # nobody reads any more
        os._exit(1)


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


@types.coroutine
def yield_now():
    yield


async def fibs(n, say):
    for k in range(1, n + 1):
        say(str(fib(k)))
        await yield_now()
    say("done")


def run(tasks):
    tasks = deque(tasks)
    while tasks:
        task = tasks.popleft()
        try:
            task.send(None)
            tasks.append(task)
        except StopIteration:
            pass


def say_and_keep(line):
    say(line)
    ours.append(line)


async def gather(tasks):
    await asyncio.gather(*tasks)


ours = []
run(fibs(n, say_and_keep) for n in (5, 3))

theirs = []
asyncio.run(gather(fibs(n, theirs.append) for n in (5, 3)))
say("run by another executor, the same lines: " + str(ours == theirs).lower())
