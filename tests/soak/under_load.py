"""A packed app, load on it, and what is told of both: for the programs beside this file."""

import argparse
import ctypes
import json
import os
import queue
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def adopt_orphans():
    """From now on processes whose parents end are children of this one, which can wait for them."""
    PR_SET_CHILD_SUBREAPER = 36
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def children_of(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as children:
            return {int(child) for child in children.read().split()}
    except OSError:
        return set()


def client_ports_of(pid):
    """Ports of the clients whose connections this process holds."""
    inodes = set()
    for name in os.listdir(f"/proc/{pid}/fd"):
        try:
            target = os.readlink(f"/proc/{pid}/fd/{name}")
        except OSError:
            continue
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    with open(f"/proc/{pid}/net/tcp", encoding="ascii") as table:
        rows = [line.split() for line in table.readlines()[1:]]
    return {int(row[2].split(":")[1], 16) for row in rows if row[9] in inodes}


def run_on(processors):
    """For subprocess: only on these, where there are so many."""
    usable = set(processors) & os.sched_getaffinity(0)
    return (lambda: os.sched_setaffinity(0, usable)) if usable else None


def lateness_ms():
    """How late a process that sleeps for a millisecond is woken here, P99: nothing answers sooner."""
    late = []
    for _ in range(300):
        begin = time.monotonic()
        time.sleep(0.001)
        late.append((time.monotonic() - begin) * 1000 - 1)
    return round(sorted(late)[-3], 2)


class Machine:
    """What the machine did meanwhile."""

    def __init__(self):
        self.first = self.times()

    @staticmethod
    def times():
        with open("/proc/stat", encoding="ascii") as stat:
            return [int(word) for word in stat.readline().split()[1:9]]

    def figures(self):
        spent = [after - before for before, after in zip(self.first, self.times())]
        total = max(1, sum(spent))
        return {"steal_percent": round(100 * spent[7] / total, 1),
                "idle_percent": round(100 * (spent[3] + spent[4]) / total, 1),
                "load_average": os.getloadavg()[0]}

    def line(self):
        figures = self.figures()
        return (f"the machine: {os.cpu_count()} processors, {figures['steal_percent']} % stolen, "
                f"{figures['idle_percent']} % idle, load average {figures['load_average']:.1f}")


def in_quiet(measure):
    """What it gives, measured again (at most twice) when the host took more than 3 % meanwhile."""
    results = []
    while len(results) < 3 and (not results or results[-1][0] > 3):
        machine = Machine()
        result = measure()
        results.append((machine.figures()["steal_percent"], result))
    return min(results, key=lambda one: one[0])[1]


class Build:
    """A build directory of this project, and what is needed of it."""

    def __init__(self, directory, folder):
        self.directory = directory
        self.folder = folder
        if not os.path.exists(os.path.join(directory, "build.ninja")):
            sys.exit(f"{directory} is no build directory: cmake --preset release makes one")
        done = subprocess.run(["cmake", "--build", directory, "--target", "seabag", "soak_app",
                               "soak_load"], stdout=subprocess.PIPE, check=False, text=True)
        if done.returncode != 0:
            sys.exit(done.stdout)

    def pack(self):
        site = os.path.join(self.folder, "site")
        os.mkdir(site)
        with open(os.path.join(site, "index.html"), "w", encoding="ascii") as page:
            page.write("<!doctype html><title>soak</title>" + "<p>all is well</p>\n" * 50)
        app = os.path.join(self.folder, "app")
        subprocess.run([os.path.join(self.directory, "bin/seabag"), "pack", "--quiet", "--no-cache",
                        "--stub", os.path.join(self.directory, "tests/soak/soak_app"), site,
                        "-o", app], check=True)
        return app

    def load(self):
        return os.path.join(self.directory, "tests/soak/soak_load")


class App:
    """A packed app that serves; after an upgrade the process that took over."""

    def __init__(self, command, port, processors=()):
        self.port = port
        self.lines = queue.Queue()
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, text=True,
                                        stderr=subprocess.PIPE, preexec_fn=run_on(processors))
        self.pid = self.process.pid
        threading.Thread(target=self._read, daemon=True).start()
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                return
            except ConnectionRefusedError:
                if self.process.poll() is not None:
                    sys.exit(f"{command[0]} does not start")
                time.sleep(0.01)

    def _read(self):
        for line in self.process.stderr:
            self.lines.put(line.rstrip("\n"))

    def expect(self, pattern, seconds):
        """The match of the next line that has the pattern; None when it does not come."""
        until = time.monotonic() + seconds
        while True:
            try:
                line = self.lines.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                return None
            if found := re.search(pattern, line):
                return found

    def ask(self, path):
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as client:
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            answer = b"".join(iter(lambda: client.recv(65536), b""))
        return answer.partition(b"\r\n\r\n")[2].decode()

    def signal(self, number):
        os.kill(self.pid, number)

    def stop(self):
        """The code it ends with."""
        self.signal(signal.SIGTERM)
        return wait_for_end(self.pid)


class Rival:
    """A program that wants all of these processors, and so leaves others a part of them."""

    def __init__(self, processors):
        self.processors = processors

    def __enter__(self):
        self.process = subprocess.Popen([sys.executable, "-c", "while True: pass"],
                                        preexec_fn=run_on(self.processors))

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def wait_for_end(pid):
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


class Load:
    """soak_load while it runs."""

    def __init__(self, build, port, path, processors=(), **options):
        words = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
        command = [build.load(), "--port", str(port), "--path", path]
        command += [part for word in words for part in word.split("=")]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True,
                                        preexec_fn=run_on(processors))
        self.answers = 0
        self.report = None
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            if line.startswith("{"):
                self.report = json.loads(line)
            else:
                self.answers = int(line.split()[0])

    def wait_for(self, answers):
        while self.answers < answers and self.process.poll() is None:
            time.sleep(0.01)

    def result(self):
        """Waits for the end that was set."""
        self.process.wait()
        self.reader.join()
        if self.report is None:
            sys.exit("the load failed")
        return self.report

    def stop(self):
        self.process.terminate()
        return self.result()


class Report:
    """Checks, one a line."""

    def __init__(self, program, as_json):
        self.program = program
        self.as_json = as_json
        self.checks = []
        self.lateness = lateness_ms()
        self.machine = Machine()

    def check(self, name, figure, is_good):
        self.checks.append({"check": name, "figure": figure, "good": bool(is_good)})
        if not self.as_json:
            print(f"{'ok  ' if is_good else 'MISS'} {name}: {figure}", flush=True)

    def note(self, line):
        if not self.as_json:
            print(f"     {line}", flush=True)

    def end(self):
        misses = sum(not check["good"] for check in self.checks)
        if self.as_json:
            print(json.dumps({"program": self.program, "checks": self.checks,
                              "machine": self.machine.figures(),
                              "lateness_ms": [self.lateness, lateness_ms()]}, indent=1))
        else:
            print(self.machine.line())
            print(f"a sleeper is woken {self.lateness} ms late (P99) before the run and "
                  f"{lateness_ms()} ms after it: times near that are the machine's")
            print(f"{self.program}: {len(self.checks)} checks, {misses} missed")
        return 1 if misses else 0


def make_parser(doc):
    parser = argparse.ArgumentParser(description=doc.split("\n", maxsplit=1)[0])
    parser.add_argument("build", help="a build directory, such as build/release")
    parser.add_argument("--json", action="store_true", help="one JSON object at the end")
    return parser


def work_folder():
    return tempfile.TemporaryDirectory(prefix="seabag-soak.")
