// Draws the charts of the demo's page with uPlot, in the colours of the page's style, and again when those change.
(() => {
  const { seconds, phases, charts } = JSON.parse(document.getElementById("chart-data").textContent);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const font = (size) => `${size}px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif`;
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const first = Math.min(0, ...seconds);
  const last = Math.max(1, ...seconds);
  let drawn = [];

  function drawAll() {
    for (const plot of drawn) plot.destroy();
    drawn = charts.map((chart) => {
      const place = document.getElementById(chart.id);
      place.replaceChildren();
      const data = [seconds, ...chart.series.map((series) => series.drawnAt ?? series.values)];
      return new uPlot(options(chart, place.clientWidth), data, place);
    });
  }

  function options(chart, width) {
    return {
      width,
      height: 220,
      padding: [16, 12, 0, 0],
      legend: { live: true, markers: { width: 0, fill: (_plot, i) => colour(chart.series[i - 1].colour) } },
      cursor: { sync: { key: "demo" }, points: { size: 7 }, drag: { x: false, y: false } },
      scales: {
        x: { time: false, range: [first, last] },
        y: { range: (_plot, low, high) => rangeOf(chart, low, high) },
      },
      axes: [axis({ label: "seconds since the load began", size: 26, space: 44 }), valueAxis(chart)],
      series: [
        { label: "\u00a0", value: (_plot, t) => (t == null ? "" : `${t.toFixed(0)} s`) },
        ...chart.series.map(line),
      ],
      bands: chart.series.flatMap((series, i) =>
        series.stackedOn === undefined
          ? []
          : [{ series: [i + 1, series.stackedOn + 1], fill: colour(`${series.colour}-soft`) }],
      ),
      hooks: { drawClear: [drawPhases], draw: [(plot) => drawMarks(plot, chart.marks)] },
    };
  }

  function axis(more) {
    return {
      stroke: colour("muted"),
      font: font(11),
      labelFont: font(11),
      labelSize: 18,
      labelGap: 0,
      gap: 4,
      grid: { stroke: colour("grid"), width: 1 },
      ticks: { stroke: colour("rule"), width: 1, size: 4 },
      ...more,
    };
  }

  function valueAxis(chart) {
    const whole = chart.whole ? { incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500] } : {};
    return axis({ label: chart.axis, size: 38, space: 22, ...whole });
  }

  function rangeOf(chart, low, high) {
    const [least, most] = chart.range;
    return [Math.min(least, low ?? least), Math.max(most, (high ?? most) * 1.05)];
  }

  function line(series) {
    const steps = series.style.endsWith("step") ? { paths: uPlot.paths.stepped({ align: 1 }) } : {};
    return {
      label: series.label,
      stroke: colour(series.colour),
      width: series.colour === "muted-line" ? 1.25 : 1.75,
      ...(series.style.startsWith("filled") ? { fill: colour(`${series.colour}-soft`) } : {}),
      ...(series.style === "dashed" ? { dash: [6, 4] } : {}),
      ...steps,
      points: { show: false },
      value: (_plot, _drawnAt, _i, at) => (at == null ? "" : (series.values[at]?.toFixed(series.digits) ?? "–")),
    };
  }

  /** Every other phase of the load shaded, each with its name where that fits. */
  function drawPhases(plot) {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.font = font(11 * devicePixelRatio);
    ctx.textBaseline = "bottom";
    phases.forEach((phase, i) => {
      const from = Math.max(bbox.left, plot.valToPos(phase.startSeconds, "x", true));
      const to = Math.min(bbox.left + bbox.width, plot.valToPos(phase.endSeconds, "x", true));
      if (i % 2 === 1) {
        ctx.fillStyle = colour("band");
        ctx.fillRect(from, bbox.top, to - from, bbox.height);
      }
      ctx.fillStyle = colour("muted");
      if (ctx.measureText(phase.title).width + 6 * devicePixelRatio <= to - from) {
        ctx.fillText(phase.title, from, bbox.top - 3 * devicePixelRatio);
      }
    });
    ctx.restore();
  }

  function drawMarks(plot, marks) {
    const { ctx, bbox } = plot;
    const radius = 8 * devicePixelRatio;
    ctx.save();
    ctx.font = font(10 * devicePixelRatio);
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    for (const mark of marks) {
      const x = plot.valToPos(mark.t, "x", true);
      ctx.strokeStyle = colour("muted-line");
      ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top + 2 * radius);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      ctx.fillStyle = colour("ink");
      ctx.beginPath();
      ctx.arc(x, bbox.top + radius, radius, 0, 2 * Math.PI);
      ctx.fill();
      ctx.fillStyle = colour("card");
      ctx.fillText(mark.label, x, bbox.top + radius + devicePixelRatio / 2);
    }
    ctx.restore();
  }

  drawAll();
  dark.addEventListener("change", drawAll);
  new ResizeObserver(() => {
    for (const [i, plot] of drawn.entries()) {
      const width = document.getElementById(charts[i].id).clientWidth;
      if (width !== plot.width) plot.setSize({ width, height: plot.height });
    }
  }).observe(document.querySelector("main"));
})();
