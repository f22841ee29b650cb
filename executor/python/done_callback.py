"""Future object, with callbacks: each callback is called once, by the worker or, if late, at once."""

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

gate = threading.Lock()


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def say(line):
    try:
        sys.stdout.write(line + "\n")  # one write, so that the line stays whole
        sys.stdout.flush()
    except OSError:  # nobody reads any more
        os._exit(1)


def job(n):
    with gate:  # not before all have their callbacks
        pass
    return fib_and_worker(n)


def fib_and_worker(n):
    return fib(n), threading.current_thread()


def handler(future):
    res, worker = future.result()
    here = threading.current_thread()
    names = {worker: "its worker", threading.main_thread(): "main"}
    say(f"res: {res}, called by {names.get(here, 'a stranger')}")


with ThreadPoolExecutor(3) as pool, gate:
    for n in range(30, 33):
        pool.submit(job, n).add_done_callback(handler)
    say("all have their callbacks")
    ended = pool.submit(fib_and_worker, 10)
say("end")
ended.add_done_callback(handler)
say("and then main goes on")
