"""A class on one machine: JupyterHub, its proxy, and students who all do the same at the same time.

    python benchmarks/classroom/run.py [--students 12] [--moves 100] [--pace 8] [--pause 2] [--minutes 5]

They log in, wait for their servers, run notebook 05 to its last cell, and drag its slider. Everything is
on this machine's loopback, in one temporary folder, and ends with the script. README.md has the rest.
"""

import argparse
import contextlib
import json
import os
import random
import secrets
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from kernels import MEGABYTE, NOTEBOOKS, Kernel, code_cells, free_port, resident

LIMIT = 300  # MB a student
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
MARK = "GDLAB_CLASSROOM"  # in the environment of all that this script starts
PROXY = Path(__file__).resolve().parents[2] / "build/classroom/node_modules/.bin/configurable-http-proxy"
KINDS = {
    "value": "reply to a new value of the slider",
    "frame": "reply with one picture",
    "table": "reply with a table of all positions",
}
HEAD = """\
JupyterHub {hubs} on {cores} cores, which the students' side of the test shares; load {load:.2g} before,
{after:.2g} after. {students} students, {moves} moves each: drags of ten moves at {pace:g} a second, then
{pause:g} s of looking. A move sends the slider's value and asks for a picture, the tenth for a table.
"""


# --- the hub ---------------------------------------------------------------------------------------


class Hub:
    """A JupyterHub with its proxy, whose students need no account on this machine and one password."""

    def __init__(self, folder: Path, proxy: str, deadline: float):
        self.mark, self.password, self.deadline = (*map(secrets.token_hex, (16, 16)), deadline)
        self.host = f"127.0.0.1:{free_port()}"
        self.homes, self.log = folder / "homes", folder / "log.txt"
        settings = {
            "JupyterHub.bind_url": f"http://{self.host}/",
            "JupyterHub.hub_bind_url": f"http://127.0.0.1:{free_port()}",
            "JupyterHub.db_url": f"sqlite:///{folder / 'hub.sqlite'}",
            "JupyterHub.cookie_secret_file": str(folder / "cookie_secret"),
            "JupyterHub.authenticator_class": "shared-password",  # any name, as "dummy", but not anybody
            "SharedPasswordAuthenticator.user_password": self.password,
            "Authenticator.allow_all": True,
            "JupyterHub.spawner_class": "simple",
            "SimpleLocalProcessSpawner.home_dir_template": str(self.homes / "{username}"),
            "Spawner.cmd": [sys.executable, "-m", "jupyterhub.singleuser"],
            "Spawner.args": ["--allow-root"] if os.geteuid() == 0 else [],
            "Spawner.environment": {MARK: self.mark},
            "Spawner.start_timeout": 120,
            "Spawner.http_timeout": 120,
            "ConfigurableHTTPProxy.command": [proxy],
            "ConfigurableHTTPProxy.api_url": f"http://127.0.0.1:{free_port()}",
            "ConfigurableHTTPProxy.pid_file": str(folder / "proxy.pid"),
        }
        config = folder / "jupyterhub_config.py"
        config.write_text("".join(f"c.{name} = {value!r}\n" for name, value in settings.items()))
        with self.log.open("w") as log:
            self.process = psutil.Popen(
                [sys.executable, "-m", "jupyterhub", "-f", str(config)],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl+C is for this script, which then ends the hub
                env=os.environ | {MARK: self.mark},
            )

    def wait(self) -> None:
        """Return when the hub answers through its proxy. RuntimeError where it does not."""
        address, deadline = f"http://{self.host}/hub/health", min(self.deadline, time.monotonic() + 60)
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        while True:
            try:
                return direct.open(address, timeout=2).close()
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("JupyterHub did not start") from None
                time.sleep(0.1)

    def servers(self) -> dict[str, psutil.Process]:
        """The server of each student, by the student's name."""
        children = self.process.children()
        names = [child.environ().get("JUPYTERHUB_USER") for child in children]
        return {name: child for name, child in zip(names, children, strict=True) if name}

    def complaints(self) -> str:
        """The last warnings and errors in the log of the hub and the servers."""
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join([line for line in lines if line.startswith(("[W", "[E", "Traceback"))][-40:])

    def stop(self) -> list[str]:
        """End the hub, which ends the rest; then whatever is left. What had to be killed, by name."""
        with contextlib.suppress(psutil.Error):  # it may be gone, or not want to go
            self.process.terminate()
            self.process.wait(30)
        left = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.environ().get(MARK) == self.mark:
                    left.append(process)
        names = []
        for process in psutil.wait_procs(left, 5)[1]:
            with contextlib.suppress(psutil.Error):
                names.append(process.name())
                process.kill()
        psutil.wait_procs(left, 10)
        return names


