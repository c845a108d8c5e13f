"""Move explorers ten thousand times, and see that memory and figures stay what they were: `make soak`.

python tools/soak.py [moves]

Each explorer lives in a kernel of its own and is moved by the messages that a page sends.
"""

import ast
import json
import sys

import numpy as np
from jupyter_client.manager import start_new_kernel

ROUNDS = 5  # the first warms up; from the second to the last nothing may grow
LIMIT = 5.0  # MB
MADE = {
    "LearningRate": "explorers.LearningRate(landscapes.Quadratic([1, 10]), start=[-2, 1.5])",
    "Atlas": "explorers.Atlas()",
    "Compass": "explorers.Compass(landscapes.Himmelblau(), at=[1, 1])",
    "Gallery": "explorers.Gallery()",
    "LineFit": "explorers.LineFit()",
    "Basins": "explorers.Basins()",
    "Race": "explorers.Race()",
    "Wiring": "explorers.Wiring()",
}
MAKE = """
import gc, psutil
from matplotlib.figure import Figure
from gdlab import explorers, landscapes
# A kernel remembers the signatures of its last 65,536 messages, some 4 MB: that is not ours to measure.
get_ipython().kernel.session.digest_history_size = 100
shown = {0}
stage = getattr(shown, "stage", shown)
def measured():
    gc.collect()
    figures = sum(isinstance(thing, Figure) for thing in gc.get_objects())
    return [psutil.Process().memory_info().rss / 1e6, figures]
"""
CONTROLS = "{name: [s.ahead, s.values.tolist()] for name, s in stage._sliders.items()}"


class Kernel:
    """A kernel, and the line that a page has to an explorer in it."""

    def __init__(self):
        self._manager, self._client = start_new_kernel(extra_arguments=["--log-level=ERROR"])

    def show(self, make: str) -> None:
        """Talk to the explorer that is called `stage` after a cell has run."""
        self.run(make)
        self.comm, self.controls = self.value("stage.model_id"), self.value(CONTROLS)

    def run(self, code: str) -> None:
        """Run a cell; RuntimeError where it fails."""
        reply = self._client.execute(code, reply=True, timeout=120)["content"]
        if reply["status"] != "ok":
            raise RuntimeError("\n".join(reply["traceback"]))

    def value(self, expression: str):
        """What an expression is there, through JSON."""
        asked = {"it": f"__import__('json').dumps({expression})"}
        reply = self._client.execute("", silent=True, user_expressions=asked, reply=True, timeout=120)
        found = reply["content"]["user_expressions"]["it"]
        if found["status"] != "ok":
            raise RuntimeError(found["evalue"])
        return json.loads(ast.literal_eval(found["data"]["text/plain"]))

    def send(self, **data) -> list[dict]:
        """Send one message to the explorer; what the kernel says until it is idle again."""
        message = self._client.session.msg("comm_msg", {"comm_id": self.comm, "data": data})
        self._client.shell_channel.send(message)
        said = []
        while True:
            heard = self._client.get_iopub_msg(timeout=60)
            if heard["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                if heard["content"].get("execution_state") == "idle":
                    return said
                said.append(heard)

    def set(self, **values) -> list[dict]:
        """Move sliders."""
        return self.send(method="update", state=values, buffer_paths=[])

    def ask(self, **question) -> list[dict]:
        """Ask for a table or a frame; the answers."""
        said = self.send(method="custom", content=question)
        return [heard["content"]["data"]["content"] for heard in said if heard["msg_type"] == "comm_msg"]

    def stop(self) -> None:
        """End it."""
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)


def move(kernel, settings, rng):
    """One move as the page makes it: a value, then a question; the answers that are none."""
    name = str(rng.choice(list(kernel.controls)))
    ahead, values = kernel.controls[name]
    settings[name] = float(rng.choice(values))
    kernel.set(**{name: settings[name]})
    kind = "table" if ahead and rng.random() < 0.1 else "frame"
    answers = kernel.ask(kind=kind, slider=name, settings=settings)
    return [answer for answer in answers if "error" in answer] if answers else ["no answer"]


def main(moves=10_000):
    """Soak every explorer; exit 1 where something grew or an answer was an error."""
    print("| explorer | moves | memory grew | figures | errors |\n|---|---|---|---|---|")
    failed = False
    for name, make in MADE.items():
        kernel, rng, errors, marks = Kernel(), np.random.default_rng(0), [], []
        try:
            kernel.show(MAKE.format(make))
            settings = kernel.value("stage.settings")
            for _ in range(ROUNDS):
                for _ in range(moves // ROUNDS):
                    errors += move(kernel, settings, rng)
                marks.append(kernel.value("measured()"))
        finally:
            kernel.stop()
        grew, figures = (last - first for first, last in zip(marks[0], marks[-1], strict=True))
        print(f"| {name} | {moves} | {grew:.1f} MB | {figures:+d} | {len(errors)} |", flush=True)
        failed |= grew > LIMIT or figures != 0 or bool(errors)
    sys.exit(failed)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
