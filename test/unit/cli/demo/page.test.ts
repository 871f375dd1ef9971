import { describe, expect, it } from "vitest";
import { embeddedJson, html } from "../../../../packages/cli/src/demo/html";
import { demoPage } from "../../../../packages/cli/src/demo/page";
import { demoCharts, percentile, scalingDecisions, tableRows } from "../../../../packages/cli/src/demo/page-charts";
import { partsInUse } from "../../../../packages/sandbox/src/parts/parts-in-use";
import { exampleRun } from "../../../fixtures/demo/example-run";

const run = exampleRun();
const page = demoPage(run);
const text = (of: string) =>
  of
    .replace(/<(style|script)[\s\S]*?<\/\1>/g, "")
    .replace(/<[^>]+>/g, " ")
    .replace(/\s+/g, " ");
const count = (pattern: RegExp) => page.match(pattern)?.length ?? 0;

describe("demoPage", () => {
  it("is one file: nothing in it is fetched", () => {
    expect(page).not.toMatch(/\ssrc=|@import|url\(|<link rel="(?!icon)/);
    expect(page).toContain('<link rel="icon" href="data:,">');
    expect(count(/https?:\/\//g)).toBe(count(/https:\/\/github\.com\/leeoniya\/uPlot/g));
  });

  it("has no element that data could end or begin", () => {
    expect(count(/<script/g)).toBe(3);
    expect(count(/<\/script>/g)).toBe(3);
    expect(page).toContain(
      "&lt;no series&gt; &amp; &quot;quotes&quot; &lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;",
    );
  });

  it("has a figure with a text, an axis with a unit and a table of data for each chart", () => {
    expect(count(/<figure>/g)).toBe(4);
    for (const chart of demoCharts(run)) {
      expect(page).toContain(
        `id="${chart.id}" role="img" aria-label="${chart.title}" aria-describedby="${chart.id}-text"`,
      );
      expect(page).toContain(`<p class="note" id="${chart.id}-text">`);
    }
    expect(count(/<table class="data">/g)).toBe(4);
    const rows = tableRows(run.timeline);
    expect(rows.slice(-2)).toEqual([195, 196]);
    expect(count(/<tr><th scope="row">/g)).toBe(4 * rows.length);
  });

  it("sums up what was seen", () => {
    expect(text(page)).toContain("Peak replicas 6 ready at once, of at most 7");
    expect(text(page)).toContain("Back at 1 replica 63 s after the peak ended");
    expect(text(page)).toContain("Requests 365 318 ok 47 late 0 failed 0 incomplete");
    expect(text(page)).toContain("SLO attainment 85 % of the 10 s windows had p50 ≤ 75 ms");
  });

  it("says what KServe did, where it made the Deployment", () => {
    const sentence = "KServe&#39;s controller made the Deployment of the InferenceService";
    expect(text(page)).toContain(sentence);
    const own = demoPage({ ...run, model: { ...run.model, backend: "deployment" } });
    expect(text(own)).not.toContain(sentence);
  });

  it("prints what was declared and every line the compiler explains", () => {
    expect(text(page)).toContain("Start-up image 2 + weights 6 + compile 2 = 10 s");
    expect(text(page)).toContain("Drain 15 s for the longest generation");
    expect(run.model.explanation.length).toBeGreaterThan(10);
    for (const { because } of run.model.explanation) {
      expect(page).toContain(html`<td data-label="Because">${because}</td>`.text);
    }
  });

  it("lists the events with their reasons, the autoscaler's decisions numbered as in the chart", () => {
    const decisions = scalingDecisions(run.events);
    expect(decisions).toHaveLength(6);
    expect(demoCharts(run)[1]?.marks).toEqual(decisions.map(({ t }, i) => ({ t, label: `${i + 1}` })));
    for (let i = 1; i <= 6; i += 1) expect(page).toContain(`<b class="number">${i}</b> SuccessfulRescale`);
    expect(text(page)).toContain("FailedGetExternalMetric ×2");
    expect(text(page)).toContain(`All ${run.events.length} events of the namespace`);
  });

  it("names every part with its kind and version, and how it differs", () => {
    for (const [heading, kind, parts] of [
      ["Real", "real", 11],
      ["Stand-ins", "stand-in", 7],
      ["Simulated", "simulated", 3],
    ] as const) {
      const [, group = ""] = page.split(`<h3>${heading} <small>${parts} · `);
      const [list] = group.split("</dl>");
      const ofKind = run.sandbox.inventory.filter((part) => part.kind === kind);
      expect(ofKind).toHaveLength(parts);
      for (const { name, version = "the sandbox's own" } of ofKind) {
        expect(list).toContain(html`<div><dt>${name}</dt><dd>${version}</dd></div>`.text);
        expect(page).toContain(
          `<td data-label="Kind">${kind}</td><td data-label="Version">${html`${version}`.text}</td>`,
        );
      }
    }
    expect(text(page)).toContain("How each of the 21 parts differs from a cluster, and why");
    expect(page).toContain("own <code>PULUMI_HOME</code> and file backend inside the sandbox&#39;s folder");
  });

  it("names the provider and the language host that were used", () => {
    const inventory = partsInUse({ provider: "official", officialLanguageHost: "3.261.0", replaced: [] });
    const official = text(demoPage({ ...run, sandbox: { ...run.sandbox, provider: "official", inventory } }));
    expect(text(page)).toContain("Pulumi&#39;s Kubernetes provider stand-in for SDK 4.34.2 used where");
    expect(text(page)).toContain("Pulumi&#39;s Node.js language host stand-in for SDK 3.259.0 used where");
    expect(official).toContain("Pulumi&#39;s Kubernetes provider real 4.34.2 used where");
    expect(official).toContain("Pulumi&#39;s Node.js language host real 3.261.0 used where");
  });

  it("can be made of a run in which nothing was seen", () => {
    const empty = { ...run, timeline: [], events: [], phases: [], sloAttainment: null };
    expect(text(demoPage(empty))).toContain("Back at 1 replica – not reached");
  });
});

describe("demoCharts", () => {
  it("draws pending on top of ready, and shows its own number", () => {
    const [ready, pending] = demoCharts(run)[1]?.series ?? [];
    expect(ready?.values[25]).toBe(1);
    expect(pending?.values[25]).toBe(1);
    expect(pending?.drawnAt?.[25]).toBe(2);
    expect(pending?.stackedOn).toBe(0);
  });

  it("has a value for every second in every series", () => {
    for (const { series } of demoCharts(run)) {
      for (const { values } of series) expect(values).toHaveLength(run.timeline.length);
    }
  });

  it("draws the SLO as a line at its bound", () => {
    const slo = demoCharts(run)[2]?.series.find(({ label }) => label === "SLO");
    expect(new Set(slo?.values)).toEqual(new Set([75]));
  });
});

it("html escapes what is put in, and not what is HTML", () => {
  const item = html`<li>${"a < b & 'c' \"d\""}</li>`;
  expect(html`<ul>${[item, item]}${1}</ul>`.text).toBe(
    `<ul>${"<li>a &lt; b &amp; &#39;c&#39; &quot;d&quot;</li>".repeat(2)}1</ul>`,
  );
});

it("embeddedJson leaves no tag, and gives the same value back", () => {
  const value = { note: "</script><script>alert(1)</script><!--" };
  const { text: element } = embeddedJson("x", value);
  expect(element.match(/</g)).toHaveLength(2);
  expect(JSON.parse(element.slice(element.indexOf(">") + 1, element.lastIndexOf("<")))).toEqual(value);
});

it.each([
  [0.5, "p50"],
  [0.999, "p99.9"],
])("percentile of %d is %s", (quantile, name) => expect(percentile(quantile)).toBe(name));
