import { resolve } from "node:path";
import { isObject, type Json, type JsonObject, stringAt } from "../../../../packages/sandbox/src/provider/json";

/** What differs from run to run by itself, in messages and values. */
const varyingText: [RegExp, string][] = [
  [new RegExp(resolve(__dirname, "../../../.."), "g"), "<root>"],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, "<time>"],
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<uid>"],
  [/pulumi-kubernetes-[0-9a-f]{8}\b/g, "pulumi-kubernetes-<random>"],
  [/\bthing-[0-9a-z]{6,10}-[0-9a-z]{5}\b/g, "thing-<pod>"],
  [/\bthing-[0-9a-f]{8}\b/g, "thing-<random>"],
  [/\bthing-[0-9a-z]{5}\b/g, "thing-<pod>"],
  [/\b10\.\d+\.\d+\.\d+\b/g, "<address>"],
  [/127\.0\.0\.1:\d+/g, "127.0.0.1:<port>"],
  [/, foregroundDeletion\)/g, ")"],
  [/^(ZXlK|LS0t)[A-Za-z0-9+/]{100,}=*$/, "<token or certificate>"],
];

const varyingKeys: Record<string, string> = { uid: "<uid>", resourceVersion: "<version>", nodePort: "<port>" };

/** Goes by itself, sooner or later. */
const passingFinalizer = "foregroundDeletion";

/** Set by a controller at some time after the provider's change. */
const lateAnnotation = "deployment.kubernetes.io/revision";

/** Says the same about the same in every run: no times, uids, versions, random names and addresses. */
export function normalizeAnswer(value: Json): Json {
  if (typeof value === "string")
    return varyingText.reduce((text, [pattern, name]) => text.replace(pattern, name), value);
  if (Array.isArray(value)) return value.map(normalizeAnswer);
  return isObject(value) ? normalizeObject(value) : value;
}

function normalizeObject(object: JsonObject): JsonObject {
  const entries = Object.entries(object).flatMap(([key, value]): [string, Json][] => {
    // Controllers write it while the provider looks; that of a Helm release is the provider's own.
    if (key === "status" && isObject(value) && !Object.hasOwn(value, "revision")) return [];
    if (key === "finalizers" && Array.isArray(value)) return [[key, value.filter((each) => each !== passingFinalizer)]];
    if (key === "managedFields" && Array.isArray(value)) return [[key, pulumiManagers(value)]];
    const varying = varyingKeys[key];
    if (varying !== undefined && !isObject(value)) return [[key, varying]];
    if (key === "annotations" && isObject(value)) {
      const { [lateAnnotation]: _late, ...rest } = value;
      return Object.keys(rest).length === 0 && _late !== undefined ? [] : [[key, normalizeAnswer(rest)]];
    }
    return [[key, normalizeAnswer(value)]];
  });
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Who owns fields, of Pulumi's managers; others write at any time. */
function pulumiManagers(entries: Json[]): Json {
  const managers = entries.map((entry) => `${stringAt(entry, "manager")} ${stringAt(entry, "operation")}`);
  return normalizeAnswer(managers.filter((manager) => manager.startsWith("pulumi")).sort());
}
