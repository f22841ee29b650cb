"""The Python rows of benches/semaphore.rs."""

import threading


def take_and_give_back(semaphore, pairs):
    for _ in range(pairs):
        with semaphore:
            pass


def on_threads(count, permits, pairs):
    semaphore = threading.Semaphore(permits)
    shares = [pairs // count + (number < pairs % count) for number in range(count)]
    threads = [
        threading.Thread(target=take_and_give_back, args=(semaphore, share))
        for share in shares[1:]
    ]
    for thread in threads:
        thread.start()
    take_and_give_back(semaphore, shares[0])
    for thread in threads:
        thread.join()
    assert semaphore._value == permits
    return pairs


def alone(pairs):
    return on_threads(1, 1, pairs)


def two_for_one(pairs):
    return on_threads(2, 1, pairs)


def four_for_three(pairs):
    return on_threads(4, 3, pairs)
