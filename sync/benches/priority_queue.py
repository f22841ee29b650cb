"""The Python rows of benches/priority_queue.rs."""

import heapq
import queue
import random
import threading


def in_turn(depth, items):
    scattered = random.Random(0)
    first = [scattered.randrange(2 * depth) for _ in range(depth)]
    later = [now + scattered.randrange(2 * depth) for now in range(items)]
    due_first = queue.PriorityQueue()
    for due in first:
        due_first.put((due, due))
    gate = threading.Barrier(3)
    may_push, may_pop = threading.Lock(), threading.Lock()
    may_pop.acquire()
    popped = []
    turns = [later[start : start + 16] for start in range(0, items, 16)]

    def push():
        gate.wait()
        for turn in turns:
            may_push.acquire()
            for due in turn:
                due_first.put((due, due))
            may_pop.release()

    def pop():
        gate.wait()
        for turn in turns:
            may_pop.acquire()
            for _ in turn:
                popped.append(due_first.get()[1])
            may_push.release()

    threads = [threading.Thread(target=work) for work in (push, pop)]
    for thread in threads:
        thread.start()
    yield
    gate.wait()
    for thread in threads:
        thread.join()
    yield
    heapq.heapify(first)
    expected = []
    for turn in turns:
        for due in turn:
            heapq.heappush(first, due)
        expected.extend(heapq.heappop(first) for _ in turn)
    yield sum(it == other for it, other in zip(popped, expected))


def of_64(items):
    yield from in_turn(64, items)


def of_4_ki(items):
    yield from in_turn(4 << 10, items)


def of_256_ki(items):
    yield from in_turn(256 << 10, items)
