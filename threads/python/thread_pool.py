"""Thread pool template: a few workers run all jobs, and a job that fails costs none of them."""

import os
import queue
import sys
import threading


def say(line):
    try:
        sys.stdout.write(line + "\n")  # one write, so that the line stays whole
        sys.stdout.flush()
    except OSError:  # nobody reads any more
        os._exit(1)


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


class Worker(threading.Thread):
    def __init__(self, jobs):
        super().__init__()
        self.jobs = jobs
        self.start()

    def run(self):
        while (job := self.jobs.get()) is not None:
            function, arguments = job
            try:
                function(*arguments)
            except Exception as error:
                say(f"a job panicked: {error}")


class Pool:
    def __init__(self, size):
        self.jobs = queue.Queue(size)
        self.workers = [Worker(self.jobs) for _ in range(size)]

    def add_task(self, function, *arguments):
        self.jobs.put((function, arguments))

    def wait_complete(self):
        for _ in self.workers:
            self.jobs.put(None)  # ends the loop of one worker
        for worker in self.workers:
            worker.join()
        return sum(not worker.is_alive() for worker in self.workers)


def fail():
    raise RuntimeError("out of luck")


def compute():
    say(f"fib(30) = {fib(30)}")


def meet(number):
    say(f"job {number} has begun")
    five.wait()  # forces as many workers as jobs
    say(f"job {number} has met four others")


pool = Pool(5)
pool.add_task(fail)
for _ in range(3):
    pool.add_task(compute)
five = threading.Barrier(5)
for number in range(1, 6):
    pool.add_task(meet, number)
joined = pool.wait_complete()
say(f"all jobs have ended, and {joined} workers are joined")
