"""Ways to draw under a slider, each a notebook of one cell: gdlab's, and what people would use instead.

All show the same run of gradient descent in three plots: the path on the contours, the value step by
step, and the last value for every learning rate. `WATCH` is the script that looks at the control and at
the picture, once a frame.
"""

from dataclasses import dataclass

GDLAB = """
from gdlab import explorers, landscapes
bowl = landscapes.Quadratic([1, 10], rotation=30)
explorers.LearningRate(bowl, start=[-2, 1.5], learning_rate=0.05)
"""

# The same three plots as one draws them with Matplotlib. The black bar along the bottom says which
# position is shown.
DRAW = """
import ipywidgets, numpy as np, matplotlib.pyplot as plt
from gdlab import GradientDescent, descend, landscapes
bowl, rates = landscapes.Quadratic([1, 10], rotation=30), np.geomspace(0.004, 0.4, 200)
slider = ipywidgets.IntSlider(100, 0, 199, layout={"width": "600px"})
def run(i):
    run = descend(bowl, [-2, 1.5], GradientDescent(rates[i]), 40)
    return run.thetas.T, run.values
x = np.linspace(-3, 3, 60)
X, Y = np.meshgrid(x, x)
Z = bowl(np.stack([X, Y], axis=-1))
last = descend(bowl, [-2, 1.5], GradientDescent(rates), 40).values[-1]
def draw(i):
    figure, (land, loss, ends) = plt.subplots(1, 3, figsize=(12, 4))
    figure.subplots_adjust(bottom=0.2, wspace=0.35)
    land.contour(X, Y, Z, 12)
    path, = land.plot(*run(i)[0], "o-")
    curve, = loss.semilogy(run(i)[1], ".-")
    ends.loglog(rates, last)
    here, = ends.plot(rates[i], last[i], "o")
    ends.set(xlabel="learning rate", ylabel="last value")
    land.set(xlim=(-3, 3), ylim=(-3, 3)), loss.set(ylim=(1e-9, 1e4), xlabel="step", ylabel="value")
    bars = [plt.Rectangle((0, 0), w, 0.03, color=c) for w, c in ((1, "0.9"), (i / 199, "black"))]
    for bar in bars:
        bar.set_transform(figure.transFigure), figure.add_artist(bar)
    return figure, path, curve, here, bars[1]
"""

ECHO = """
import ipywidgets
slider, label = ipywidgets.IntSlider(100, 0, 199, layout={"width": "600px"}), ipywidgets.Label("100")
label.add_class("echo")
slider.observe(lambda change: setattr(label, "value", str(change.new)), "value")
ipywidgets.VBox([slider, label])
"""

INTERACT = """
%matplotlib inline
def show(i):
    draw(i)
    plt.show()
ipywidgets.interact(show, i=slider);
"""

IPYMPL = """
%matplotlib widget
with plt.ioff():
    figure, path, curve, here, bar = draw(100)
def move(change):
    thetas, values = run(change.new)
    path.set_data(*thetas), curve.set_ydata(values), bar.set_width(change.new / 199)
    here.set_data([rates[change.new]], [last[change.new]])
    figure.canvas.draw_idle()
slider.observe(move, "value")
ipywidgets.VBox([slider, figure.canvas])
"""

PLOTLY = """
import plotly.graph_objects as go
from plotly.subplots import make_subplots
figure = go.FigureWidget(make_subplots(1, 3))
figure.add_trace(go.Contour(x=x, y=x, z=Z, contours_coloring="lines", showscale=False), 1, 1)
figure.add_trace(go.Scatter(mode="lines+markers"), 1, 1), figure.add_trace(go.Scatter(), 1, 2)
figure.add_trace(go.Scatter(x=rates, y=last), 1, 3), figure.add_trace(go.Scatter(mode="markers"), 1, 3)
figure.update_layout(width=1200, height=400, title="100"), figure.update_xaxes(type="log", col=3)
figure.update_yaxes(type="log", col=2), figure.update_yaxes(type="log", col=3)
def move(change):
    thetas, values = run(change.new)
    with figure.batch_update():
        figure.data[1].x, figure.data[1].y = thetas
        figure.data[2].y, figure.layout.title.text = values, str(change.new)
        figure.data[4].x, figure.data[4].y = [rates[change.new]], [last[change.new]]
slider.observe(move, "value"), move(type("", (), {"new": 100}))
ipywidgets.VBox([slider, figure])
"""

# How many pixels of the row `up` from the bottom of a picture are dark.
DARK = """const dark = (source, width, height, up) => {
    const canvas = new OffscreenCanvas(width, 1).getContext("2d", {willReadFrequently: true});
    canvas.drawImage(source, 0, up - height);
    return canvas.getImageData(0, 0, width, 1).data.filter((one, i) => i % 4 === 0 && one < 128).length;
};"""


