"""What “with ThreadPoolExecutor” does: the end of the block waits for every job."""

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

gate = threading.Lock()
ended = []


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def say(line):
    try:
        sys.stdout.write(line + "\n")  # one write, so that the line stays whole
        sys.stdout.flush()
    except OSError:  # nobody reads any more
        os._exit(1)


def job(id):
    with gate:  # not before the end of the block
        pass
    say(f"job {id} ends")
    ended.append(id)


with ThreadPoolExecutor(3) as pool:
    say(f"{pool.submit(fib, 30).result()}")
    with gate:
        for id in range(3):
            pool.submit(job, id)
        say("the block ends")
say(f"after the block: {len(ended)} of 3 jobs have ended")

pool = ThreadPoolExecutor(3)
future = pool.submit(fib, 30)
pool.shutdown(wait=True)
say(f"{future.result()}" if future.done() else "the job has not ended")
