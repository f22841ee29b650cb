"""The Python rows of benches/priority_queue.rs."""

import queue
import random
import threading


def in_turn(depth, items):
    jobs, turns = queue.PriorityQueue(), queue.SimpleQueue()
    step = random.Random(1).randrange
    for _ in range(depth):
        jobs.put(step(2 * depth))
    wrong = []

    def produce():
        for _ in range(items):
            jobs.put(turns.get() + step(2 * depth))
            turned.put(None)

    def consume():
        last = 0  # it gives out the smallest, so here priorities rise
        for _ in range(items):
            turned.get()
            popped = jobs.get()
            if popped < last:
                wrong.append(popped)
            last = popped
            turns.put(popped)

    turned = queue.SimpleQueue()
    threads = [threading.Thread(target=work) for work in (produce, consume)]
    yield
    turns.put(0)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    yield
    yield items - len(wrong)


def at_64(items):
    yield from in_turn(64, items)


def at_4096(items):
    yield from in_turn(4096, items)


def at_262144(items):
    yield from in_turn(262144, items)
