"""A notebook page in JupyterLab under mouse and keys, and what is read off it while it is watched."""

import json
import re
import time

import numpy as np
from ways import ASKED, WATCH

KEYS, MOVES, SECONDS = 10, 180, 3.0  # key presses, then a drag with sixty moves a second
APART = 0.3  # seconds of rest between two key presses: the page has told the kernel of the last one
NEAR = 0.5  # positions: closer than that, a picture is that of the slider's value


class Page:
    """A notebook that was opened and run; `first`: ms from Run All to its first picture."""

    def __init__(self, way, browser, port, server, folder):
        import nbformat
        import psutil
        import websocket

        self.way, self.scale, self.bytes, self.questions = way, None, 0, 0
        self.asks = rb'"kind": ?"(table|frame)"' if way.package == "gdlab" else rb'"method": ?"update"'
        name = f"{time.monotonic_ns()}.ipynb"
        cell = nbformat.v4.new_code_cell(way.cell.strip(), id="cell")
        kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
        nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata=kernel), folder / name)
        served, here = psutil.Process(server.process.pid), psutil.Process()
        kernels, renderers = below(served, "ipykernel"), below(here, "--type=renderer")

        self.page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        self.page.set_default_timeout(30_000)
        self.page.on("websocket", self._listen)
        self.page.goto(f"http://127.0.0.1:{server.port}/lab/tree/{name}?token={server.token}&reset")
        self.page.get_by_text("| Idle", exact=False).first.wait_for()
        self.page.evaluate(f"({WATCH})([{way.finger}, {way.shown}])")
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        start = self.page.evaluate("performance.now()")
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        shown = "() => { try { return bench.now()[1] > -1 && performance.now(); } catch { return 0; } }"
        self.first = self.page.wait_for_function(shown).json_value() - start

        (self.kernel,) = below(served, "ipykernel") - kernels
        new = below(here, "--type=renderer") - renderers  # the browser keeps a spare one ready
        self.renderer = max(new, key=lambda process: process.memory_info().rss)
        self.tools = self.page.context.new_cdp_session(self.page)
        target = self.tools.send("Target.getTargetInfo")["targetInfo"]["targetId"]
        address = f"ws://127.0.0.1:{port}/devtools/page/{target}"
        self.wire = websocket.create_connection(address, timeout=30, suppress_origin=True)

    def _listen(self, socket):
        def sent(payload):
            payload = payload.encode() if isinstance(payload, str) else payload
            self.bytes += len(payload)
            self.questions += len(re.findall(self.asks, payload))

        def received(payload):
            self.bytes += len(payload)

        socket.on("framesent", sent)
        socket.on("framereceived", received)

    def close(self):
        """Close the page; its kernel lives on."""
        self.wire.close()
        self.page.context.close()

    def now(self):
        """[what the control says, what the picture shows], the picture on a scale of its own."""
        return self.page.evaluate("bench.now()")

    def fits(self, finger, shown):
        """Whether a picture is that of the control's value."""
        return abs(self.scale(shown) - finger) < NEAR

    def settle(self, still=0.1, limit=4.0, fits=True, before=None):
        """Wait for a picture other than `before` that fits the control and stands still for a while."""
        deadline, last = time.monotonic() + limit, None
        while time.monotonic() < deadline:
            now = self.now()
            wrong = fits and self.scale and not self.fits(*now)
            if now != last or wrong or now[1] == before:
                last, since = now, time.monotonic()
            elif time.monotonic() - since >= still:
                break
            self.page.wait_for_timeout(20)
        return last

    def ends(self):
        """Where the control stands at the left and at the right end of its track, and its height."""
        box, inset = self.page.locator(self.way.track).first.bounding_box(), self.way.inset
        return box["x"] + inset, box["x"] + box["width"] - inset, box["y"] + box["height"] / 2

    def go(self, end):
        """Bring the control to the left end, 0, or to the right one, 1."""
        if self.way is ASKED:
            left, right, y = self.ends()
            self.page.mouse.click((left, right)[end], y)
        else:
            self.page.locator(self.way.control).first.focus()
            self.page.keyboard.press(("Home", "End")[end])
        return self.settle(0.1 if self.scale else 0.8)

    def prepare(self):
        """Into view; then learn what the picture shows at both ends."""
        self.page.locator(self.way.control).first.scroll_into_view_if_needed()
        (f0, s0), (f1, s1) = self.go(0), self.go(1)
        self.scale = lambda shown: f0 + (shown - s0) / (s1 - s0) * (f1 - f0)
        self.drag(there_and_back(MOVES // 3), SECONDS / 3)
        self.settle()

    def watched(self, task, fits=True):
        """Do it while the page is watched: (samples, ms from each event to a slider's last handler)."""
        self.page.evaluate("bench.start()")
        task()
        self.settle(fits=fits)
        samples, worked = self.page.evaluate("bench.stop()")
        samples = np.array(samples, dtype=float)
        samples[:, 3] = self.scale(samples[:, 3])
        return samples, worked

    def keys(self):
        """Key presses far apart: ms from each to the changed picture and to the slider's last handler,
        kernel ms and bytes a press."""
        self.go(0)
        times, heard = sum(self.kernel.cpu_times()[:2]), self.bytes

        def press():
            for _ in range(KEYS):
                _, before = self.now()
                self.page.keyboard.press("ArrowRight")
                self.settle(APART, fits=False, before=before)

        samples, worked = self.watched(press, fits=False)
        spent = sum(self.kernel.cpu_times()[:2]) - times
        return latencies(samples), worked, 1e3 * spent / KEYS, (self.bytes - heard) / KEYS

    def drag(self, shares, seconds):
        """Press at the left end, and drag through shares of the track; no move waits for the page."""
        left, right, y = self.ends()
        places = [("mouseMoved", 0), ("mousePressed", 0), *(("mouseMoved", share) for share in shares)]
        start, pause = time.perf_counter(), seconds / len(shares)
        for k, (kind, share) in enumerate([*places, ("mouseReleased", shares[-1])]):
            where = {"type": kind, "x": left + share * (right - left), "y": y, "clickCount": 1}
            where |= {"button": "left", "buttons": 1} if k else {}
            command = {"id": k, "method": "Input.dispatchMouseEvent", "params": where}
            time.sleep(max(0.0, start + (k - 2) * pause - time.perf_counter()))
            self.wire.send(json.dumps(command))
        while json.loads(self.wire.recv()).get("id") != k:
            pass

    def memory(self):
        """MB of the page, after its garbage was collected, and of the kernel."""
        self.tools.send("HeapProfiler.collectGarbage")
        return [process.memory_info().rss / 1e6 for process in (self.renderer, self.kernel)]


def below(process, word):
    """The processes started by one whose command holds a word."""
    import psutil

    found = set()
    for child in process.children(recursive=True):
        try:
            found |= {child} if any(word in part for part in child.cmdline()) else set()
        except psutil.Error:  # it has just ended
            pass
    return found


def there_and_back(moves):
    """Shares of the track: from the left end to the right and back."""
    return 1 - abs(np.linspace(-1, 1, moves + 1)[1:])


def latencies(samples):
    """From each key to the first frame with another picture, in ms."""
    now, event, _, shown = samples.T
    found = []
    for at in np.flatnonzero(np.diff(event)) + 1:
        later = np.flatnonzero(shown[at:] != shown[at - 1]) + at
        found += [now[later[0]] - event[at]] if len(later) else []
    return found


def drag_numbers(samples):
    """(pictures a second, ms behind the finger, ms until settled, number of pictures, of values)."""
    now, event, finger, shown = samples.T
    moved, changed = (np.flatnonzero(np.diff(column)) + 1 for column in (finger, shown))
    times, values = event[moved], finger[moved]
    behind, waiting = [], 0
    for j in changed:  # a picture answers its value, and all before it that still wait
        fits = np.flatnonzero((abs(values - shown[j]) < NEAR) & (times <= now[j]))
        if len(fits) and fits[-1] >= waiting:
            behind += list(now[j] - times[waiting : fits[-1] + 1])
            waiting = fits[-1] + 1
    wrong = np.flatnonzero(abs(shown - finger) >= NEAR)
    settled = max(np.searchsorted(now, event[-1]), wrong[-1] + 1 if len(wrong) else 0)
    settle = now[min(settled, len(now) - 1)] - event[-1]
    pictures = 1e3 * (now[changed] <= event[-1]).sum() / (event[-1] - times[0])
    return pictures, float(np.median(behind)), settle, len(changed), len(moved)


def caught_up(samples):
    """ms from the first value to the first frame from which on every picture is that of its value."""
    now, event, finger, shown = samples.T
    wrong = np.flatnonzero(abs(shown - finger) >= NEAR)
    begun = event[np.flatnonzero(np.diff(finger))[0] + 1]
    return max(0.0, now[min(wrong[-1] + 1, len(now) - 1)] - begun) if len(wrong) else 0.0
