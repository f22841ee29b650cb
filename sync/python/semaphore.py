"""Control primitive resources: five tasks share three permits."""

import os
import sys
import threading
import time

TASKS = 5

permits = threading.Semaphore(3)
served, waiting, counting = 0, 0, threading.Lock()


def say(line):
    try:
        sys.stdout.write(line + "\n")  # one write, so that the line stays whole
        sys.stdout.flush()
    except OSError:  # nobody reads any more
        os._exit(1)


def task(id):
    say(f"task {id} waiting")
    acquire()
    say(f"task {id} acquired")
    until_all_have_asked()
    say(f"task {id} releasing")
    permits.release()


def acquire():
    """Takes a permit, and counts the tasks that did not get one at once."""
    global waiting
    if not permits.acquire(blocking=False):
        with counting:
            waiting += 1
        permits.acquire()
        with counting:
            waiting -= 1


def until_all_have_asked():
    """A holder stays until every task has a permit, has had one, or waits for one."""
    global served
    with counting:
        served += 1
    while served + waiting < TASKS:
        time.sleep(0)


threads = [threading.Thread(target=task, args=(id,)) for id in range(TASKS)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
say(f"all {TASKS} tasks done")
