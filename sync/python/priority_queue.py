"""Thread-safe priority queue: on a condition, a queue gives out the highest priority first."""

import heapq
import os
import sys
import threading

consumer_waits = threading.Barrier(2)


def say(line):
    try:
        sys.stdout.write(line + "\n")  # one write, so that the line stays whole
        sys.stdout.flush()
    except OSError:  # nobody reads any more
        os._exit(1)


class PriorityQueue:
    def __init__(self):
        self.heap, self.puts, self.closed = [], 0, False
        self.changed = threading.Condition()

    def put(self, item, priority):
        with self.changed:
            # It gives out the smallest: the highest priority and, of equal ones, the lowest number.
            heapq.heappush(self.heap, (-priority, self.puts, item))
            self.puts += 1
            self.changed.notify()

    def pop(self):
        with self.changed:
            if not self.heap and not self.closed:
                say("consumer: wait...")
                consumer_waits.wait()
            self.changed.wait_for(lambda: self.heap or self.closed)
            if not self.heap:
                return None
            priority, _, item = heapq.heappop(self.heap)
            return item, -priority

    def close(self):
        with self.changed:
            self.closed = True
            self.changed.notify_all()


def consumer():
    while (popped := queue.pop()) is not None:
        say("consumer: %s (%d)" % popped)
    say("consumer: closed")


queue = PriorityQueue()
jobs = [("mail", 1), ("leak", 9), ("tests", 5), ("crash", 9), ("docs", 2), ("outage", 9)]
for item, priority in jobs:
    queue.put(item, priority)
thread = threading.Thread(target=consumer)
thread.start()
for item, priority in (("audit", 2), ("release", 7)):
    consumer_waits.wait()
    say(f"producer: puts {item} ({priority})")
    queue.put(item, priority)
consumer_waits.wait()
say("producer: closes")
queue.close()
thread.join()