@dataclass(frozen=True)
class Way:
    """A way to draw: its cell, what takes the keys, what is dragged along, and how both are read."""

    name: str
    cell: str
    shown: str  # what the picture shows: a number on any scale, the greater the further right
    package: str = "ipywidgets"
    control: str = ".noUi-handle"
    track: str = ".noUi-base"
    inset: float = 0.0  # pixels at either end of the track
    finger: str = "() => Number(document.querySelector('.noUi-handle').ariaValueNow)"


def drawn(mark):
    """JavaScript: where on the x axis the point of a mark stands."""
    return f"""() => {{
        const path = document.querySelectorAll(".gdlab-mark")[{mark}]?.querySelector("path");
        return parseFloat(path?.getAttribute("d")?.slice(1)); }}"""


TRACK = ".gdlab-track[data-name=learning_rate]"
MAIN = Way(
    "main slider", GDLAB, drawn(6), "gdlab", TRACK, TRACK, 8.0,
    f"() => document.querySelector('{TRACK}').valueAsNumber",
)  # fmt: skip
ASKED = Way(
    "start, dragged", GDLAB, drawn(1), "gdlab", ".gdlab-handle", ".gdlab-handle", 40.0,
    "() => bench.x",
)  # fmt: skip
STEPS = ".gdlab-track[data-name=steps]"
COLD = Way(
    "steps", GDLAB, drawn(4), "gdlab", STEPS, STEPS, 8.0,
    f"() => document.querySelector('{STEPS}').valueAsNumber",
)  # fmt: skip
FLOOR = Way("a label's echo", ECHO, "() => Number(document.querySelector('.echo')?.textContent || NaN)")
USUAL = Way(
    "`interact`, a new figure",
    DRAW + INTERACT,
    f"""(() => {{ {DARK} let src = "", last = NaN; return () => {{
        const image = document.querySelector(".widget-output img");
        if (image?.complete && image.naturalWidth && image.src !== src) {{
            src = image.src;
            last = dark(image, image.naturalWidth, image.naturalHeight, 11);
        }}
        return last; }}; }})()""",
)
CANVAS = Way(
    "ipympl, artists moved",
    DRAW + IPYMPL,
    f"""(() => {{ {DARK} return () => {{
        const canvas = document.querySelector(".jupyter-matplotlib-canvas-container canvas");
        return canvas?.width ? dark(canvas, canvas.width, canvas.height, 4) : NaN; }}; }})()""",
    "ipympl",
)
FIGURE = Way(
    "plotly FigureWidget",
    DRAW + PLOTLY,
    "() => Number(document.querySelector('.gtitle')?.textContent || NaN)",
    "plotly",
)
OTHERS = (FLOOR, USUAL, CANVAS, FIGURE)

# After every frame in which something may have changed: [now, when the last event was, the control, the
# picture]. A look at every frame would hold the page to the screen's clock, and each key would wait for
# its tick: half a frame, in the picture of no reader.
WATCH = """([finger, shown]) => {
    const bench = window.bench = {samples: [], worked: [], event: 0, x: 0, on: false};
    const {port1, port2} = new MessageChannel();
    let sample, waiting = false;
    port1.onmessage = () => bench.samples.push([performance.now(), ...sample]);
    const next = requestAnimationFrame.bind(window);
    function frame() {
        sample = [bench.event, finger(), shown()];
        port2.postMessage(null);
    }
    function look() {
        if (bench.on && !waiting) next(() => { waiting = false; frame(); });
        waiting ||= bench.on;
    }
    // What is drawn inside a frame is shown by that frame, and not by the next.
    window.requestAnimationFrame = (task) => next((now) => { task(now); if (bench.on) frame(); });
    for (const kind of ["keydown", "pointerdown", "pointermove"])
        addEventListener(kind, (event) => {
            bench.event = event.timeStamp;
            if (kind !== "keydown") bench.x = event.clientX;
            look();
        }, true);
    addEventListener("input", () => bench.worked.push(performance.now() - bench.event));
    addEventListener("load", look, true);
    const everything = {subtree: true, childList: true, attributes: true, characterData: true};
    new MutationObserver(look).observe(document, everything);
    const canvas = CanvasRenderingContext2D.prototype, draw = canvas.drawImage;
    canvas.drawImage = function (...image) { look(); return draw.apply(this, image); };
    bench.start = () => { bench.samples = []; bench.worked = []; bench.on = true; look(); };
    bench.stop = () => { bench.on = false; return [bench.samples, bench.worked]; };
    bench.now = () => [finger(), shown()];
}"""
