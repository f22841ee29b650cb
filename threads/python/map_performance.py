"""Compare with "map" performance: a job must be worth more than it costs to hand it over."""

import os
import sys
import time
from multiprocessing.pool import ThreadPool

ITEMS = 999_999


def say(line):
    try:
        sys.stdout.write(line + "\n")  # one write, so that the line stays whole
        sys.stdout.flush()
    except OSError:  # nobody reads any more
        os._exit(1)


def square(x):
    return x * x


def build_and_cores():
    lock = getattr(sys, "_is_gil_enabled", lambda: True)()  # older Pythons always have it
    # The cores that this process may use, where the system tells.
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{'GIL' if lock else 'free_threaded'} build, {cores} cores"


def load_average():
    return " ".join(f"{load:.2f}" for load in os.getloadavg())


def measured(name, way):
    begin = time.perf_counter()
    squares = way()
    took = (time.perf_counter() - begin) * 1000
    say(f"{name}: {len(squares)} squares in {took:.3f}ms")
    return squares


say(build_and_cores())
say(f"load average: {load_average()}")
pool = ThreadPool(10)
results = [
    measured("a loop", lambda: list(map(square, range(ITEMS)))),
    # Fewer of them: a million would take seconds.
    measured("a job for each item", lambda: pool.map(square, range(100_000), chunksize=1)),
    measured("a chunk of items for each job", lambda: pool.map(square, range(ITEMS))),
]
equal = sum(result == results[0][: len(result)] for result in results)
say(f"the sum of the squares is {sum(results[0])}")
say(f"equal results: {equal} of {len(results)}")
pool.close()
pool.join()
