"""The GIL's performance problem: two threads take turns, and gain nothing."""

import os
import sys
import threading
import time

N, VALUE, ROUNDS = 27, 196418, 5  # fib(35) would take a second each time


def say(line):
    try:
        sys.stdout.write(line + "\n")  # one write, so that the line stays whole
        sys.stdout.flush()
    except OSError:  # nobody reads any more
        os._exit(1)


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def work():
    assert fib(N) == VALUE
    return threading.get_ident()


def on_two_threads(job):
    results = []
    threads = [
        threading.Thread(target=lambda number=number: results.append(job(number)))
        for number in (1, 2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def shown(number):
    say(f"thread {number} starts")
    start.wait()
    computed = work()
    say(f"thread {number} done")
    return computed


def at_the_barrier(_number):
    start.wait()
    return work()


def measured(how, job):
    begin, processor = time.perf_counter(), time.process_time()
    by = job()
    wall, processor = time.perf_counter() - begin, time.process_time() - processor
    threads = "1 thread" if len(set(by)) == 1 else f"{len(set(by))} threads"
    took = f"{wall * 1000:.3f}ms, processor {processor * 1000:.3f}ms"
    say(f"{how}: {len(by)} numbers, {threads}, {took}")
    return wall


def median(times):
    return sorted(times)[len(times) // 2]


def build_and_cores():
    lock = getattr(sys, "_is_gil_enabled", lambda: True)()  # older Pythons always have it
    # The cores that this process may use, where the system tells.
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{'GIL' if lock else 'free_threaded'} build, {cores} cores"


def load_average():
    return " ".join(f"{load:.2f}" for load in os.getloadavg())


start = threading.Barrier(2)  # nobody computes before both threads are there
on_two_threads(shown)

say(f"fib({N}) twice, {build_and_cores()}")
say(f"load average: {load_average()}")
in_turn, at_once = [], []
for _ in range(ROUNDS):
    # By turns, so that a change of the load meets both.
    in_turn.append(measured("in turn", lambda: [work(), work()]))
    at_once.append(measured("at once", lambda: on_two_threads(at_the_barrier)))
turn, both = median(in_turn), median(at_once)
say(f"median of {ROUNDS}: {turn * 1000:.3f}ms in turn, {both * 1000:.3f}ms at once")
say(f"two threads are {turn / both:.3f} times as fast as one")

# What the lock never protected: `total +=` reads, then adds, then writes, and another thread may
# come in between. The barrier makes it come there every time.
total = 0


def one():
    start.wait()  # each thread has read the total by now, and it was 0
    return 1


def add(_number):
    global total
    total += one()


on_two_threads(add)
say(f"two threads have each added 1, and the total is {total}")
say(f"every fib({N}) was {VALUE}")
