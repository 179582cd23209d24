"""What the demos share: a directory of their own, the command, free ports."""
import os
import random
import shutil
import socket
import subprocess


class DemoFailed(Exception):
    """Says in a sentence why the demo cannot go on."""


class Demo:
    def __init__(self, build, name):
        self.program = os.path.join(os.path.abspath(build), "fate")
        self.directory = os.path.join(os.path.abspath(build), name)
        if not os.path.exists(self.program):
            raise DemoFailed("%s is missing: run make first." % self.program)
        shutil.rmtree(self.directory, ignore_errors=True)
        os.makedirs(self.directory)

    def path(self, name):
        return os.path.join(self.directory, name)

    def fate(self, *words):
        """Runs fate to its end and returns its standard output."""
        done = subprocess.run([self.program, *words], stdout=subprocess.PIPE, universal_newlines=True)
        if done.returncode != 0:
            raise DemoFailed("fate %s ended with exit code %d." % (words[0], done.returncode))
        return done.stdout


def free_port():
    """A port that nobody listens on, below those that systems give to outgoing connections."""
    while True:
        port = random.SystemRandom().randrange(12000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def size(count):
    return "%.1f MB" % (count / 1e6) if count >= 1e6 else "%.1f kB" % (count / 1e3)
