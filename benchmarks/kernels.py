"""A kernel behind a Jupyter server, spoken to as JupyterLab does: one websocket, binary messages.

What `memory.py` and `classroom/run.py` share. It needs nothing that JupyterLab does not bring.
"""

import itertools
import json
import queue
import socket
import struct
import threading
import time
import uuid
from pathlib import Path

import psutil
import websocket

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
MEGABYTE = 1e6
PROTOCOL = "v1.kernel.websocket.jupyter.org"


def free_port() -> int:
    """A port of this machine's loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def resident(process: psutil.Process) -> tuple[float, float]:
    """The resident memory in MB of a server itself, and of the kernels below it."""
    below = sum(child.memory_info().rss for child in process.children(recursive=True))
    return process.memory_info().rss / MEGABYTE, below / MEGABYTE


def code_cells(path: Path) -> list[tuple[str, bool]]:
    """The code of each cell, and whether the cell is meant to raise."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [
        ("".join(cell["source"]), "raises-exception" in cell["metadata"].get("tags", ()))
        for cell in cells
        if cell["cell_type"] == "code"
    ]


def packed(channel: str, parts: list) -> bytes:
    """One message: how many offsets, the offsets, then the channel and the parts."""
    blocks = [channel.encode(), *(json.dumps(part).encode() for part in parts)]
    offsets = [8 * (len(blocks) + 2)]
    for block in blocks:
        offsets.append(offsets[-1] + len(block))
    return struct.pack(f"<{len(offsets) + 1}Q", len(offsets), *offsets) + b"".join(blocks)


def unpacked(message: bytes) -> tuple:
    """(header, parent, content, buffers) of one message."""
    (count,) = struct.unpack_from("<Q", message)
    ends = struct.unpack_from(f"<{count}Q", message, 8)
    blocks = [message[a:b] for a, b in itertools.pairwise(ends)]
    header, parent, _, content = (json.loads(block) for block in blocks[1:5])
    return header, parent, content, blocks[5:]


class Kernel:
    """A kernel at `address`, such as ws://127.0.0.1:8888/api/kernels/ID/channels.

    Nothing waits longer than `deadline`, a time.monotonic(). `widgets`: the state of every widget that
    the kernel has opened, by the id of its comm. Further settings go to the websocket.
    """

    def __init__(self, address: str, deadline: float, **settings):
        self.deadline, self.widgets, self.session = deadline, {}, uuid.uuid4().hex
        self.socket = websocket.create_connection(
            f"{address}?session_id={self.session}",
            timeout=self.left(),
            subprotocols=[PROTOCOL],
            **settings,
        )
        self.socket.settimeout(None)
        self.inbox = queue.SimpleQueue()
        threading.Thread(target=self.read, daemon=True).start()
        self.answer(self.send("kernel_info_request", {}), "kernel_info_reply")

    def left(self) -> float:
        """The seconds until the deadline."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("out of time")
        return left

    def send(self, kind: str, content: dict) -> str:
        """Send a message; its id."""
        header = {"msg_id": uuid.uuid4().hex, "session": self.session, "username": "", "msg_type": kind}
        header |= {"version": "5.3", "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
        self.socket.send_binary(packed("shell", [header, {}, {}, content]))
        return header["msg_id"]

    def read(self) -> None:
        """Take in messages, and answer the server's pings, also while nobody waits: so does a page."""
        try:
            while message := self.socket.recv():
                self.inbox.put(message)
            self.inbox.put(ConnectionError("the server closed the websocket"))
        except Exception as error:  # raised again where somebody waits
            self.inbox.put(error)

    def receive(self) -> tuple:
        """The next message: (kind, the id it answers, content, buffers)."""
        try:
            message = self.inbox.get(timeout=self.left())
        except queue.Empty:
            raise TimeoutError("out of time") from None
        if isinstance(message, Exception):
            self.inbox.put(message)
            raise message
        header, parent, content, buffers = unpacked(message)
        kind = header["msg_type"]
        if kind == "comm_open":
            self.widgets[content["comm_id"]] = dict(content["data"].get("state", {}))
        elif kind == "comm_msg" and content["data"].get("method") == "update":
            self.widgets.setdefault(content["comm_id"], {}).update(content["data"]["state"])
        elif kind == "stream" and content["name"] == "stderr":
            raise RuntimeError(f"on stderr: {content['text'].strip()}")
        return kind, parent.get("msg_id"), content, buffers

    def answer(self, question: str, kind: str) -> tuple:
        """What answers the message with the id `question`: (content, buffers) of the first of `kind`."""
        while True:
            found, parent, content, buffers = self.receive()
            if (found, parent) == (kind, question):
                return content, buffers

    def done(self, question: str) -> None:
        """Wait until the kernel has nothing more to do for the message `question`."""
        while self.answer(question, "status")[0]["execution_state"] != "idle":
            pass

    def run(self, code: str, raises: bool = False, **values: str) -> dict:
        """Run one cell to its end; the reply. RuntimeError where it raises and is not meant to."""
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
        content |= {"stop_on_error": not raises, "user_expressions": values}
        question, reply, idle = self.send("execute_request", content), None, False
        while reply is None or not idle:  # they come by two ways, in either order
            kind, parent, content, _ = self.receive()
            if parent == question:
                reply = content if kind == "execute_reply" else reply
                idle = idle or (kind == "status" and content["execution_state"] == "idle")
        if reply["status"] != "ok" and not raises:
            raise RuntimeError(f"{reply.get('ename')}: {reply.get('evalue')}, in: {code[:60]!r}")
        return reply

    def tell(self, widget: str, state: dict) -> None:
        """Set traits of a widget, as a moved slider does, and wait until the kernel has taken them."""
        data = {"method": "update", "state": state, "buffer_paths": []}
        self.done(self.send("comm_msg", {"comm_id": widget, "data": data}))
        self.widgets[widget].update(state)

    def ask(self, widget: str, question: dict) -> tuple:
        """Send a widget a message of its own kind; (content, buffers) of what it answers."""
        data = {"method": "custom", "content": question}
        sent = self.send("comm_msg", {"comm_id": widget, "data": data})
        while True:
            content, buffers = self.answer(sent, "comm_msg")
            if content["comm_id"] == widget and content["data"]["method"] == "custom":
                return content["data"]["content"], buffers

    def close(self) -> None:
        """Close the websocket; the kernel lives on."""
        self.socket.close()
