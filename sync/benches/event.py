"""The Python rows of benches/event.rs."""

import threading
import time


def already_set(waits):
    event = threading.Event()
    event.set()
    yield
    done = 0
    for _ in range(waits):
        done += event.wait()
    yield
    yield done


def three_sleep(sets):
    event = threading.Event()
    gate = threading.Barrier(4)
    about_to_sleep, times, right = [], [], []
    written = 0

    def now():
        return time.perf_counter(), time.process_time()

    def wait():
        for number in range(1, sets + 1):
            gate.wait()  # it is not set
            about_to_sleep.append(number)
            event.wait()
            times.append(now())
            right.append(written == number)
            gate.wait()  # all have gone on

    threads = [threading.Thread(target=wait) for _ in range(3)]
    for thread in threads:
        thread.start()
    yield
    wall = cpu = 0
    for number in range(1, sets + 1):
        event.clear()
        gate.wait()
        while len(about_to_sleep) < 3 * number:
            time.sleep(0)
        time.sleep(0.0002)  # FALL_ASLEEP
        written = number
        start = now()
        event.set()
        gate.wait()
        last = max(times[-3:])
        wall += last[0] - start[0]
        cpu += last[1] - start[1]
    for thread in threads:
        thread.join()
    yield
    assert len(right) == 3 * sets and all(right)
    yield sets, wall, cpu
