"""The Python rows of benches/semaphore.rs."""

import threading


def on_threads(count, permits, pairs):
    semaphore = threading.Semaphore(permits)
    gate = threading.Barrier(count + 1)

    def take_and_give_back(share):
        gate.wait()
        for _ in range(share):
            with semaphore:
                pass

    shares = [pairs // count + (number < pairs % count) for number in range(count)]
    threads = [threading.Thread(target=take_and_give_back, args=(it,)) for it in shares]
    for thread in threads:
        thread.start()
    yield
    gate.wait()
    for thread in threads:
        thread.join()
    yield
    assert semaphore._value == permits
    yield pairs


def alone(pairs):
    yield from on_threads(1, 1, pairs)


def two_for_one(pairs):
    yield from on_threads(2, 1, pairs)


def four_for_three(pairs):
    yield from on_threads(4, 3, pairs)
