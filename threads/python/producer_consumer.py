"""Consumer and producer: a bounded queue makes producers wait, and ends by a last job for each consumer."""

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


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def produce(producer):
    for n in range(10 * producer + 1, 10 * producer + 6):
        jobs.put((producer, n))
        seen.append(jobs.qsize())
        if n == 10 * producer + 1:
            both_send.wait()  # neither sends a second job before


def consume(consumer):
    first = True
    while (job := jobs.get()) is not None:
        producer, n = job
        say(f"consumer {consumer} from producer {producer}: fib({n}) = {fib(n)}")
        if first:
            both_receive.wait()  # neither has a second job before
            first = False


def start(function):
    threads = [threading.Thread(target=function, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    return threads


def join(threads):
    for thread in threads:
        thread.join()


def refused():
    try:
        jobs.put_nowait((0, 0))
    except queue.Full:
        return "true"
    return "false"


def following():
    try:
        job = jobs.get(timeout=0.02)
    except queue.Empty:
        return "no job, but one may come"
    return "no job can come any more" if job is None else "a job"


jobs, seen = queue.Queue(4), []
both_send, both_receive = threading.Barrier(2), threading.Barrier(2)
producers = start(produce)
while not jobs.full():
    time.sleep(0)
seen.append(jobs.qsize())
say(f"{jobs.qsize()} jobs wait, and one more is refused: {refused()}")

consumers = start(consume)
join(producers)
while not jobs.empty():
    time.sleep(0)
# A Python queue does not know who may still put something into it (3.13 has `shutdown`). So the
# last job, which is none, stands for the sender: one for each that waits for it.
say(f"main keeps a sender: {following()}")
for _ in range(3):
    jobs.put(None)
join(consumers)
say(f"main has dropped it: {following()}")
say(f"at most {max(seen)} jobs have waited")
