"""Mutex lock: one task at a time counts."""

import os
import sys
import threading


def say(line):
    try:
        sys.stdout.write(line + "\n")  # one write, so that the line stays whole
        sys.stdout.flush()
    except OSError:  # nobody reads any more
        os._exit(1)


def task1():
    global count
    with lock:
        say(f"task1 get: {count}")
        meet.wait()  # task1 is inside,
        meet.wait()  # and task2 has been refused
        count += 1
        say(f"task1 release: {count}")


def task2():
    global count
    meet.wait()
    refused = not lock.acquire(blocking=False)
    say(f"task2 asks, and is refused: {str(refused).lower()}")
    if not refused:
        lock.release()
    meet.wait()
    lock.acquire()
    try:
        say(f"task2 get: {count}")
        count += 1
        say(f"task2 release: {count}")
    finally:
        lock.release()


count, lock = 0, threading.Lock()  # only care connects the two
meet = threading.Barrier(2)
threads = [threading.Thread(target=task) for task in (task1, task2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
say(f"both have counted: {count}")
