"""Future object, with callbacks: a callback is called once, by the worker, or at once if the task is done."""

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
    return fib(n)


def handler(future):
    main = threading.current_thread() is threading.main_thread()
    say(f"res: {future.result()}, on {'the main thread' if main else 'a worker'}")


with ThreadPoolExecutor(3) as pool, gate:
    for n in range(30, 33):
        pool.submit(job, n).add_done_callback(handler)
    say("all have their callbacks")
    ended = pool.submit(fib, 10)
say("end")
ended.add_done_callback(handler)
