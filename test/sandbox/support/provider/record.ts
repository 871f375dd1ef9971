import type { KubeConfig } from "@kubernetes/client-node";
import type { Json, JsonObject } from "../../../../packages/sandbox/src/provider/json";
import { normalizeAnswer } from "./normalize";
import { ProviderFailure, type ProviderPlugin } from "./plugin";
import { namespaceOf, type Recorded, type Scenario, type Step } from "./scenario";

/** What the engine keeps of a resource between runs. */
interface Kept {
  id: string;
  inputs: JsonObject;
  state: JsonObject;
  /** The last operation left it unready, so the next `up` updates it, changed or not. */
  unfinished?: boolean;
}

/** Plays a scenario as Pulumi's engine would, and writes down every answer in a form that is the same in every run. */
export async function recordScenario(
  scenario: Scenario,
  plugin: ProviderPlugin,
  cluster: KubeConfig,
): Promise<Recorded[]> {
  const run = new Run(scenario, plugin, cluster);
  for (const step of scenario.steps) await run.play(step);
  const said = plugin.logs.filter((line) => line.urn === run.urn && line.severity !== "info");
  run.note("messages", [...new Set(said.map(({ severity, message }) => `${severity}: ${message}`))].sort());
  return run.recorded;
}

class Run {
  readonly urn: string;
  readonly recorded: Recorded[] = [];
  private kept: Kept | undefined;

  constructor(
    private readonly scenario: Scenario,
    private readonly plugin: ProviderPlugin,
    private readonly cluster: KubeConfig,
  ) {
    this.urn = `urn:pulumi:test::${scenario.name}::kubernetes:${scenario.type}::thing`;
  }

  async play(step: Step): Promise<void> {
    switch (step.do) {
      case "compare":
      case "preview":
      case "up":
        return this.change(step);
      case "refresh":
        return this.refresh();
      case "import":
        return this.take(step.id);
      case "destroy":
        return this.destroy(step.timeoutSeconds ?? 0);
      case "outside": {
        const seen = await step.act(this.cluster, namespaceOf(this.scenario));
        if (seen !== undefined) this.note(step.what, seen);
      }
    }
  }

  note(call: string, answer: Json): void {
    this.recorded.push({ call, answer: normalizeAnswer(answer) });
  }

  private async change(step: Extract<Step, { do: "compare" | "preview" | "up" }>): Promise<void> {
    const news = await this.check(step.program, this.kept?.inputs ?? {});
    if (news === undefined) return;
    if (this.kept === undefined) return this.make(news, step);

    const { id, state, unfinished } = this.kept;
    const ignored = step.ignoreChanges ?? [];
    const diff = await this.answered("diff", () => this.plugin.diff(this.urn, id, state, news, ignored));
    if (diff === undefined || !(diff.changes || unfinished) || step.do === "compare") return;
    if (diff.replaces.length > 0) return this.replace(step, diff.deleteBeforeReplace);
    await this.answered("update preview", () =>
      this.plugin.update(this.urn, id, state, news, { ...step, preview: true }),
    );
    if (step.do === "preview") return;
    const updated = await this.alongside(step, () =>
      this.attempt("update", news, () => this.plugin.update(this.urn, id, state, news, step)),
    );
    if (updated !== undefined) this.kept = { id, inputs: news, state: updated };
  }

  private async make(news: JsonObject, step: Extract<Step, { do: "compare" | "preview" | "up" }>): Promise<void> {
    const timeout = step.timeoutSeconds ?? 0;
    await this.answered("create preview", () => this.plugin.create(this.urn, news, timeout, true));
    if (step.do !== "up") return;
    const created = await this.alongside(step, () =>
      this.attempt("create", news, () => this.plugin.create(this.urn, news, timeout)),
    );
    if (created !== undefined) this.kept = { id: created.id, inputs: news, state: created.properties };
  }

  private async replace(
    step: Extract<Step, { do: "compare" | "preview" | "up" }>,
    deleteFirst: boolean,
  ): Promise<void> {
    const old = this.kept;
    if (old === undefined) return;
    if (deleteFirst) await this.destroy(step.timeoutSeconds ?? 0);
    this.kept = undefined;
    const news = await this.check(step.program, {});
    if (news !== undefined) await this.make(news, step);
    if (deleteFirst) return;
    const replacement = this.kept;
    this.kept = old;
    await this.destroy(step.timeoutSeconds ?? 0);
    this.kept = replacement;
  }

  private check(program: JsonObject, olds: JsonObject): Promise<JsonObject | undefined> {
    return this.answered("check", () => this.plugin.check(this.urn, olds, program));
  }

  private async refresh(): Promise<void> {
    const { kept } = this;
    if (kept === undefined) return;
    const read = await this.attempt("read", kept.inputs, () =>
      this.plugin.read(this.urn, kept.id, kept.state, kept.inputs),
    );
    if (read !== undefined) {
      this.kept = read.id === "" ? undefined : { id: read.id, inputs: read.inputs, state: read.properties };
    }
  }

  private async take(id: string): Promise<void> {
    const read = await this.answered("read", () => this.plugin.read(this.urn, id, {}, {}));
    if (read !== undefined && read.id !== "") this.kept = { id, inputs: read.inputs, state: read.properties };
  }

  private async destroy(timeoutSeconds: number): Promise<void> {
    const { kept } = this;
    if (kept === undefined) return;
    const done = await this.attempt("delete", kept.inputs, async () => {
      await this.plugin.delete(this.urn, kept.id, kept.state, timeoutSeconds);
      return { deleted: true };
    });
    if (done !== undefined) this.kept = undefined;
  }

  /** Runs an operation while something happens in the cluster. */
  private async alongside<T>(
    step: Extract<Step, { do: "compare" | "preview" | "up" }>,
    work: () => Promise<T>,
  ): Promise<T> {
    if (step.do !== "up" || step.meanwhile === undefined) return work();
    const [result] = await Promise.all([work(), step.meanwhile(this.cluster, namespaceOf(this.scenario))]);
    return result;
  }

  /** An operation whose failure may leave an object behind, which the engine then knows. */
  private attempt<T extends object>(call: string, news: JsonObject, work: () => Promise<T>): Promise<T | undefined> {
    return this.answered(call, work, (failure) => {
      if (failure.initialization === undefined) return;
      const { id, state, inputs } = failure.initialization;
      this.kept = { id, state, inputs: Object.keys(inputs).length > 0 ? inputs : news, unfinished: true };
    });
  }

  private async answered<T extends object>(
    call: string,
    work: () => Promise<T>,
    onFailure: (failure: ProviderFailure) => void = () => undefined,
  ): Promise<T | undefined> {
    try {
      const answer = await work();
      this.note(call, JSON.parse(JSON.stringify(answer)));
      return answer;
    } catch (error) {
      if (!(error instanceof ProviderFailure)) throw error;
      const { message, initialization } = error;
      this.note(call, JSON.parse(JSON.stringify({ failed: message, ...initialization })));
      onFailure(error);
      return undefined;
    }
  }
}
