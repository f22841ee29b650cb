"""A time limit: it ends a program that never ends, and everything the program has started."""

import os
import select
import signal
import subprocess
import sys
import time
from subprocess import PIPE


def say(line):
    sys.stdout.write(line + "\n")  # one write, so that the line stays whole


def program():
    say(f"the program leads group {os.getpgrp()}")
    subprocess.Popen([sys.executable, "-u", __file__, "child"])
    for_ever()


def child_of_program():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    say(f"its child is in group {os.getpgrp()} and deaf to TERM")
    for_ever()


def for_ever():
    """Waits for words that never come. (If the parent is killed, their end comes.)"""
    sys.stdin.readline()


if len(sys.argv) > 1:
    program() if sys.argv[1] == "program" else child_of_program()
    sys.exit()

theirs, ours = os.pipe()
command = [sys.executable, "-u", __file__, "program"]
# A new session is a new group, too. (`process_group=0` asks for Python 3.11.)
leader = subprocess.Popen(command, stdin=theirs, stdout=PIPE, start_new_session=True)
os.close(theirs)
group = leader.pid

# Both are up when both have spoken. `readline` may take both lines at once into its buffer,
# where `select` would not see the second; but it is only asked when both have been read.
for _ in range(2):
    say(leader.stdout.readline().decode().rstrip("\n"))
if not select.select([leader.stdout], [], [], 0.1)[0]:
    say("silent for 100 ms: the limit is over")

# The other end is closed when nobody alive has it: an error on ours, which poll reports.
nobody_left = select.poll()
nobody_left.register(ours, 0)
# Not reaped yet, the program keeps the number: no signal can hit a stranger.
asked = time.monotonic_ns()
os.killpg(group, signal.SIGTERM)
killed = not nobody_left.poll(500)
os.killpg(group, signal.SIGKILL)
nobody_left.poll(1000)
waited = (time.monotonic_ns() - asked) // 1000000
code = leader.wait()
say(f"the program: signal {-code} ({signal.Signals(-code).name[3:]})")
if killed:
    say(f"its child: gone by KILL, {waited} ms after TERM")

try:
    os.write(ours, b"anybody there?")
    say(f"group {group}: somebody lives on")
except BrokenPipeError:
    say(f"group {group}: nobody is left")
