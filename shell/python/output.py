"""Execute a shell command: a program's two outputs, how it ended, and what it cost."""

import json
import os
import resource
import signal
import subprocess
import sys
import time


def main():
    start = time.perf_counter()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    hello = run("hello")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    real = time.perf_counter() - start
    say("stdout: " + json.dumps(hello.stdout.decode()))
    say("stderr: " + json.dumps(hello.stderr.decode()))
    say(ending(hello.returncode))
    # The times of all children reaped so far: only the difference belongs to this one.
    user, system = after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime
    say("%.2f ms real, %.2f ms user, %.2f ms system (python)" % (real * 1e3, user * 1e3, system * 1e3))

    flood = run("flood")
    sizes = len(flood.stdout), len(flood.stderr)
    say("far more than a pipe holds: %d bytes on stdout, %d on stderr" % sizes)

    say("gave up: " + ending(run("give up").returncode))
    say("was killed: " + ending(run("be killed").returncode))
    try:
        subprocess.run(["./no-such-program"])
    except FileNotFoundError as error:
        say("cannot start `%s`: no such file" % error.filename)

    try:
        os.waitpid(-1, 0)
        say("a child was left")
    except ChildProcessError:
        say("no child is left")


def run(role):
    # `subprocess` watches both pipes at once, as our library does.
    return subprocess.run([sys.executable, __file__, role], stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def child(role):
    if role == "hello":
        sys.stdout.write("hello rust\n")
        sys.stderr.write("two words said\n")
    elif role == "flood":
        for _ in range(64):
            os.write(1, b"." * 16384)
            os.write(2, b"!" * 16384)
    elif role == "give up":
        sys.exit(3)
    else:
        os.kill(os.getpid(), signal.SIGKILL)


def ending(code):
    """One number for both: the signals are the negative ones."""
    if code >= 0:
        return "exit status %d" % code
    return "signal %d (%s)" % (-code, signal.Signals(-code).name[3:])


def say(line):
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    child(sys.argv[1]) if len(sys.argv) > 1 else main()
