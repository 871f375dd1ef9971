import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Explanation } from "vllm-serving/policy";
import { type Check, demoChecks } from "./checks";
import { LoadPhaseName } from "./demo-load";
import type { DemoEvent, DemoRun } from "./demo-run";
import { embeddedJson, Html, html } from "./html";
import { type Chart, type ChartSeries, demoCharts, percentile, scalingDecisions, tableRows } from "./page-charts";
import { partsSection } from "./page-parts";
import { peakReady, secondsToOneReplica, windowSeconds } from "./timeline";

/** Style and script of the page; the same place seen from `src` and from `dist`. */
const assets = join(__dirname, "../../assets/demo-page");

/** The demo as one self-contained HTML page: no request leaves it. */
export function demoPage(run: DemoRun): string {
  const charts = demoCharts(run);
  const chartData = {
    seconds: run.timeline.map((point) => point.t),
    phases: run.phases.filter((phase) => phase.load !== undefined),
    charts: charts.map(({ id, axis, series, range, whole, marks }) => ({ id, axis, series, range, whole, marks })),
  };
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${title(run)}</title>
<style>${asset(require.resolve("uplot/dist/uPlot.min.css"))}</style>
<style>${asset(join(assets, "style.css"))}</style>
</head>
<body>
<main>
${header(run)}
${strip(run)}
<section aria-labelledby="over-time">
<h2 id="over-time">Over time</h2>
<noscript><p class="note">The charts need JavaScript. Their data are in the tables under each of them.</p></noscript>
${charts.map((chart) => figure(chart, run))}
</section>
${policySection(run)}
${eventsSection(run)}
${phasesSection(run)}
${partsSection(run)}
</main>
${embeddedJson("chart-data", chartData)}
<script>${asset(require.resolve("uplot/dist/uPlot.iife.min.js"))}</script>
<script>${asset(join(assets, "charts.js"))}</script>
</body>
</html>
`.text;
}

function title(run: DemoRun): string {
  const { repository, gpuProduct } = run.model;
  return `${repository.replace(/^.*\//, "")} on ${gpuProduct}, scaled by its SLO`;
}

function header(run: DemoRun): Html {
  const checks = demoChecks(run);
  const { model } = run;
  return html`<header>
<p class="kicker">vllm-serving demo · ${run.startedAt.replace("T", " ").replace(/\.\d+Z$/, " UTC")}</p>
<h1>${title(run)}</h1>
<p class="lead">A real Kubernetes control plane with KEDA and Prometheus scaled <strong>1 → ${peakReady(run.timeline)} → ${run.timeline.at(-1)?.ready ?? 0}</strong>
simulated vLLM replicas on ${model.gpuProduct} nodes so that ${percentile(model.objective.quantile)} of the inter-token latency stays at most ${model.objective.atMostMs} ms.</p>
<ul class="checks">${checks.map(checkItem)}</ul>
</header>`;
}

function checkItem(check: Check): Html {
  return html`<li class="${check.passed ? "passed" : "missed"}"><span>${check.passed ? "Passed" : "Missed"}</span> ${check.title} <small>${check.found}</small></li>`;
}

function strip(run: DemoRun): Html {
  const { requests, model } = run;
  const sent = Object.values(requests).reduce((sum, n) => sum + n, 0);
  const toOne = secondsToOneReplica(run);
  const outcomes = Object.entries(requests).map(([outcome, n]) => ({ outcome, n }));
  return html`<section class="strip" aria-label="Summary">
${tile("Peak replicas", `${peakReady(run.timeline)}`, `ready at once, of at most ${model.maxReplicas}`)}
${tile("Back at 1 replica", toOne === null ? "–" : `${Math.round(toOne)} s`, toOne === null ? "not reached" : "after the peak ended")}
<div class="tile wide"><h3>Requests</h3><p class="figure">${sent}</p>
<div class="share" aria-hidden="true">${outcomes.filter(({ n }) => n > 0).map(({ outcome, n }) => html`<i class="${outcome}" style="flex-grow:${n}"></i>`)}</div>
<ul class="outcomes">${outcomes.map(({ outcome, n }) => html`<li class="${outcome}">${n} ${outcome}</li>`)}</ul></div>
${tile("SLO attainment", percent(run.sloAttainment), `of the ${windowSeconds} s windows had ${percentile(model.objective.quantile)} ≤ ${model.objective.atMostMs} ms`)}
${tile("ITL p50 at peak", milliseconds(peakLatency(run)), `objective ${model.objective.atMostMs} ms`)}
</section>`;
}

function tile(name: string, value: string, note: string): Html {
  return html`<div class="tile"><h3>${name}</h3><p class="figure">${value}</p><p class="note">${note}</p></div>`;
}

function peakLatency(run: DemoRun): number | null {
  return run.phases.find((phase) => phase.name === LoadPhaseName.Peak)?.load?.itlP50Ms ?? null;
}

function figure(chart: Chart, run: DemoRun): Html {
  return html`<figure>
<figcaption><h3>${chart.title}</h3><p class="note" id="${chart.id}-text">${chart.description}</p></figcaption>
<div class="chart" id="${chart.id}" role="img" aria-label="${chart.title}" aria-describedby="${chart.id}-text"></div>
<details><summary>Data of this chart</summary>
<div class="scroll" tabindex="0" role="region" aria-label="Data: ${chart.title}"><table class="data">
<thead><tr><th scope="col">Time (s)</th>${chart.series.map((series) => html`<th scope="col">${series.label} (${chart.axis})</th>`)}</tr></thead>
<tbody>${tableRows(run.timeline).map((i) => html`<tr><th scope="row">${run.timeline[i]?.t ?? ""}</th>${chart.series.map((series) => html`<td>${cell(series, i)}</td>`)}</tr>`)}</tbody>
</table></div></details>
</figure>`;
}

function cell(series: ChartSeries, i: number): string {
  return series.values[i]?.toFixed(series.digits) ?? "–";
}

function policySection({ model, load }: DemoRun): Html {
  const { imagePullSeconds, loadSeconds, compileSeconds } = model.startup;
  const declared: [string, string][] = [
    ["Objective", `ITL ${percentile(model.objective.quantile)} ≤ ${model.objective.atMostMs} ms`],
    ["Mean request", `${model.promptTokens} prompt and ${model.outputTokens} output tokens`],
    [
      "Start-up",
      `image ${imagePullSeconds} + weights ${loadSeconds} + compile ${compileSeconds} = ${imagePullSeconds + loadSeconds + compileSeconds}\u00a0s`,
    ],
    ["Drain", `${model.longestGenerationSeconds} s for the longest generation`],
    ["Replicas", `1 to ${model.maxReplicas}`],
    [
      "Load of the demo",
      `requests of ${load.promptTokens} and ${load.outputTokens} tokens last ${load.requestSeconds.toFixed(1)} s; ${load.inFlight} of them in flight, for ${load.replicas} replicas that carry ${model.targetConcurrency} each, are ${load.peakRequestsPerSecond.toFixed(1)} requests/s`,
    ],
  ];
  return html`<section aria-labelledby="policy">
<h2 id="policy">From the SLO to the policy</h2>
<p>Start-up and drain are declared short for this demo, in <code>Pulumi.sandbox.yaml</code>, so that scaling down is seen within minutes. The compiler derives everything below from what is declared; nothing is set by hand.</p>
<h3>Declared</h3>
<dl>${declared.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
<h3>Derived</h3>
${explanationTable(model.explanation.filter(({ path }) => /behavior|threshold/.test(path)))}
<details><summary>All ${model.explanation.length} fields with their reasons</summary>${explanationTable(model.explanation)}</details>
${model.warnings.map((warning) => html`<p class="warning">${warning}</p>`)}
</section>`;
}

function explanationTable(explanation: Explanation[]): Html {
  const row = ({ path, value, because }: Explanation): Html =>
    html`<tr><td data-label="Field"><code>${breakable(path)}</code></td><td data-label="Value"><code>${breakable(value)}</code></td><td data-label="Because">${because}</td></tr>`;
  return html`<table class="rows fields"><thead><tr><th scope="col">Field of the ScaledObject</th><th scope="col">Value</th><th scope="col">Because</th></tr></thead>
<tbody>${explanation.map(row)}</tbody></table>`;
}

function eventsSection({ events, model }: DemoRun): Html {
  const decisions = scalingDecisions(events);
  const isAboutScaling = (event: DemoEvent): boolean =>
    event.type === "Warning" || /^(HorizontalPodAutoscaler|ScaledObject)\//.test(event.object);
  const numbers = new Map(decisions.map((event, i) => [event, i + 1]));
  return html`<section aria-labelledby="events">
<h2 id="events">Events</h2>
<p>What the autoscaler did and why, in Kubernetes' own words. Times are seconds since the load began; the numbers are those in the chart of the replicas. KEDA names the triggers ${model.triggers.map((trigger, i) => `s${i}-prometheus (${trigger})`).join(" and ")}.</p>
${eventsTable(events.filter(isAboutScaling), numbers)}
<details><summary>All ${events.length} events of the namespace</summary>${eventsTable(events, numbers)}</details>
</section>`;
}

function eventsTable(events: DemoEvent[], numbers: Map<DemoEvent, number>): Html {
  const row = (event: DemoEvent): Html => {
    const number = numbers.get(event);
    return html`<tr class="${event.type.toLowerCase()}"><td data-label="Time" class="time">${event.t.toFixed(1)} s</td>
<td data-label="Reason">${number === undefined ? "" : html`<b class="number">${number}</b> `}${event.reason}${event.count > 1 ? ` ×${event.count}` : ""}</td>
<td data-label="Object">${breakable(event.object)}</td><td data-label="Message">${event.note}</td><td data-label="From">${breakable(event.reporter)}</td></tr>`;
  };
  return html`<table class="rows events"><thead><tr><th scope="col">Time</th><th scope="col">Reason</th><th scope="col">Object</th><th scope="col">Message</th><th scope="col">From</th></tr></thead>
<tbody>${events.map(row)}</tbody></table>`;
}

function phasesSection({ phases }: DemoRun): Html {
  return html`<section aria-labelledby="phases">
<h2 id="phases">Steps</h2>
<table class="rows steps"><thead><tr><th scope="col">Step</th><th scope="col">From</th><th scope="col">Took</th><th scope="col">Requests sent</th><th scope="col">ITL p50</th><th scope="col">SLO attainment</th></tr></thead>
<tbody>${phases.map(
    ({ title: name, startSeconds, endSeconds, load }) =>
      html`<tr><td data-label="Step">${name}</td><td data-label="From">${Math.round(startSeconds)} s</td><td data-label="Took">${Math.round(endSeconds - startSeconds)} s</td><td data-label="Requests sent">${load?.sent ?? "–"}</td><td data-label="ITL p50">${milliseconds(load?.itlP50Ms ?? null)}</td><td data-label="SLO attainment">${percent(load?.sloAttainment ?? null)}</td></tr>`,
  )}</tbody></table>
</section>`;
}

/** Lets a long name break after its dots, slashes and dashes. */
function breakable(text: string): Html {
  const pieces = text.split(/(?<=[./-])/);
  return new Html(pieces.map((piece) => html`${piece}`.text).join("<wbr>"));
}

function percent(share: number | null): string {
  return share === null ? "–" : `${Math.round(share * 100)} %`;
}

function milliseconds(value: number | null): string {
  return value === null ? "–" : `${value.toFixed(0)} ms`;
}

/** A file of ours or of the chart library, which may hold no end of the element it is put into. */
function asset(path: string): Html {
  return new Html(readFileSync(path, "utf8"));
}
