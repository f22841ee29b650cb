"""A time limit: end a program that never ends, and everything that it has started."""

import os
import select
import signal
import subprocess
import sys
import time
from subprocess import PIPE

started = []  # the leader of the group, and our end of the pipe that all members hold


def say(line):
    try:
        sys.stdout.write(line + "\n")  # one write, so that the line stays whole
        sys.stdout.flush()
    except OSError:  # nobody reads any more
        for leader, pipe in started:
            os.killpg(leader.pid, signal.SIGKILL)
            has_no_reader_within(pipe, 1000)
            leader.wait()
        os._exit(1)


def main():
    theirs, ours = os.pipe()
    command = [sys.executable, "-u", __file__, "program"]
    # A new session is a new group, too. (`process_group=0` asks for Python 3.11.)
    leader = subprocess.Popen(command, stdin=theirs, stdout=PIPE, start_new_session=True)
    started.append((leader, ours))
    os.close(theirs)
    group = leader.pid

    # Both are up when both have spoken. `readline` may take both lines at once into its buffer,
    # where `select` would not see the second; but it is only asked when both have been read.
    for _ in range(2):
        say(leader.stdout.readline().decode().rstrip("\n"))
    start = time.monotonic_ns()
    if not select.select([leader.stdout], [], [], 0.1)[0]:
        say(f"silent for {ms_since(start)} ms: the limit is over")

    # Not reaped yet, the program keeps the number: no signal can hit a stranger.
    asked = time.monotonic_ns()
    os.killpg(group, signal.SIGTERM)
    killed = not has_no_reader_within(ours, 500)
    os.killpg(group, signal.SIGKILL)
    has_no_reader_within(ours, 1000)
    waited = ms_since(asked)
    code = leader.wait()
    started.clear()
    say(f"the program: signal {-code} ({signal.Signals(-code).name[3:]})")
    if killed:
        say(f"its child: gone by KILL, {waited} ms after TERM")

    try:
        os.write(ours, b"anybody there?")
        say(f"group {group}: a process lives on")
    except BrokenPipeError:
        say(f"group {group}: no process is left")


def has_no_reader_within(pipe, limit):
    """The whole group has the reading end of this pipe as its standard input.

    When the last one is gone, the system reports an error on our end, even if we watch for nothing.
    """
    watched = select.poll()
    watched.register(pipe, 0)
    return bool(watched.poll(limit))


def ms_since(then):
    return (time.monotonic_ns() - then) // 1_000_000


def endless(role):
    """The program, which starts a child, or that child."""
    group = os.getpgrp()
    if role == "program":
        say(f"the program leads group {group}")
        subprocess.Popen([sys.executable, "-u", __file__, "child"])
    else:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        say(f"its child is in group {group} and deaf to TERM")
    sys.stdin.readline()  # words that never come (if `main` is killed, the end comes instead)


if len(sys.argv) > 1:
    endless(sys.argv[1])
else:
    main()