# --- a student -------------------------------------------------------------------------------------


class Student:
    """What one student's browser does: the same requests, and the same messages to the kernel."""

    def __init__(self, number: int, hub: Hub, notebook: Path):
        self.name, self.hub, self.notebook = f"student-{number:02}", hub, notebook
        self.chance = random.Random(number)
        self.jar, self.errors = CookieJar(), []
        cookies = urllib.request.HTTPCookieProcessor(self.jar)
        self.opener = urllib.request.build_opener(cookies, urllib.request.ProxyHandler({}))
        self.ready = self.ran = self.kernel = None
        self.replies = {kind: [] for kind in KINDS}
        home = hub.homes / self.name
        home.mkdir(parents=True)
        shutil.copy(notebook, home)

    def left(self) -> float:
        """The seconds until everybody must be done."""
        left = self.hub.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("out of time")
        return left

    def open(self, path: str, data: bytes | None = None, **headers):
        """The open answer to a request, after all redirections."""
        request = urllib.request.Request(f"http://{self.hub.host}{path}", data, headers)
        return self.opener.open(request, timeout=self.left())

    def token(self, path: str) -> str:
        """What a form or a script below `path` must send along to be believed."""
        return next(cookie.value for cookie in self.jar if (cookie.name, cookie.path) == ("_xsrf", path))

    def log_in(self) -> None:
        """Log in, wait as the waiting page does, and load the page of JupyterLab."""
        start = time.monotonic()
        self.open("/hub/login").close()
        form = {"username": self.name, "password": self.hub.password, "_xsrf": self.token("/hub/")}
        self.open("/hub/login", urllib.parse.urlencode(form).encode()).close()
        progress = urllib.parse.urlencode({"_xsrf": self.token("/hub/")})
        with self.open(f"/hub/api/users/{self.name}/server/progress?{progress}") as events:
            for line in events:
                event = json.loads(line[5:]) if line.startswith(b"data:") else {}
                if event.get("failed"):
                    raise RuntimeError(f"the server did not start: {event.get('message')}")
                if event.get("ready"):
                    break
        with self.open(f"/user/{self.name}/lab/tree/{self.notebook.name}") as page:
            if b"jupyter-config-data" not in page.read():
                raise RuntimeError("the page that came is not JupyterLab")
        self.ready = time.monotonic() - start

    def run_notebook(self) -> None:
        """Open the notebook, start its kernel, and run all code cells."""
        start, base, name = time.monotonic(), f"/user/{self.name}/", self.notebook.name
        self.open(f"{base}api/contents/{name}?content=1").read()
        content = {"type": "notebook", "path": name, "name": name, "kernel": {"name": "python3"}}
        headers = {"Content-Type": "application/json", "X-XSRFToken": self.token(base)}
        with self.open(f"{base}api/sessions", json.dumps(content).encode(), **headers) as answer:
            kernel = json.load(answer)["kernel"]["id"]
        place = urllib.request.Request(f"http://{self.hub.host}{base}api/kernels/{kernel}/channels")
        self.jar.add_cookie_header(place)
        address = place.full_url.replace("http", "ws", 1)
        self.kernel = Kernel(address, self.hub.deadline, cookie=place.get_header("Cookie"))
        for code, raises in code_cells(self.notebook):
            self.kernel.run(code, raises)
        self.ran = time.monotonic() - start

    def stage(self) -> tuple[str, dict]:
        """The first explorer with a learning rate: its comm, and its sliders by name."""
        for widget, state in self.kernel.widgets.items():
            sliders = {one["name"]: one for one in state.get("picture", {}).get("sliders", ())}
            if "learning_rate" in sliders:
                return widget, sliders
        raise RuntimeError("the notebook shows no slider named learning_rate")

    def drag(self, moves: int, pace: float, pause: float) -> None:
        """Move the learning rate in drags of ten, and look at the picture for a while after each."""
        stage, sliders = self.stage()
        positions, at, beat = sliders["learning_rate"]["values"], 0, time.monotonic()
        others = [
            name for name, slider in sliders.items() if slider["ahead"] and name != "learning_rate"
        ]
        for move in range(moves):
            if move % 10 == 0:
                begin, target = at, self.chance.randrange(len(positions))
                beat = max(beat, time.monotonic()) + pause * self.chance.uniform(0.5, 1.5) * (move > 0)
            time.sleep(max(0.0, min(beat - time.monotonic(), self.left())))
            at = round(begin + (target - begin) * (move % 10 + 1) / 10)
            self.timed("value", self.kernel.tell, stage, {"learning_rate": positions[at]})
            settings = {name: self.kernel.widgets[stage][name] for name in sliders}
            last = move % 10 == 9 and others  # the pointer goes to another slider
            slider = self.chance.choice(others) if last else None
            question = {"kind": "table", "slider": slider} if last else {"kind": "frame"}
            question["settings"] = settings
            content, buffers = self.timed(question["kind"], self.kernel.ask, stage, question)
            self.check(content, buffers, question, len(sliders[slider]["values"]) if last else 1)
            beat = max(beat + 1 / pace, time.monotonic())
        held = "next(out for out in Out.values() if hasattr(out, 'learning_rate')).learning_rate"
        value = self.kernel.run("", held=held)["user_expressions"]["held"]["data"]["text/plain"]
        if float(value) != positions[at]:
            raise RuntimeError(f"the kernel holds {value}, the page shows {positions[at]}")

    def timed(self, kind: str, act, *arguments):
        """Do it, and note how long it took."""
        start = time.perf_counter()
        answer = act(*arguments)
        self.replies[kind].append(time.perf_counter() - start)
        return answer

    def check(self, content: dict, buffers: list, question: dict, pictures: int) -> None:
        """RuntimeError unless this is the answer, whole, to this question."""
        if "error" in content:
            raise RuntimeError(content["error"])
        numbers = sum(2 * points * (pictures if moves else 1) for points, moves in content["counts"])
        numbers = 4 * numbers + sum(map(sum, content["images"].values()))
        right = content["at"] == question["settings"] and content["slider"] == question.get("slider")
        if not right or len(content["sentences"]) != pictures or len(buffers[0]) != numbers:
            raise RuntimeError(f"a wrong answer to {question}")


