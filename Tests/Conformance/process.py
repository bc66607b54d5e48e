"""A server of a test's own: its options, its log, its memory, its end."""

import contextlib
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import threading
import time

from patience import patience

PROGRAM = os.environ["NEWSRPC_PROGRAM"]


class Server:
    def __init__(self, *options, descriptors=None, folder=None):
        self.folder = folder or tempfile.mkdtemp(prefix="newsrpc-")
        self.log_path = pathlib.Path(self.folder, "log")
        limit = None
        if descriptors:
            limit = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))  # noqa: E731
        self.log_file = open(self.log_path, "ab")
        self.process = subprocess.Popen(
            [PROGRAM, "--data", str(pathlib.Path(self.folder, "store")), "--listen", "127.0.0.1:0",
             "--time-zone", "Asia/Shanghai", *options],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log_file, preexec_fn=limit)
        # A server that does not come up must not hold the tests up.
        timer = threading.Timer(patience(60), self.process.kill)
        timer.start()
        line = self.process.stdout.readline().decode()
        timer.cancel()
        found = re.search(r" listening on ([^,]*),", line)
        if not found:
            self.process.kill()
            raise RuntimeError(f"the server did not start: {line!r} {self.log}")
        self.address = found.group(1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.log_file.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def log(self):
        return self.log_path.read_text(errors="replace")

    def warnings(self):
        return [line for line in self.log.splitlines() if " warning " in line]

    def memory(self):
        """Anonymous memory, in bytes."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"RssAnon:\s+(\d+) kB", status).group(1)) * 1024

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def wait(self, timeout=60):
        return self.process.wait(patience(timeout))

    def stop(self):
        self.terminate()
        return self.wait()


def eventually(condition, seconds=20):
    """Asks until it holds; whether it did."""
    deadline = time.monotonic() + patience(seconds)
    turn = threading.Event()
    while not condition():
        if time.monotonic() > deadline:
            return False
        turn.wait(0.02)
    return True


@contextlib.contextmanager
def running(*options, **more):
    with Server(*options, **more) as server:
        yield server
