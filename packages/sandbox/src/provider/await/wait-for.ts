import { messageOf } from "../../message-of";
import { type Json, type JsonObject, numberAt, objectsAt, stringAt } from "../json";
import { parseJsonPath } from "./json-path";
import { type Readiness, ready, waiting } from "./readiness";

const annotation = "pulumi.com/waitFor";

type Check = (live: JsonObject) => Readiness;

/**
 * What the annotation `pulumi.com/waitFor` asks for: `condition=Ready`, `condition=Ready=False`, `jsonpath={.a.b}=value`,
 * `jsonpath={.a.b}`, or a JSON array of these, which must all hold. What a controller said about an earlier generation
 * of the object does not count. Undefined without the annotation.
 * @throws Error for another form.
 */
export function parseWaitFor(object: JsonObject): Check | undefined {
  const text = stringAt(object, "metadata", "annotations", annotation);
  if (text === "") return undefined;
  const expressions = expressionsIn(text);
  if (expressions.length === 0) throw new Error("at least one condition must be specified");
  const checks = expressions.map(parseExpression);
  return (live) => checks.map((check) => check(live)).find((result) => result.state !== "ready") ?? ready;
}

/** A JSON array of strings, or else one expression. */
function expressionsIn(text: string): string[] {
  try {
    const value: Json = JSON.parse(text);
    if (value === null) return [];
    if (Array.isArray(value)) {
      const strings = value.filter((each) => typeof each === "string");
      if (strings.length === value.length) return strings;
    }
  } catch {
    // One expression, as below.
  }
  return [text];
}

function parseExpression(expression: string): Check {
  if (expression.startsWith("condition=")) return conditionCheck(expression.slice("condition=".length));
  if (expression.startsWith("jsonpath=")) return jsonPathCheck(expression);
  throw new Error(`expected a "jsonpath=" or "condition=" prefix, got ${JSON.stringify(expression)}`);
}

/** As `kubectl wait --for=condition=`: names and values are the same in capitals and small letters. */
function conditionCheck(expression: string): Check {
  const equals = expression.indexOf("=");
  const type = equals < 0 ? expression : expression.slice(0, equals);
  const wanted = equals < 0 ? "True" : expression.slice(equals + 1);
  return (live) => {
    const conditions = objectsAt(live, "status", "conditions");
    if (conditions.length === 0) return waiting("Has no .status.conditions");
    const found = conditions.find((each) => equalFold(stringAt(each, "type"), type));
    if (found === undefined) return waiting(`Waiting for condition ${type}=${wanted}`);
    const stale = staleGeneration(live, numberAt(found, "observedGeneration"));
    if (stale !== undefined) return waiting(stale);
    const status = stringAt(found, "status");
    if (equalFold(status, wanted)) return ready;
    return waiting(`Resource has condition ${type}=${status} (want ${wanted})`);
  };
}

function jsonPathCheck(text: string): Check {
  const expression = parseJsonPath(text);
  const shown = expression.value === undefined ? expression.path : `${expression.path}=${expression.value}`;
  return (live) => {
    const stale = staleGeneration(live, undefined);
    if (stale !== undefined) return waiting(stale);
    try {
      const { matched, found } = expression.match(live);
      if (matched) return ready;
      return waiting(
        found === undefined ? `${expression.path} selected nothing` : `Waiting for ${shown} (found "${found}")`,
      );
    } catch (error) {
      const reason = messageOf(error);
      return { state: "waiting", status: reason, reasons: [], problem: reason };
    }
  };
}

/** Says so when a status is of an earlier generation than the object. */
function staleGeneration(live: JsonObject, ofCondition: number | undefined): string | undefined {
  const generation = numberAt(live, "metadata", "generation");
  const observed = ofCondition ?? numberAt(live, "status", "observedGeneration");
  if (generation === undefined || observed === undefined || observed >= generation) return undefined;
  return `Generation ${observed} is less than expected ${generation}`;
}

function equalFold(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
