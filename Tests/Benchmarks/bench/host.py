"""What Linux tells of processes: CPU time, memory, load (proc(5))."""

import os
import pathlib
import statistics

TICK = os.sysconf("SC_CLK_TCK")


def descendants(pid):
    """The process and its children's children."""
    parents = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents.setdefault(int(_fields(entry)[1]), []).append(int(entry.name))
            except (OSError, IndexError):
                continue
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += parents.get(one, [])
    return found


def _fields(directory):
    """The fields of `stat` after the name, which may hold anything."""
    return (directory / "stat").read_text().rpartition(")")[2].split()


def cpu_seconds(pids):
    """User and system time so far."""
    total = 0
    for pid in pids:
        try:
            fields = _fields(pathlib.Path(f"/proc/{pid}"))
            total += int(fields[11]) + int(fields[12])
        except OSError:
            continue
    return total / TICK


def cpu_by_thread(pid):
    """The same by the name of the thread; those without a name of ours count together."""
    times = {}
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        try:
            name = (task / "comm").read_text().strip()
            fields = _fields(task)
        except OSError:
            continue
        times[name] = times.get(name, 0) + (int(fields[11]) + int(fields[12])) / TICK
    return times


def pss_mebibytes(pids, field="Pss"):
    """Memory, shared pages divided among those who share them; `Pss_Anon` is that of no file, a process's own."""
    total = 0
    for pid in pids:
        try:
            for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith(f"{field}:"):
                    total += int(line.split()[1])
        except OSError:
            continue
    return total / 1024


def describe():
    """The machine, for the report."""
    cpu = "unknown processor"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            cpu = line.partition(":")[2].strip()
            break
    return f"{cpu}, {os.cpu_count()} cores, Linux {os.uname().release}"


def load():
    return os.getloadavg()[0]


def busy_cores():
    """Seconds of CPU spent by everybody since the machine started."""
    first = pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    values = [int(value) for value in first]
    return (sum(values[:3]) + sum(values[5:8])) / TICK


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * share // 100)]


median = statistics.median
