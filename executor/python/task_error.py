"""Future error handling: a task's own error, a cancelled task and a dead worker are exceptions alike."""

import multiprocessing
import os
import sys
import threading
from concurrent.futures import CancelledError, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool


def say(line):
    try:
        sys.stdout.write(line + "\n")  # one write, so that the line stays whole
        sys.stdout.flush()
    except OSError:  # nobody reads any more
        for child in multiprocessing.active_children():
            child.kill()
        os._exit(1)


def spam():
    raise RuntimeError("spam")


def square(number):
    return number * number


def handler(future):
    say("callback handler")
    try:
        future.result()
    except RuntimeError:
        say("get RuntimeError")


def tell(future):
    try:
        say(f"a result: {future.result()}")
    except BrokenProcessPool as error:  # first: it is a RuntimeError, too
        say(f"a dead worker: {error}")
    except RuntimeError as error:
        say(f"a panic: {error}")
    except ValueError as error:
        say(f"an error of its own: {error}")
    except CancelledError:
        say("cancelled")


def main():
    with ThreadPoolExecutor(1) as threads:
        gate = threading.Event()
        raises = threads.submit(lambda: gate.wait() and spam())
        raises.add_done_callback(handler)
        gate.set()
        # Python wakes whoever waits before it calls the callbacks: the next task comes after them.
        threads.submit(int).result()
        tell(raises)
        tell(threads.submit(int, "4"))
        tell(threads.submit(int, "four"))

        gate = threading.Event()
        threads.submit(gate.wait)  # keeps the one worker from the next task
        queued = threads.submit(int, "5")
        queued.cancel()
        gate.set()
        tell(queued)

    with ProcessPoolExecutor(1) as processes:
        tell(processes.submit(os.abort))
    with ProcessPoolExecutor(1) as processes:  # a new one: the other is broken
        tell(processes.submit(square, 3))


if __name__ == "__main__":
    main()
