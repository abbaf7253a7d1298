"use strict";
(() => {
  const DARK = "(prefers-color-scheme: dark)";
  const touch = matchMedia("(hover: none)");
  const plots = [...document.querySelectorAll(".plot")];
  const themes = JSON.parse(document.getElementById("themes").textContent);
  const drawn = new Map();
  const highlighted = new Set();
  const PRINT_WIDTH = 680;
  const NARROW = 480;

  const theme = () => themes[matchMedia(DARK).matches ? "dark" : "light"];

  async function load() {
    const packed = atob(document.getElementById("plotly").textContent.trim());
    const bytes = new Uint8Array(packed.length);
    for (let at = 0; at < packed.length; at += 1) bytes[at] = packed.charCodeAt(at);
    const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const script = document.createElement("script");
    script.textContent = await new Response(unpacked).text();
    document.head.append(script);
  }

  function draw(plot, layout = { template: theme() }) {
    if (!drawn.has(plot)) {
      const source = document.getElementById(`figure-${plot.dataset.figure}`).textContent;
      const figure = JSON.parse(source);
      Object.assign(figure.layout, layout);
      if (touch.matches) figure.layout.dragmode = false;
      if (plot.clientWidth < NARROW) narrow(figure.layout);
      const options = { responsive: true, displayModeBar: false };
      drawn.set(
        plot,
        Plotly.newPlot(plot, figure.data, figure.layout, options).then(() => {
          plot.dataset.drawn = "";
          const buttons = plot.parentElement.querySelector(".buttons");
          if (buttons) buttons.hidden = false;
          highlight(plot);
        }),
      );
    }
    return drawn.get(plot);
  }

  // A phone has no room for colour bars, and sees a scene from farther away.
  function narrow(layout) {
    layout.font = { size: 11 };
    if (layout.coloraxis) layout.coloraxis.showscale = false;
    if (!layout.scene) return;
    const { eye } = layout.scene.camera;
    for (const axis of Object.keys(eye)) eye[axis] *= 1.35;
  }

  function highlight(plot) {
    if (plot.closest("[data-own-key]") || !plot.data) return;
    const traces = plot.data.map((trace, index) => [index, trace.meta?.segment]);
    const own = traces.filter(([, segment]) => segment !== undefined);
    if (!own.length) return;
    const opacity = own.map(([, s]) => (!highlighted.size || highlighted.has(s) ? 1 : 0.08));
    Plotly.restyle(plot, { opacity }, own.map(([index]) => index));
  }

  function press(button) {
    const segment = Number(button.dataset.segment);
    const on = !highlighted.delete(segment);
    if (on) highlighted.add(segment);
    button.setAttribute("aria-pressed", String(on));
    for (const plot of drawn.keys()) highlight(plot);
  }

  function turn(button) {
    const plot = button.closest(".chart").querySelector(".plot");
    const eye = { ...plot.layout.scene.camera.eye };
    const angle = { left: Math.PI / 6, right: -Math.PI / 6 }[button.dataset.turn];
    if (angle) {
      const { x, y } = eye;
      eye.x = x * Math.cos(angle) - y * Math.sin(angle);
      eye.y = x * Math.sin(angle) + y * Math.cos(angle);
    } else {
      const above = button.dataset.turn === "up";
      Object.assign(eye, above ? { x: 0.01, y: 0.01, z: 2.2 } : { x: 1.6, y: 1.6, z: 0.2 });
    }
    Plotly.relayout(plot, { "scene.camera.eye": eye });
  }

  // Near ones first; the others while nobody waits, so that printing finds them ready.
  function watch() {
    const near = new IntersectionObserver(
      (entries) => entries.filter((e) => e.isIntersecting).forEach((e) => draw(e.target)),
      { rootMargin: "500px 0px" },
    );
    plots.forEach((plot) => near.observe(plot));
    const waiting = plots.filter((plot) => !("heavy" in plot.dataset));
    const idle = window.requestIdleCallback ?? ((task) => setTimeout(task, 200));
    const next = async () => {
      const plot = waiting.find((one) => !drawn.has(one));
      if (!plot) return;
      await draw(plot);
      idle(next);
    };
    idle(next);
  }

  // The section in the upper part of the screen is marked in the contents.
  function markCurrent() {
    const links = [...document.querySelectorAll("nav a")];
    const mark = (id) =>
      links.forEach((link) => {
        if (link.hash === `#${id}`) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
      });
    const seen = new IntersectionObserver(
      (entries) => entries.filter((e) => e.isIntersecting).forEach((e) => mark(e.target.id)),
      { rootMargin: "-15% 0px -75% 0px" },
    );
    document.querySelectorAll("main > section").forEach((section) => seen.observe(section));
    const menu = document.querySelector("details.narrow");
    menu.addEventListener("click", (event) => {
      if (event.target.closest("a")) menu.open = false;
    });
  }

  const closed = new Set();
  function beforePrint() {
    for (const details of document.querySelectorAll("details:not([open])")) {
      closed.add(details);
      details.open = true;
    }
    if (!window.Plotly) return;
    for (const plot of plots) {
      // Flows glide to a new width, so they are drawn anew.
      if (plot.data?.some((trace) => trace.type === "sankey")) {
        Plotly.purge(plot);
        drawn.delete(plot);
      }
      draw(plot, { template: themes.light, width: PRINT_WIDTH });
      Plotly.relayout(plot, { template: themes.light, width: PRINT_WIDTH });
      plot._fullLayout.scene?._scene.glplot.redraw();
    }
  }

  function afterPrint() {
    for (const details of closed) details.open = false;
    closed.clear();
    for (const plot of drawn.keys()) {
      Plotly.relayout(plot, { template: theme(), width: null, autosize: true });
    }
  }

  function explain() {
    document.body.classList.add("broken");
    for (const plot of plots) {
      plot.removeAttribute("role");
      plot.textContent = "This browser cannot draw the figure; the table below has its content.";
    }
  }

  async function copy(button) {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = "Copied";
  }

  document.querySelectorAll("[data-copy]").forEach((button) => {
    button.addEventListener("click", () => copy(button));
  });
  document.querySelectorAll("[data-segment]").forEach((button) => {
    button.addEventListener("click", () => press(button));
  });
  document.querySelectorAll("[data-turn]").forEach((button) => {
    button.addEventListener("click", () => turn(button));
  });
  markCurrent();
  addEventListener("beforeprint", beforePrint);
  addEventListener("afterprint", afterPrint);
  // Of a query that was asked in the meantime, Chromium does not tell that it has changed.
  matchMedia(DARK).addEventListener("change", () => {
    for (const plot of drawn.keys()) Plotly.relayout(plot, { template: theme() });
  });
  // The words are on the screen before the drawing code is unpacked.
  requestAnimationFrame(() => setTimeout(() => load().then(watch, explain)));
})();
