"""A graceful end for all children: TERM, a grace, and KILL only for the one that is deaf."""

import os
import select
import signal
import subprocess
import sys
import time

GRACE = 1
children = []


def say(line):
    try:
        sys.stdout.write(line + "\n")  # one write, so that the line stays whole
        sys.stdout.flush()
    except OSError:  # nobody reads any more
        signal_all(signal.SIGKILL)
        os._exit(1)


def this(role, stdout=None, new_session=False):
    """This program in another role; `new_session` gives it a process group of its own."""
    command = [sys.executable, "-S", __file__, role]
    return subprocess.Popen(command, stdout=stdout, start_new_session=new_session)


def signal_all(number):
    # None is reaped yet, so none of the numbers can be a stranger's.
    for child in children:
        os.killpg(child.pid, number)


def end_all(nobody_left):
    signal_all(signal.SIGTERM)
    nobody_left.poll(GRACE * 1000)
    signal_all(signal.SIGKILL)
    return [child.wait() for child in children]


def child(role):
    its_child = this("of 3") if role == "3" else None
    if role == "7":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # deaf to it
    say(f"child {role} is ready")
    # For ever, in the cheatsheet. But an orphan, which has another parent, ends at its next look:
    # the child of 3 after 20 seconds. If no signal meets it, it is still there at the end.
    parent, seconds = os.getppid(), max(int(role) if role.isdigit() else 20, 1)
    while os.getppid() == parent:
        time.sleep(seconds)


def main():
    came = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _frame: came.append(number))
    ours, theirs = os.pipe()
    # Whoever is alive has the other end open. That nobody has it is an error on ours, which poll
    # reports.
    nobody_left = select.poll()
    nobody_left.register(ours, 0)
    try:
        for number in range(10):
            children.append(this(str(number), theirs, new_session=True))
        os.close(theirs)
        lines = os.fdopen(ours)
        for _ in range(11):
            say(lines.readline().rstrip("\n"))
        say("all are ready: SIGINT to this process")
        asked = time.monotonic_ns()
        os.kill(os.getpid(), signal.SIGINT)
        while not came and not nobody_left.poll(10):
            pass
    finally:
        ends = end_all(nobody_left)
    waited = (time.monotonic_ns() - asked) // 1000000

    def ended_by(number):
        return [child for child, end in enumerate(ends) if end == -number]

    say(f"ended by TERM: {ended_by(signal.SIGTERM)}")
    say(f"ended by KILL, {waited} ms later: {ended_by(signal.SIGKILL)}")
    say(f"nobody is left: {str(bool(nobody_left.poll(0))).lower()}")
    try:
        os.waitpid(-1, os.WNOHANG)
        say("no child is left: false")
    except ChildProcessError:
        say("no child is left: true")
    for number in came:
        say(f"passing on signal {number}")
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)


if len(sys.argv) > 1:
    child(sys.argv[1])
else:
    main()
