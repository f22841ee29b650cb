"""Using a thread pool's map: the results come in the order of the items, whatever is done first."""

import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.pool import ThreadPool

ITEMS = [0, 1, 2, 3, 4]
done = []  # the items that are done, in that order


def say(line):
    try:
        sys.stdout.write(line + "\n")  # one write, so that the line stays whole
        sys.stdout.flush()
    except OSError:  # nobody reads any more
        os._exit(1)


def square(x):
    """Forces the order in which items are done: 0 waits for those of all other chunks."""
    while x == 0 and not {2, 3, 4} <= set(done):
        time.sleep(0)
    done.append(x)
    return x * x


def unlucky(x):
    if x == 2:
        raise RuntimeError(f"item {x} is out of luck")
    done.append(x)


def show(name, squares):
    after = all(done.index(x) < done.index(0) for x in (2, 3, 4))
    say(f"{name}: {squares}, and item 0 was done after 2, 3 and 4: {str(after).lower()}")
    done.clear()


with ThreadPoolExecutor(5) as executor:
    show("executor", list(executor.map(square, ITEMS)))

pool = ThreadPool(5)
show("pool", pool.map(square, ITEMS))

results = {}


def chunk(begin):
    results[begin] = [square(x) for x in ITEMS[begin : begin + 2]]


threads = [threading.Thread(target=chunk, args=(begin,)) for begin in (0, 2, 4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
show("chunks", results[0] + results[2] + results[4])

try:
    pool.map(unlucky, ITEMS)
except RuntimeError as error:
    say(f"a panic arrives: {error}")
say(f"all the others were done: {sorted(done)}")
pool.close()
pool.join()
