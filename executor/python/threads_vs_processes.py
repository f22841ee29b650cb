"""Threads against processes: in Python, processes are there for speed."""

import multiprocessing
import os
import platform
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

N, ROUNDS = 27, 5  # fib(35) would take seconds each time


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def job(n):
    return fib(n), os.getpid()


def say(line):
    try:
        sys.stdout.write(line + "\n")  # one write, so that the line stays whole
        sys.stdout.flush()
    except OSError:  # nobody reads any more
        for child in multiprocessing.active_children():
            child.kill()
        os._exit(1)


def twice(executor):
    (one, by), (other, by_too) = executor.map(job, [N, N])
    here = {by == os.getpid(), by_too == os.getpid()}
    who = "one of each" if len(here) > 1 else "this process" if True in here else "other processes"
    return f"fib({N}) twice: {one} and {other}, by {who}"


def milliseconds(kind):
    begin = time.perf_counter()
    with kind(2) as executor:
        twice(executor)
    return (time.perf_counter() - begin) * 1000


def median_and_spread(times):
    times.sort()
    return f"{times[ROUNDS // 2]:.1f}ms (from {times[0]:.1f}ms to {times[-1]:.1f}ms)"


def main():
    with ThreadPoolExecutor(2) as executor:
        say(f"Threads:   {twice(executor)}")
    with ProcessPoolExecutor(2) as executor:
        say(f"Processes: {twice(executor)}")

    # By turns, so that a change of the load meets both.
    threads, processes = [], []
    for _ in range(ROUNDS):
        threads.append(milliseconds(ThreadPoolExecutor))
        processes.append(milliseconds(ProcessPoolExecutor))
    build = platform.python_implementation()
    # The cores that this process may use, where the system tells.
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    say(f"{ROUNDS} rounds, executors started and ended in each; {build} build, {cores} cores")
    say(f"Threads:   {median_and_spread(threads)}")
    say(f"Processes: {median_and_spread(processes)}")
    ratio = processes[ROUNDS // 2] / threads[ROUNDS // 2]
    say(f"processes took {ratio:.2f} times as long as threads")


if __name__ == "__main__":
    main()
