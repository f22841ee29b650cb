"""Live lines: both outputs of a running program, each line as it comes."""

import os
import selectors
import subprocess
import sys
from subprocess import PIPE


def say(line):
    sys.stdout.write(line + "\n")  # one write, so that the line stays whole


def lines(program):
    """The lines of both pipes as they come.

    The pipes are read with `os.read`: `readline` may take a second line into its buffer, where
    `select` does not see it.
    """
    with selectors.DefaultSelector() as ready:
        for source in "stdout", "stderr":
            ready.register(getattr(program, source), selectors.EVENT_READ, [source, b""])
        while ready.get_map():
            for key, _ in ready.select():
                source, unfinished = key.data
                read = os.read(key.fd, 65536)
                *whole, key.data[1] = (unfinished + read).split(b"\n")
                for line in whole:
                    yield source, line + b"\n"
                if not read:
                    ready.unregister(key.fileobj)
                    if unfinished:
                        yield source, unfinished


def child():
    """The program whose lines we read."""
    for step in range(1, 5):
        if step % 2 == 1:
            say(f"step {step} done")
        else:
            sys.stderr.write(f"step {step} done, but slowly\n")
        assert sys.stdin.readline() == "go on\n"
    sys.stdout.write("the end, without a newline")


if len(sys.argv) > 1:
    child()
    sys.exit()

command = [sys.executable, "-u", __file__, "child"]
program = subprocess.Popen(command, stdin=PIPE, stdout=PIPE, stderr=PIPE)
answered = 0
for source, line in lines(program):
    text = line.decode().rstrip("\n")
    say(f"{source}: {text}")
    if line.endswith(b"\n"):
        program.stdin.write(b"go on\n")
        program.stdin.flush()
        answered += 1
say(f"exit status {program.wait()}")
say(f"{answered} lines were answered, each before the next was written")
