"""What a reader's session takes: JupyterLab's server and one kernel, for every notebook.

    python benchmarks/memory.py [notebooks...]          all of notebooks/*.ipynb when none is named

One server runs on this machine's loopback. Each notebook in turn is opened, run to its last cell and
saved; then the resident memory of the server and of its one kernel is read. Needs what JupyterLab needs.
"""

import argparse
import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil
from kernels import NOTEBOOKS, Kernel, code_cells, free_port, resident

LIMIT = 500  # MB, for a session on Binder
PATIENCE = 120  # seconds, for one notebook
FOLDERS = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_SETTINGS_DIR")
FOLDERS += ("JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR")


class Server:
    """A JupyterLab on loopback that serves `root` and keeps its own files in `home`."""

    def __init__(self, root: Path, home: Path):
        self.token, self.port = secrets.token_hex(16), free_port()
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1"]
        command += [f"--ServerApp.port={self.port}", "--ServerApp.port_retries=0"]
        command += [f"--ServerApp.root_dir={root}"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command += ["--allow-root"]
        own = {name: str(home / name) for name in FOLDERS} | {"JUPYTER_TOKEN": self.token}
        own |= {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"}  # as the file `start` has it
        self.log = home / "log.txt"
        with self.log.open("w") as log:
            self.process = psutil.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=os.environ | own
            )

    def wait(self) -> None:
        """Return when the server answers. RuntimeError where it does not within 40 seconds."""
        deadline = time.monotonic() + 40
        while True:
            try:
                return self.call("GET", "/api/status")
            except (urllib.error.URLError, OSError):
                if self.process.poll() is not None or time.monotonic() > deadline:
                    log = self.log.read_text(errors="replace")[-3000:]
                    raise RuntimeError(f"JupyterLab did not start:\n{log}") from None
                time.sleep(0.1)

    def call(self, method: str, path: str, content=None):
        """The answer to one request: JSON where it is JSON."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            method=method,
            data=None if content is None else json.dumps(content).encode(),
            headers={"Authorization": f"token {self.token}", "Content-Type": "application/json"},
        )
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(request, timeout=30) as answer:
            body = answer.read()
            return json.loads(body) if body and "json" in answer.headers["Content-Type"] else body

    def measure(self, path: Path) -> tuple[float, float, float]:
        """Open, run and save a notebook: MB of the server, of the kernel, and of both at the highest."""
        name = path.name
        self.call("GET", f"/lab/tree/{name}")
        notebook = self.call("GET", f"/api/contents/{name}?content=1")
        content = {"type": "notebook", "path": name, "name": name, "kernel": {"name": "python3"}}
        session = self.call("POST", "/api/sessions", content)
        address = f"ws://127.0.0.1:{self.port}/api/kernels/{session['kernel']['id']}/channels"
        highest, finished = [0.0], threading.Event()

        def watch():
            while not finished.wait(0.1):
                with contextlib.suppress(psutil.NoSuchProcess):  # it was there a moment ago
                    highest[0] = max(highest[0], sum(resident(self.process)))

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            deadline = time.monotonic() + PATIENCE
            kernel = Kernel(address, deadline, header={"Authorization": f"token {self.token}"})
            for code, raises in code_cells(path):
                kernel.run(code, raises)
            saved = {"type": "notebook", "format": "json", "content": notebook["content"]}
            self.call("PUT", f"/api/contents/{name}", saved)
            server, below = resident(self.process)
            kernel.close()
        finally:
            finished.set()
            watcher.join()
            self.call("DELETE", f"/api/sessions/{session['id']}")
        return server, below, max(highest[0], server + below)

    def stop(self) -> None:
        """End the server and whatever it has started."""
        try:
            family = [self.process, *self.process.children(recursive=True)]
        except psutil.NoSuchProcess:
            return
        self.process.terminate()
        _, alive = psutil.wait_procs(family, 10)
        for process in alive:
            process.kill()


def main(arguments: list[str] | None = None) -> int:
    """Print the table; 1 if a notebook takes more than the limit."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all of notebooks/*.ipynb")
    paths = parser.parse_args(arguments).notebooks or sorted(NOTEBOOKS.glob("*.ipynb"))
    worst, passing = 0.0, []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home, root = Path(folder, "home"), Path(folder, "notebooks")
        home.mkdir(), root.mkdir()
        for path in paths:
            shutil.copy(path, root)
        server = Server(root, home)
        try:
            server.wait()
            print(f"Python {sys.version.split()[0]}; resident memory in MB, of {LIMIT}\n")
            print("| notebook | server | kernel | together | of the limit | highest on the way |")
            print("|---|--:|--:|--:|--:|--:|")
            for path in paths:
                alone, kernel, highest = server.measure(path)
                total = alone + kernel
                worst = max(worst, total)
                if highest >= LIMIT:
                    passing.append(path.stem)
                row = f"{alone:.0f} | {kernel:.0f} | {total:.0f} | {total / LIMIT:.0%} | {highest:.0f}"
                print(f"| {path.stem} | {row} |", flush=True)
        finally:
            server.stop()
    within = worst < LIMIT
    print(f"\n{'Every' if within else 'NOT every'} notebook, once run, is under {LIMIT} MB.")
    if passing:
        print(f"Over it for a moment on the way: {', '.join(passing)}.")
    return int(not within)


if __name__ == "__main__":
    sys.exit(main())
