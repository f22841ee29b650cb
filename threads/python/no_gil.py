"""Performance problem: GIL. Two threads take turns, and gain nothing."""

import os
import platform
import sys
import threading
import time

N, VALUE, ROUNDS = 27, 196418, 5  # fib(35) would take a second each time


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def work():
    assert fib(N) == VALUE


def say(line):
    sys.stdout.write(line + "\n")  # one write, so that the line stays whole


def on_two_threads(job):
    threads = [threading.Thread(target=job, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def shown(number):
    say(f"thread {number} starts")
    start.wait()
    work()
    say(f"thread {number} done")


def measured(_number):
    start.wait()
    work()


def milliseconds(job, *arguments):
    begin = time.perf_counter()
    job(*arguments)
    return (time.perf_counter() - begin) * 1000


def twice():
    work()
    work()


def median_and_spread(times):
    return f"{times[ROUNDS // 2]:.1f}ms (from {times[0]:.1f}ms to {times[-1]:.1f}ms)"


# Nobody computes before both threads are there.
start = threading.Barrier(2)
on_two_threads(shown)

# In turn and at once by turns, so that a change of the load meets both.
in_turn, at_once = [], []
for _ in range(ROUNDS):
    in_turn.append(milliseconds(twice))
    at_once.append(milliseconds(on_two_threads, measured))
in_turn.sort()
at_once.sort()

build = platform.python_implementation()
# The cores that this process may use, where the system tells.
cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
say(f"fib({N}) twice, {ROUNDS} rounds, {build} build, {cores} cores")
say("load average: " + " ".join(f"{load:.2f}" for load in os.getloadavg()))
say(f"in turn:        {median_and_spread(in_turn)}")
say(f"on two threads: {median_and_spread(at_once)}")
ratio = in_turn[ROUNDS // 2] / at_once[ROUNDS // 2]
say(f"two threads are {ratio:.2f} times as fast as one")
say(f"every fib({N}) was {VALUE}")
