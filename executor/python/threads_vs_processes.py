"""Threads against processes: in Python, processes are there for speed."""

import multiprocessing
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

N, VALUE, ROUNDS = 28, 317811, 3  # fib(35) would take seconds each time


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


def measured(name, kind):
    begin = time.perf_counter()
    with kind(2) as executor:
        results = list(executor.map(job, [N, N]))
    took = time.perf_counter() - begin
    here = sum(by == os.getpid() for _, by in results)
    by = ("other processes", "one of each", "this process")[here]
    values = " ".join(str(value) for value, _ in results)
    say(f"{name}: {values}, by {by}, {took * 1000:.3f}ms")
    return took


def median(times):
    return sorted(times)[len(times) // 2]


def build_and_cores():
    lock = getattr(sys, "_is_gil_enabled", lambda: True)()  # older Pythons always have it
    # The cores that this process may use, where the system tells.
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{'GIL' if lock else 'free_threaded'} build, {cores} cores"


def main():
    say(f"fib({N}) = {VALUE}, twice, {build_and_cores()}")
    say("load average: " + " ".join(f"{load:.2f}" for load in os.getloadavg()))
    threads, processes = [], []
    for _ in range(ROUNDS):
        # By turns, so that a change of the load meets both.
        threads.append(measured("Threads", ThreadPoolExecutor))
        processes.append(measured("Processes", ProcessPoolExecutor))
    threads, processes = median(threads), median(processes)
    say(
        f"median of {ROUNDS}: Threads {threads * 1000:.3f}ms, Processes {processes * 1000:.3f}ms"
    )
    say(f"processes take {processes / threads:.3f} times as long")


if __name__ == "__main__":
    main()
