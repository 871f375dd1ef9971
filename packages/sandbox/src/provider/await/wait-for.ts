import { at, isObject, type Json, type JsonObject, ownValue, stringAt } from "../json";
import { condition } from "./pod-problems";
import { type Readiness, ready, waiting } from "./readiness";

const annotation = "pulumi.com/waitFor";

/**
 * What the annotation `pulumi.com/waitFor` asks for: `condition=Ready`, `condition=Ready=False`, `jsonpath={.a.b}=value`,
 * `jsonpath={.a.b}`, or a JSON array of these, which must all hold. Undefined without the annotation.
 * @throws Error for another form.
 */
export function parseWaitFor(object: JsonObject): ((object: JsonObject) => Readiness) | undefined {
  const text = stringAt(object, "metadata", "annotations", annotation);
  if (text === "") return undefined;
  const expressions = expressionsIn(text);
  if (expressions.length === 0) throw new Error("at least one condition must be specified");
  const checks = expressions.map(parseExpression);
  return (live) => checks.map((check) => check(live)).find((result) => result.state !== "ready") ?? ready;
}

function expressionsIn(text: string): string[] {
  if (!text.trimStart().startsWith("[")) return [text];
  try {
    const value: Json = JSON.parse(text);
    if (Array.isArray(value)) return value.map(String);
  } catch {
    // One expression, as below.
  }
  return [text];
}

function parseExpression(expression: string): (live: JsonObject) => Readiness {
  if (expression.startsWith("condition=")) return conditionCheck(expression.slice("condition=".length));
  if (expression.startsWith("jsonpath=")) return jsonPathCheck(expression);
  throw new Error(`expected a "jsonpath=" or "condition=" prefix, got "${expression}"`);
}

function conditionCheck(expression: string): (live: JsonObject) => Readiness {
  const equals = expression.indexOf("=");
  const type = equals < 0 ? expression : expression.slice(0, equals);
  const status = equals < 0 ? "True" : expression.slice(equals + 1);
  return (live) => {
    const found = condition(live, type);
    if (found?.status === status) return ready;
    const message =
      found === undefined ? "not reported yet" : `${stringAt(found, "status")}: ${stringAt(found, "message")}`;
    const line = `Waiting for condition ${type}=${status} (${message})`;
    return waiting(line, [line]);
  };
}

function jsonPathCheck(expression: string): (live: JsonObject) => Readiness {
  const match = /^jsonpath='?\{(.*)\}'?(?:=(.*))?$/s.exec(expression);
  const path = match?.[1] === undefined ? undefined : parseJsonPath(match[1]);
  if (match === null || path === undefined)
    throw new Error(`"${expression}" is not of the form jsonpath={.path}=value`);
  const wanted = match[2]?.replace(/^(['"])(.*)\1$/s, "$2");
  return (live) => {
    const found = valuesAt([live], path);
    const holds =
      wanted === undefined ? found.length > 0 : found.length === 1 && found.every((value) => text(value) === wanted);
    const line = `Waiting for ${expression}`;
    return holds ? ready : waiting(line, [line]);
  };
}

type Step = string | number | { key: string; equals: string };

/** The subset in use for readiness: keys, quoted keys, indexes, `[*]` and `[?(@.key=="value")]`. */
function parseJsonPath(text: string): Step[] | undefined {
  const steps: Step[] = [];
  const step = /\.([^.[\]]+)|\[(\d+|\*)\]|\['([^']*)'\]|\[\?\(@\.([\w-]+)\s*==\s*["']([^"']*)["']\)\]/y;
  while (step.lastIndex < text.length) {
    const match = step.exec(text);
    if (match === null) return undefined;
    const [, key, index, quoted, filterKey, filterValue] = match;
    if (filterKey !== undefined) steps.push({ key: filterKey, equals: filterValue ?? "" });
    else if (index !== undefined) steps.push(index === "*" ? "*" : Number(index));
    else steps.push(key ?? quoted ?? "");
  }
  return steps;
}

function valuesAt(values: Json[], path: Step[]): Json[] {
  const [step, ...rest] = path;
  if (step === undefined) return values;
  return valuesAt(
    values.flatMap((value) => valuesOf(value, step)),
    rest,
  );
}

function valuesOf(value: Json, step: Step): Json[] {
  if (typeof step === "object") {
    const elements = Array.isArray(value) ? value : [];
    return elements.filter((each) => isObject(each) && ownValue(each, step.key) === step.equals);
  }
  if (step === "*") return Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [];
  const found = at(value, step);
  return found === undefined ? [] : [found];
}

function text(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