def together(act: str, students: list[Student], hub: Hub, *arguments) -> None:
    """All students who are still without error do the same at once; what fails is noted."""

    def attempt(student):
        start = time.monotonic()
        try:
            getattr(student, act)(*arguments)
        except Exception as error:  # anything: it is counted and shown
            after = f"after {time.monotonic() - start:.1f} s"
            student.errors.append(f"{act}, {after}: {type(error).__name__}: {error}")

    able = [student for student in students if not student.errors]
    threads = [threading.Thread(target=attempt, args=(student,), daemon=True) for student in able]
    for thread in threads:
        thread.start()
    for thread, student in zip(threads, able, strict=True):
        thread.join(max(0.0, hub.deadline + 2 - time.monotonic()))
        if thread.is_alive():
            student.errors.append(f"{act}: out of time")


# --- the table -------------------------------------------------------------------------------------


def row(what: str, numbers: list, unit: str, scale: float = 1.0) -> str:
    """One line: how many, the middle one and the largest."""
    if not numbers:
        return f"| {what} | 0 | | |"
    middle, worst = (f"{scale * pick(numbers):.3g} {unit}" for pick in (statistics.median, max))
    return f"| {what} | {len(numbers)} | {middle} | {worst} |"


def memory(hub: Hub) -> dict[str, list]:
    """MB of each student's server, kernel, share where what is shared counts once; of the hub."""
    found = {"server": [], "kernel": [], "share": [], "hub": []}
    if hub.process.poll() is not None:
        return found
    with contextlib.suppress(psutil.Error):  # a server that ends meanwhile is missed in the count
        for server in hub.servers().values():
            alone, below = resident(server)
            family = [server, *server.children(recursive=True)]
            full = [process.memory_full_info() for process in family]
            found["server"].append(alone)
            found["kernel"].append(below)
            found["share"].append(sum(getattr(one, "pss", one.uss) for one in full) / MEGABYTE)
        total = sum(resident(hub.process))
        found["hub"].append(total - sum(found["server"]) - sum(found["kernel"]))
    return found


