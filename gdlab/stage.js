// The stage in the browser: a still background, one SVG element a mark, native sliders.
//
// A table holds the marks for every position of one slider while the others stand still. A move is a
// look into it. Only what no table knows (a typed value, a dragged point) is asked of the kernel: one
// question at a time, the newest last. When the kernel has drawn another background, the stage begins anew.

const SVG = "http://www.w3.org/2000/svg";
const THUMB = 16; // pixels: a range input's thumb stops half its width before either end

function element(name, attributes = {}, parent = null, namespace = null) {
  const node = namespace ? document.createElementNS(namespace, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (parent) parent.append(node);
  return node;
}

const svg = (name, attributes, parent) => element(name, attributes, parent, SVG);

// Three significant digits or a whole number, without an exponent where a plain number is short.
function short(value) {
  const text = Math.abs(value) < 1000 ? Number(value.toPrecision(3)) : Math.round(value);
  return Math.abs(text) >= 1e5 || (text !== 0 && Math.abs(text) < 1e-4) ? value.toExponential(2) : String(text);
}

function nearest(values, value) {
  let low = 0, high = values.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (values[middle] <= value) low = middle; else high = middle;
  }
  return value - values[low] <= values[high] - value ? low : high;
}

const same = (a, b) => Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));

// --- marks ---------------------------------------------------------------------------------------

// Ids must differ between all stages of a page, and each stage may load this script for itself.
const family = `gdlab-${Math.random().toString(36).slice(2, 10)}`;
let serial = 0;
const newId = () => `${family}-${serial++}`;

function drawMark(mark, overlay) {
  const id = newId();
  const group = svg("g", { opacity: mark.opacity, "pointer-events": "none", class: "gdlab-mark" }, overlay);
  if (mark.clip) {
    const [x, y, width, height] = mark.clip;
    svg("rect", { x, y, width, height }, svg("clipPath", { id: `${id}-clip` }, group));
    group.setAttribute("clip-path", `url(#${id}-clip)`);
  }
  if (mark.kind === "text") {
    const { x, y, anchor, size, color } = mark;
    const text = svg("text", { x, y, "text-anchor": anchor, "font-size": size, fill: color }, group);
    return { text };
  }
  if (mark.kind === "image") {
    const [x, y, width, height] = mark.box;
    return { image: svg("image", { x, y, width, height, preserveAspectRatio: "none", class: "gdlab-image" }, group) };
  }
  const common = { fill: "none", "stroke-linejoin": "round", "stroke-linecap": mark.dashes.length ? "butt" : "round" };
  const paths = [];
  if (mark.halo) paths.push(svg("path", { ...common, stroke: mark.halo[1], "stroke-width": mark.halo[0] }, group));
  const line = svg("path", { ...common, stroke: mark.width ? mark.color : "none", "stroke-width": mark.width }, group);
  if (mark.dashes.length) line.setAttribute("stroke-dasharray", mark.dashes.join(" "));
  paths.push(line);
  if (mark.marker) {
    const { shape, fill, edge, edge_width } = mark.marker;
    const symbol = svg("marker", { id, markerUnits: "userSpaceOnUse", overflow: "visible" }, group);
    svg("path", { d: shape, fill, stroke: edge, "stroke-width": edge_width }, symbol);
    for (const end of ["start", "mid", "end"]) line.setAttribute(`marker-${end}`, `url(#${id})`);
  }
  return { paths };
}

function outline(numbers, from, count) {
  let d = "", pen = "M";
  for (let i = from; i < from + 2 * count; i += 2) {
    const x = numbers[i], y = numbers[i + 1];
    if (Number.isNaN(x) || Number.isNaN(y)) { pen = "M"; continue; }
    d += `${pen}${x.toFixed(2)} ${y.toFixed(2)}`;
    pen = "L";
  }
  return d;
}

