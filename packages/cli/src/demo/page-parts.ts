import type { SandboxPart } from "@vllm-serving/sandbox";
import { ServingBackend } from "vllm-serving/manifests";
import type { DemoRun } from "./demo-run";
import { type Html, html } from "./html";

const kinds: { kind: SandboxPart["kind"]; title: string; note: string }[] = [
  { kind: "real", title: "Real", note: "upstream's programs, in these versions" },
  { kind: "stand-in", title: "Stand-ins", note: "programs of the sandbox's own that do the same work" },
  { kind: "simulated", title: "Simulated", note: "it only looks like it from outside" },
];

/** Every part of the sandbox with its kind and version, and folded up how each differs from a cluster. */
export function partsSection({ sandbox: { inventory }, model }: DemoRun): Html {
  const kserve =
    model.backend === ServingBackend.KServe
      ? " KServe's controller made the Deployment of the InferenceService, and its webhooks checked it."
      : "";
  return html`<section aria-labelledby="parts">
<h2 id="parts">What ran</h2>
<p>This package's program, the control plane, the autoscaling and every request were real. The ${model.gpuProduct} nodes, the start of their pods and vLLM itself were simulated; it answered with the latencies of the capacity profile instead of a GPU's.${kserve}</p>
${kinds.map(({ kind, title, note }) => {
  const parts = inventory.filter((part) => part.kind === kind);
  return html`<h3>${title} <small>${parts.length} · ${note}</small></h3>
<dl class="versions">${parts.map((part) => html`<div><dt>${part.name}</dt><dd>${version(part)}</dd></div>`)}</dl>`;
})}
<details><summary>How each of the ${inventory.length} parts differs from a cluster, and why</summary>${differences(inventory)}</details>
</section>`;
}

function differences(inventory: SandboxPart[]): Html {
  const row = (part: SandboxPart): Html =>
    html`<tr><td data-label="Part">${part.name}${part.includes === undefined ? "" : html`<br><small>${part.includes}</small>`}</td><td data-label="Kind">${part.kind}</td><td data-label="Version">${version(part)}</td><td data-label="Difference">${withCode(part.difference)}</td></tr>`;
  return html`<table class="rows parts"><thead><tr><th scope="col">Part</th><th scope="col">Kind</th><th scope="col">Version</th><th scope="col">How it differs from a cluster, and why</th></tr></thead>
<tbody>${inventory.map(row)}</tbody></table>`;
}

function version(part: SandboxPart): string {
  return part.version ?? "the sandbox's own";
}

/** Text whose backticks hold code. */
function withCode(text: string): Html {
  const pieces = text.split("`").map((piece, i) => (i % 2 === 0 ? html`${piece}` : html`<code>${piece}</code>`));
  return html`${pieces}`;
}
