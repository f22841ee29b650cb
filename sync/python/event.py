"""Ensure tasks have been done: three tasks wait until something has happened, and then all three go on."""

import os
import sys
import threading


def say(line):
    try:
        sys.stdout.write(line + "\n")  # one write, so that the line stays whole
        sys.stdout.flush()
    except OSError:  # nobody reads any more
        os._exit(1)


def three_tasks(prefix, event, waiting):
    def task(id):
        say(f"{prefix}{id} waiting")
        waiting.release()
        event.wait()
        say(f"{prefix}{id} running")

    tasks = [threading.Thread(target=task, args=(id,)) for id in (1, 2, 3)]
    for thread in tasks:
        thread.start()
    return tasks


say("once:")
started = threading.Event()
tasks = three_tasks("", started, threading.Semaphore(0))
say("go!")
started.set()
for thread in tasks:
    thread.join()

say("again and again:")
go = threading.Event()
for round in (1, 2):
    waiting = threading.Semaphore(0)
    tasks = three_tasks(f"round {round}: ", go, waiting)
    for _ in tasks:
        waiting.acquire()
    say(f"round {round}: go!")
    go.set()
    for thread in tasks:
        thread.join()
    go.clear()  # not before: nobody can ask whether all three have come as far as `wait`
    say(f"round {round}: all have run")
