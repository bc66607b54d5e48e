"""What the kernel says of a running process."""
import os
import re


def read(path):
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""


def processor_ns(pid):
    """Processor time of all threads that there are; one that has ended is counted no more."""
    folder = "/proc/%d/task" % pid
    return sum(int(read("%s/%s/schedstat" % (folder, task)).split()[0]) for task in os.listdir(folder))


def anonymous_mib(pid):
    """Memory that is the process's own: RssAnon, without mapped files."""
    found = re.search(r"RssAnon:\s+(\d+)", read("/proc/%d/status" % pid))
    return int(found.group(1)) / 1024 if found else 0
