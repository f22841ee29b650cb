"""Control primitive resources: five tasks share three permits."""

import sys
import threading

TASKS = 5
PERMITS = 3

permits = threading.Semaphore(PERMITS)
holders, counting = 0, threading.Lock()
all_taken = threading.Barrier(PERMITS)


def say(line):
    sys.stdout.write(line + "\n")  # one write, so that the line stays whole


def task(id):
    global holders
    say(f"task {id} waiting")
    with permits:
        say(f"task {id} acquired")
        with counting:
            holders += 1
            among_the_first = holders <= PERMITS
        if among_the_first:
            all_taken.wait()  # so that all permits are taken at once in every run
        say(f"task {id} releasing")


threads = [threading.Thread(target=task, args=(id,)) for id in range(TASKS)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
say(f"all {TASKS} tasks done")