def report(students: list[Student], found: dict[str, list], notebook: Path) -> bool:
    """Print the table; whether there is no error and every student is small."""
    each = [a + b for a, b in zip(found["server"], found["kernel"], strict=True)]
    ready = [student.ready for student in students if student.ready]
    errors = [f"{student.name}: {error}" for student in students for error in student.errors]
    replies = {kind: [time for s in students for time in s.replies[kind]] for kind in KINDS}
    first = f" (the first: {min(ready):.3g} s)" if ready else ""
    print("| what | how many | median | worst |\n|---|--:|--:|--:|")
    print(row(f"server ready, from the log-in to JupyterLab's page{first}", ready, "s"))
    print(row(f"{notebook.stem} run to its last cell", [s.ran for s in students if s.ran], "s"))
    print(row("**any reply**", [time for times in replies.values() for time in times], "ms", 1e3))
    for kind, what in KINDS.items():
        print(row(what, replies[kind], "ms", 1e3))
    print(row("**resident memory of a student**", each, "MB"))
    print(row("its server", found["server"], "MB"))
    print(row("its kernel", found["kernel"], "MB"))
    print(row("both, with shared pages divided among their users", found["share"], "MB"))
    print(row("resident memory of the hub and its proxy", found["hub"], "MB"))
    print(f"| **errors** | {len(errors)} | | |\n")
    for error in errors:
        print(f"- {error}")
    # What a machine must have for one more student: what they share, it has once.
    small = len(each) == len(students) and max(found["share"]) < LIMIT
    most = max(found["share"], default=0)
    print(f"To hold: 0 errors, here {len(errors)}; every student under {LIMIT} MB with shared pages")
    print(f"divided among their users, here at most {most:.0f} MB.")
    return small and not errors


def main(arguments: list[str] | None = None) -> int:
    """Run the class and print the table; 1 unless there is no error and every student is small."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=12)
    parser.add_argument("--moves", type=int, default=100, help="of the slider, by each student")
    parser.add_argument("--pace", type=float, default=8, help="moves a second in a drag, at most")
    parser.add_argument("--pause", type=float, default=2, help="seconds between two drags of ten moves")
    parser.add_argument("--minutes", type=float, default=5, help="after which all is stopped")
    parser.add_argument("--notebook", type=Path, default=NOTEBOOKS / "05_learning_rate.ipynb")
    told = parser.parse_args(arguments)
    proxy = shutil.which("configurable-http-proxy") or (str(PROXY) if PROXY.exists() else None)
    try:
        hubs = version("jupyterhub")
    except PackageNotFoundError:
        hubs = None
    if not (hubs and proxy):
        missing = "configurable-http-proxy" if hubs else "jupyterhub"
        parser.exit(2, f"{missing} is missing: benchmarks/classroom/README.md says how to install it\n")
    for stop in STOPS:
        signal.signal(stop, lambda *_: sys.exit("stopped"))
    load, deadline = os.getloadavg()[0], time.monotonic() + 60 * told.minutes
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        hub = Hub(Path(folder), proxy, deadline)
        try:
            hub.wait()
            students = [Student(number + 1, hub, told.notebook) for number in range(told.students)]
            together("log_in", students, hub)
            together("run_notebook", students, hub)
            together("drag", students, hub, told.moves, told.pace, told.pause)
            about = {"hubs": hubs, "cores": os.cpu_count(), "load": load, "after": os.getloadavg()[0]}
            print(HEAD.format(**about, **vars(told)))
            held = report(students, memory(hub), told.notebook)
            if any(student.errors for student in students):
                print(f"\nThe log's last warnings:\n{hub.complaints()}", file=sys.stderr)
        except Exception:
            print(hub.log.read_text(errors="replace")[-3000:], file=sys.stderr)
            raise
        finally:
            for stop in STOPS:  # from here on there is only the end
                signal.signal(stop, signal.SIG_IGN)
            killed = hub.stop()
    if killed:
        print(f"Had to be killed at the end: {', '.join(sorted(killed))}.")
    return int(not held)


if __name__ == "__main__":
    sys.exit(main())
