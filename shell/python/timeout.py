"""A time limit: it ends a program that never ends, and everything the program has started."""

import os
import select
import signal
import subprocess
import sys


def main():
    theirs, ours = os.pipe()
    # A new session is a new group, too. (`process_group=0` asks for Python 3.11.)
    program = subprocess.Popen(
        [sys.executable, "-u", __file__, "program"], stdin=theirs, stdout=subprocess.PIPE, start_new_session=True
    )
    os.close(theirs)
    group = program.pid

    # Both are up when both have spoken. `readline` may take both lines at once into its buffer,
    # where `select` would not see the second; but it is only asked when both have been read.
    for _ in range(2):
        say(program.stdout.readline().decode().rstrip("\n"))
    if not select.select([program.stdout], [], [], 0.1)[0]:
        say("silent for 100 ms: the limit is over")

    # The other end is closed when nobody alive has it: an error on ours, which poll reports.
    nobody_left = select.poll()
    nobody_left.register(ours, 0)
    # Not reaped yet, the program keeps the number: no signal can hit a stranger.
    os.killpg(group, signal.SIGTERM)
    killed = not nobody_left.poll(500)
    os.killpg(group, signal.SIGKILL)
    code = program.wait()
    say("the program: signal %d (%s)" % (-code, signal.Signals(-code).name[3:]))
    if killed:
        say("its child: KILL, when the grace was over")

    nobody_left.poll(1000)
    try:
        os.write(ours, b"anybody there?")
        say("group %d: somebody lives on" % group)
    except BrokenPipeError:
        say("group %d: nobody is left" % group)


def program():
    sys.stdout.write("the program leads group %d\n" % os.getpgrp())
    subprocess.Popen([sys.executable, "-u", __file__, "child"])
    for_ever()


def child_of_program():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.stdout.write("its child is in group %d and deaf to TERM\n" % os.getpgrp())
    for_ever()


def for_ever():
    """Waits for words that never come. (If `main` is killed, their end comes, and nothing is left.)"""
    sys.stdin.readline()


def say(line):
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    roles = {"program": program, "child": child_of_program}
    roles.get(sys.argv[1] if len(sys.argv) > 1 else "", main)()
