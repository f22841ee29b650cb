"""The Python row of benches/event.rs."""

import threading


def already_set(waits):
    event = threading.Event()
    event.set()
    yield
    for _ in range(waits):
        event.wait()
    yield
    yield waits
