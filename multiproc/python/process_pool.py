"""A pool of processes: five jobs on five workers, each of them a process of its own."""

import multiprocessing
import os
import sys
import threading
import time

N = 24  # fib(35) would take a second each time
fork = multiprocessing.get_context("fork")


def say(line):
    try:
        sys.stdout.write(line + "\n")  # one write, so that the line stays whole
        sys.stdout.flush()
    except OSError:  # nobody reads any more
        for child in multiprocessing.active_children():
            child.kill()
        os._exit(1)


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def timed(work):
    start = time.perf_counter()
    found = work()
    return found, f"{(time.perf_counter() - start) * 1000:.2f} ms"


def on_five_threads():
    values, start = [0] * 5, threading.Barrier(5)

    def compute(number):
        start.wait()  # whoever has come stays until all five have
        values[number] = fib(N)

    threads = [threading.Thread(target=compute, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return values


def with_a_gate(the_gate):
    global gate
    gate = the_gate


def job(n):
    gate.wait(10)  # a worker that has come stays until all have
    return fib(n), os.getpid()


def build_and_cores():
    lock = getattr(sys, "_is_gil_enabled", lambda: True)()  # older Pythons always have it
    # The cores that this process may use, where the system tells.
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{'GIL' if lock else 'free_threaded'} build, {cores} cores"


say(f"five times fib({N}), {build_and_cores()}")
values, took = timed(lambda: [fib(N) for _ in range(5)])
say(f"in turn: {values} in {took}")

values, took = timed(on_five_threads)
say(f"five threads: {values} in {took}")

pool = fork.Pool(5, with_a_gate, (fork.Barrier(5),))
found, took = timed(lambda: pool.map(job, [N] * 5, chunksize=1))
say(f"five processes: {[value for value, _ in found]} in {took}")

workers = {worker for _, worker in found}
say(f"{len(workers)} workers did it")
say(f"this process is one of them: {str(os.getpid() in workers).lower()}")
pool.close()
pool.join()
try:
    os.waitpid(-1, os.WNOHANG)
    say("no child is left: false")
except ChildProcessError:
    say("no child is left: true")
