"""Executor map: results come in the order of the jobs, or in the order in which they are done."""

import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

held_back = threading.Lock()  # whoever has it keeps job 1 from ending
run, counting = 0, threading.Lock()


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def job(n):
    global run
    if n == 1:
        with held_back:
            pass
    with counting:
        run += 1
    return fib(n)


def say(line):
    try:
        sys.stdout.write(line + "\n")  # one write, so that the line stays whole
        sys.stdout.flush()
    except OSError:  # nobody reads any more
        os._exit(1)


def until_four_have_run():
    limit = time.monotonic() + 5
    while run < 4 and time.monotonic() < limit:
        time.sleep(0.001)
    return run


with ThreadPoolExecutor(2) as pool:
    jobs = [1, 2, 3, 4, 5]
    with held_back:
        results = pool.map(job, jobs)
        early = until_four_have_run()
        say(f"submitted: {len(jobs)} jobs; run, before anybody has asked for a result: {early}")
    say("in the order of the jobs: " + " ".join(str(result) for result in results))

    held_back.acquire()
    numbers = {pool.submit(job, n): n for n in jobs}
    for place, future in enumerate(as_completed(numbers), 1):
        said = "as they are done" if place < 5 else "and the first at last"
        say(f"{said}: fib({numbers[future]}) = {future.result()}")
        if place == 4:
            held_back.release()
