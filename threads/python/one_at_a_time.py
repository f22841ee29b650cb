"""One at a time: a lock that is held through the job makes a pool of four a pool of one."""

import os
import queue
import sys
import threading
import time


def say(line):
    try:
        sys.stdout.write(line + "\n")  # one write, so that the line stays whole
        sys.stdout.flush()
    except OSError:  # nobody reads any more
        os._exit(1)


# A `queue.Queue` needs no lock around it. Whoever puts one there meets the fault in Python too.
lock = threading.Lock()


def while_let(jobs):
    while True:
        with lock:
            job = jobs.get()
            if job is None:
                break
            job()  # the lock is held until the end of this block


def let_first(jobs):
    while True:
        with lock:
            job = jobs.get()
        if job is None:
            break
        job()


def clone(jobs):
    while (job := jobs.get()) is not None:
        job()


def run(name, worker, size):
    jobs = queue.Queue()
    for job in [stay] * size + [None] * size:  # a last job, which is none, for each worker
        jobs.put(job)
    leave.clear()
    workers = [threading.Thread(target=worker, args=(jobs,)) for _ in range(size)]
    for thread in workers:
        thread.start()
    count, locked = until_running(size), str(lock.locked()).lower()
    say(f"{name}: the queue is locked while {count} of {size} jobs run: {locked}")
    leave.set()
    for thread in workers:
        thread.join()


running, leave = [], threading.Event()


def stay():
    """The job. Forces all jobs to run at once, if the pool lets them."""
    running.append(threading.current_thread())
    leave.wait()
    running.remove(threading.current_thread())


def until_running(size):
    """How many jobs run: so many, or as many as do after a time in which so many would."""
    limit = time.monotonic() + 5
    while len(running) < size and time.monotonic() < limit:
        time.sleep(0.001)
    return len(running)


run("while let", while_let, 1)
run("let first", let_first, 1)
run("let first", let_first, 4)
run("clone", clone, 4)
