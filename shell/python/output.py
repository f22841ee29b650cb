"""Execute a shell command: a program's two outputs, how it ended, and what it cost."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from subprocess import PIPE


def say(line):
    sys.stdout.write(line + "\n")  # one write, so that the line stays whole


def run(role):
    # `subprocess` watches both pipes at once, as our library does.
    return subprocess.run([sys.executable, __file__, role], stdout=PIPE, stderr=PIPE)


def ending(code):
    """One number for both: the signals are the negative ones."""
    if code >= 0:
        return f"exit status {code}"
    return f"signal {-code} ({signal.Signals(-code).name[3:]})"


def child(role):
    """What the programs that we run do."""
    if role == "hello":
        say("hello rust")
        sys.stderr.write("two words said\n")
    elif role == "flood":
        for _ in range(64):
            os.write(1, b"." * 16384)
            os.write(2, b"!" * 16384)
    elif role == "give up":
        sys.exit(3)
    else:
        os.kill(os.getpid(), signal.SIGKILL)


if len(sys.argv) > 1:
    child(sys.argv[1])
    sys.exit()

start = time.perf_counter()
before = resource.getrusage(resource.RUSAGE_CHILDREN)
hello = run("hello")
after = resource.getrusage(resource.RUSAGE_CHILDREN)
real = (time.perf_counter() - start) * 1000
say(f"stdout: {json.dumps(hello.stdout.decode())}")
say(f"stderr: {json.dumps(hello.stderr.decode())}")
say(ending(hello.returncode))
# The times of all children reaped so far: only the difference belongs to this one.
user = (after.ru_utime - before.ru_utime) * 1000
system = (after.ru_stime - before.ru_stime) * 1000
say(f"{real:.2f} ms real, {user:.2f} ms user, {system:.2f} ms system (python)")

flood = run("flood")
out, err = len(flood.stdout), len(flood.stderr)
say(f"far more than a pipe holds: {out} bytes on stdout, {err} on stderr")

say(f"gave up: {ending(run('give up').returncode)}")
say(f"was killed: {ending(run('be killed').returncode)}")
try:
    subprocess.run(["./no-such-program"])
except FileNotFoundError as error:
    say(f"cannot start `{error.filename}`: no such file")

try:
    os.waitpid(-1, 0)
    say("a child was left")
except ChildProcessError:
    say("no child is left")
