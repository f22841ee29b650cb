"""Simple round-robin scheduler: tasks take turns, because each of them ends its turn itself."""

import os
import sys
from collections import deque


def say(line):
    try:
        sys.stdout.write(line + "\n")  # one write, so that the line stays whole
        sys.stdout.flush()
    except OSError:  # nobody reads any more
        os._exit(1)


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def fibs(n):
    for k in range(1, n + 1):
        yield fib(k)


tasks = deque([fibs(5), fibs(3)])
while tasks:
    task = tasks.popleft()
    try:
        say(str(next(task)))
        tasks.append(task)
    except StopIteration:
        say("done")