// A table as it arrives: counts[i] = [points of mark i, 1 if they differ from frame to frame]; behind the
// numbers the images, images[i] = [bytes of each].
function unpack(content, buffer) {
  const bytes = buffer.buffer ? buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength) : buffer;
  const frames = content.sentences.length, offsets = [];
  let at = 0;
  for (const [points, moves] of content.counts) {
    offsets.push(at);
    at += 2 * points * (moves ? frames : 1);
  }
  const pictures = {}, numbers = new Float32Array(bytes, 0, at);
  at *= 4;
  for (const [i, sizes] of Object.entries(content.images)) {
    pictures[i] = sizes.map((size) => {
      at += size;
      return new Blob([new Uint8Array(bytes, at - size, size)], { type: "image/png" });
    });
  }
  return { ...content, offsets, numbers, pictures };
}

// Decoded before it is shown, so that nothing flickers; a picture that comes late is not shown any more.
async function showImage(node, blob) {
  if (node.blob === blob) return;
  node.blob = blob;
  const url = URL.createObjectURL(blob), decoded = new Image();
  decoded.src = url;
  await decoded.decode().catch(() => {});
  if (node.blob !== blob) { URL.revokeObjectURL(url); return; }
  const old = node.getAttribute("href");
  node.setAttribute("href", url);
  if (old) URL.revokeObjectURL(old);
}

function drawFrame(table, index, drawn) {
  drawn.forEach((mark, i) => {
    if (mark.text) { mark.text.textContent = table.texts[i][index]; return; }
    if (mark.image) { showImage(mark.image, table.pictures[i].at(table.pictures[i].length === 1 ? 0 : index)); return; }
    const [points, moves] = table.counts[i];
    const d = outline(table.numbers, table.offsets[i] + (moves ? 2 * points * index : 0), points);
    for (const path of mark.paths) path.setAttribute("d", d);
  });
}

// --- the stage -----------------------------------------------------------------------------------

