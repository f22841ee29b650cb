"""Live lines: show both outputs of a running program, each line as it comes, and answer them."""

import os
import selectors
import subprocess
import sys
from subprocess import PIPE

programs = []


def say(line):
    try:
        sys.stdout.write(line + "\n")  # one write, so that the line stays whole
        sys.stdout.flush()
    except OSError:  # nobody reads any more
        for it in programs:
            it.kill()
            it.wait()
        os._exit(1)


def main():
    command = [sys.executable, "-u", __file__, "program"]
    running = subprocess.Popen(command, stdin=PIPE, stdout=PIPE, stderr=PIPE)
    programs.append(running)
    for source, line in lines(running):
        say(f"{source}: {line}")
        if line.endswith("?"):
            running.stdin.write(b"yes\n")
            running.stdin.flush()
    say(f"exit status {running.wait()}")


def lines(running):
    """The lines of both pipes as they come.

    The pipes are read with `os.read`: `readline` may take a second line into its buffer, where
    `select` does not see it.
    """
    with selectors.DefaultSelector() as ready:
        for source in "stdout", "stderr":
            ready.register(getattr(running, source), selectors.EVENT_READ, [source, b""])
        while ready.get_map():
            for key, _ in ready.select():
                source, unfinished = key.data
                read = os.read(key.fd, 65536)
                *whole, key.data[1] = (unfinished + read).split(b"\n")
                for line in whole:
                    yield source, line.decode()
                if not read:
                    ready.unregister(key.fileobj)
                    if unfinished:
                        yield source, unfinished.decode()


def program():
    """The program whose lines we read. It counts the answers it really gets."""
    answers = 0
    for step in range(1, 5):
        if step % 2 == 1:
            sys.stdout.write(f"step {step} is done, go on?\n")
        else:
            sys.stderr.write(f"step {step} was slow, go on?\n")
        answers += sys.stdin.readline() == "yes\n"
    sys.stdout.write(f"{answers} answers, and no newline here")


if len(sys.argv) > 1:
    program()
else:
    main()