function build(model, el) {
  const picture = model.get("picture");
  const sliders = new Map(picture.sliders.map((slider) => [slider.name, slider]));
  const settings = {};
  for (const name of sliders.keys()) settings[name] = model.get(name);
  const tables = new Map();
  const inputs = new Map();

  const root = element("figure", { class: "gdlab-stage", style: `max-width: ${picture.width + 16}px` }, el);
  const frame = element("div", { class: "gdlab-picture" }, root);
  const image = element("img", { alt: "", width: picture.width, height: picture.height, draggable: "false" }, frame);
  image.src = URL.createObjectURL(new Blob([model.get("background")], { type: "image/png" }));
  image.onload = () => URL.revokeObjectURL(image.src);
  const overlay = svg("svg", { viewBox: `0 0 ${picture.width} ${picture.height}` }, frame);
  const drawn = picture.marks.map((mark) => drawMark(mark, overlay));
  const controls = element("div", {}, root);
  const sentence = element("p", { class: "gdlab-sentence", "aria-live": "polite" }, root);
  const error = element("p", { class: "gdlab-error", role: "alert", hidden: "" }, root);

  function say(text) {
    sentence.textContent = text;
    image.alt = text;
  }

  // --- which picture, and from where -----------------------------------------------------------

  const fits = (table) =>
    [...sliders.keys()].every((name) => name === table.slider || same(table.at[name], settings[name]));

  function show() {
    for (const table of tables.values()) {
      if (!fits(table)) continue;
      const values = sliders.get(table.slider).values;
      const index = nearest(values, settings[table.slider]);
      if (!same(values[index], settings[table.slider])) continue;
      drawFrame(table, index, drawn);
      say(table.sentences[index]);
      return true;
    }
    return false;
  }

  function drawOne(table) {
    drawFrame(table, 0, drawn);
    say(table.sentences[0]);
  }

  let asked = false, next = null;
  function ask(question) {
    if (asked) { next = question; return; }
    asked = true;
    root.setAttribute("aria-busy", "true");
    model.send({ ...question, settings: { ...settings } });
  }

  function prepare(name) {
    const table = tables.get(name);
    if (sliders.get(name).ahead && !(table && fits(table))) ask({ kind: "table", slider: name });
  }

  function answer(content, buffers) {
    asked = false;
    root.removeAttribute("aria-busy");
    error.hidden = !content.error;
    if (content.error) error.textContent = content.error;
    else {
      const table = unpack(content, buffers[0]);
      if (table.slider) tables.set(table.slider, table);
      // A frame may be late: where a table knows the present settings, it is the one to believe.
      if (!show() && !table.slider) drawOne(table);
    }
    const question = next;
    next = null;
    if (question?.kind === "zoom") ask(question);
    else if (question?.kind === "table") prepare(question.slider);
    else if (question && !show()) ask(question);
  }

  // --- settings: to the kernel at most eight times a second, the last one always ------------------

  let timer = null;
  const save = () => { timer = null; model.save_changes(); };

  function set(changes, byTable) {
    for (let [name, value] of Object.entries(changes)) {
      if (picture.snap) value = sliders.get(name).values[nearest(sliders.get(name).values, value)];
      settings[name] = value;
      model.set(name, value);
      inputs.get(name).update();
    }
    timer ??= setTimeout(save, 125);
    if (!show()) ask(byTable && sliders.get(byTable).ahead ? { kind: "table", slider: byTable } : { kind: "frame" });
  }

  // --- sliders ------------------------------------------------------------------------------------

  let more = null;
  function drawSlider(slider) {
    const { name, label, values, options, along } = slider, id = newId();
    if (slider.folded && !more) {
      more = element("details", {}, controls);
      element("summary", {}, more).textContent = "more controls";
    }
    const box = element("div", { class: "gdlab-slider" }, slider.folded ? more : controls);
    const row = element("div", { class: "gdlab-name" }, box);
    element("label", { for: id }, row).textContent = label;
    if (options) {
      const menu = element("select", { id, "data-name": name, "data-lm-suppress-shortcuts": "true" }, row);
      options.forEach((option, i) => { element("option", { value: i }, menu).textContent = option; });
      menu.addEventListener("change", () => set({ [name]: menu.selectedIndex }, name));
      for (const event of ["pointerenter", "focus"]) menu.addEventListener(event, () => prepare(name));
      inputs.set(name, { update() { menu.selectedIndex = Math.round(settings[name]); } });
      inputs.get(name).update();
      return;
    }
    const exact = element("input", { type: "number", step: "any", min: values[0], max: values.at(-1),
      "aria-label": `${label}, exact value`, "data-lm-suppress-shortcuts": "true" }, row);
    const track = element("input", { type: "range", class: "gdlab-track", id, "data-name": name, min: 0, max: values.length - 1, step: 1,
      "data-lm-suppress-shortcuts": "true" }, box);
    const [left, width] = along ?? [0, 1];
    track.style.marginLeft = `calc(${100 * left}% - ${along ? THUMB / 2 : 0}px)`;
    track.style.width = `calc(${100 * width}% + ${along ? THUMB : 0}px)`;
    row.style.marginLeft = `${100 * left}%`;

    const dust = 1e-6 * (values.at(-1) - values[0]); // what a drag across zero leaves of it
    const text = () => short(values[0] < 0 && Math.abs(settings[name]) < dust ? 0 : settings[name]);
    function update() {
      track.value = nearest(values, settings[name]);
      track.setAttribute("aria-valuetext", text());
      if (document.activeElement !== exact) exact.value = text();
    }
    track.addEventListener("input", () => set({ [name]: values[track.valueAsNumber] }, name));
    for (const event of ["pointerenter", "focus"]) track.addEventListener(event, () => prepare(name));
    function commit() {
      const value = exact.valueAsNumber;
      const typed = Number.isFinite(value) && exact.value !== text();
      if (typed) set({ [name]: Math.min(Math.max(value, values[0]), values.at(-1)) });
      exact.value = text();
    }
    exact.addEventListener("change", commit);
    exact.addEventListener("keydown", (event) => { if (event.key === "Enter") commit(); }); // JupyterLab takes Enter for itself
    inputs.set(name, { update });
    if (slider.play) drawPlay(row, slider);
    update();
  }

  const still = window.matchMedia?.("(prefers-reduced-motion: reduce)").matches;
  const playing = new Set(); // so that a closed view stops
  function drawPlay(row, { name, label, values }) {
    const button = element("button", { type: "button" }, row);
    const step = element("button", { type: "button", "aria-label": `one step of ${label}` }, row);
    step.textContent = "step";
    const speed = element("select", { "aria-label": `speed of ${label}`, "data-lm-suppress-shortcuts": "true" }, row);
    for (const times of [0.25, 0.5, 1, 2, 4]) element("option", { value: times }, speed).textContent = `${times} ×`;
    speed.value = 1;
    const caption = (on) => {
      button.textContent = on ? "pause" : "play";
      button.setAttribute("aria-label", `${on ? "pause" : "play"} ${label}`);
    };
    let started = null, from = 0;
    const perSecond = () => speed.value * (still ? 4 : values.length / 4); // the whole way in four seconds
    const restart = () => { from = nearest(values, settings[name]); started = null; };
    function tick(now) {
      if (!playing.has(name)) return caption(false);
      started ??= now;
      const index = Math.min(values.length - 1, from + Math.floor((now - started) * perSecond() / 1000));
      if (!same(settings[name], values[index])) set({ [name]: values[index] }, name);
      if (index === values.length - 1) playing.delete(name);
      requestAnimationFrame(tick);
    }
    button.addEventListener("click", () => {
      if (playing.delete(name)) return;
      playing.add(name);
      prepare(name);
      restart();
      if (from === values.length - 1) from = 0;
      caption(true);
      requestAnimationFrame(tick);
    });
    speed.addEventListener("change", restart);
    step.addEventListener("click", () => {
      playing.delete(name);
      set({ [name]: values[(nearest(values, settings[name]) + 1) % values.length] }, name);
    });
    caption(false);
  }

  // --- handles: a point of the picture under the pointer --------------------------------------------

  function drawHandle({ names, label, box: [x, y, width, height], spans, zoom }) {
    const area = svg("rect", { x, y, width, height, class: "gdlab-handle", tabindex: 0, role: "group",
      "aria-label": `${label}: click, ${zoom ? "drag a rectangle to zoom" : "drag"}, or use the arrow keys`, "data-lm-suppress-shortcuts": "true" }, overlay);
    const clamp = (name, value) => {
      const values = sliders.get(name).values;
      return Math.min(Math.max(value, values[0]), values.at(-1));
    };
    // A share of the way along an axis (0 to 1) and the value there; on a logarithmic axis in powers.
    const value = ({ low, high, log }, share) => log ? low * (high / low) ** share : low + share * (high - low);
    const share = ({ low, high, log }, at) => log ? Math.log(at / low) / Math.log(high / low) : (at - low) / (high - low);
    function move(shares) {
      const changes = {};
      names.forEach((name, i) => { if (name) changes[name] = clamp(name, value(spans[i], shares[i])); });
      set(changes);
    }
    function sharesOf(event) {
      const place = overlay.getBoundingClientRect(), scale = picture.width / place.width;
      const across = ((event.clientX - place.left) * scale - x) / width;
      return [across, 1 - ((event.clientY - place.top) * scale - y) / height];
    }
    area.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      area.focus({ preventScroll: true });
      area.setPointerCapture(event.pointerId);
      if (zoom) drawZoom(event); else move(sharesOf(event));
    });
    area.addEventListener("pointermove", (event) => {
      if (area.hasPointerCapture(event.pointerId) && !zoom) move(sharesOf(event));
    });

    // A rectangle from where the pointer went down; smaller than a few pixels it is a click.
    const look = (corners) => ask({ kind: "zoom",
      window: corners && spans.map((span, i) => corners.map((corner) => value(span, corner[i])).sort((a, b) => a - b)) });
    function drawZoom(down) {
      const from = sharesOf(down), frame = svg("rect", { class: "gdlab-zoom" }, overlay);
      const inside = (shares) => shares.map((share) => Math.min(Math.max(share, 0), 1));
      let to = from;
      function stretch(event) {
        to = inside(sharesOf(event));
        const [left, low] = [0, 1].map((i) => Math.min(from[i], to[i]));
        const [wide, tall] = [0, 1].map((i) => Math.abs(from[i] - to[i]));
        const place = { x: x + left * width, y: y + (1 - low - tall) * height, width: wide * width, height: tall * height };
        for (const [key, size] of Object.entries(place)) frame.setAttribute(key, size);
      }
      function drop() {
        area.removeEventListener("pointermove", stretch);
        frame.remove();
        const drawn = Math.abs(to[0] - from[0]) * width > 5 && Math.abs(to[1] - from[1]) * height > 5;
        if (drawn) look([from, to]); else move(from);
      }
      area.addEventListener("pointermove", stretch);
      area.addEventListener("lostpointercapture", drop, { once: true });
    }
    if (zoom) {
      const row = element("div", { class: "gdlab-name" }, controls);
      const button = (text, act) => {
        const node = element("button", { type: "button", "aria-label": `${text}: ${label}` }, row);
        node.textContent = text;
        node.addEventListener("click", act);
      };
      const here = () => names.map((name, i) => share(spans[i], settings[name]));
      button("zoom in on the point", () => look([-0.25, 0.25].map((arm) => here().map((at) => at + arm))));
      button("whole view", () => look(null));
    }
    area.addEventListener("keydown", (event) => {
      const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] }[event.key] ?? [0, 0];
      if (!dx && !dy) return;
      event.preventDefault();
      move(names.map((name, i) => name && share(spans[i], settings[name]) + [dx, dy][i] / 50));
    });
  }

  // --- set it up --------------------------------------------------------------------------------------

  picture.sliders.forEach(drawSlider);
  picture.handles.forEach(drawHandle);
  sentence.hidden = sliders.size === 0;
  say(picture.sentence);
  const first = model.get("table");
  if (first?.slider) tables.set(first.slider, unpack(first, first.numbers));
  const start = model.get("frame");
  if (start?.at && fits(unpack(start, start.numbers)) && !show()) drawOne(unpack(start, start.numbers));
  else if (sliders.size && !show()) ask({ kind: "frame" });

  const rest = () => { root.inert = Boolean(model.get("disabled")); };
  rest();
  const listeners = [["msg:custom", answer], ["change:disabled", rest]];
  for (const name of sliders.keys()) {
    listeners.push([`change:${name}`, () => {
      const value = model.get(name);
      if (same(value, settings[name])) return;
      settings[name] = value;
      inputs.get(name).update();
      if (!show()) ask({ kind: "frame" });
    }]);
  }
  for (const [event, listener] of listeners) model.on(event, listener);
  return () => {
    playing.clear();
    for (const [event, listener] of listeners) model.off(event, listener);
    if (timer) { clearTimeout(timer); save(); }
  };
}

function render({ model, el }) {
  let clear = build(model, el);
  function rebuild() {
    const name = el.contains(document.activeElement) && document.activeElement.getAttribute("aria-label");
    const open = el.querySelector("details")?.open;
    clear();
    el.replaceChildren();
    clear = build(model, el);
    if (open) el.querySelector("details").open = true;
    if (name) el.querySelector(`[aria-label="${CSS.escape(name)}"]`)?.focus({ preventScroll: true });
  }
  model.on("change:picture", rebuild);
  return () => { model.off("change:picture", rebuild); clear(); };
}

export default { render };
