import { expect, it } from "vitest";
import { lint, lintOptions, readYaml, rules } from "../../../src/lint";

const bad = (id: string) => rules.find((rule) => rule.id === id)?.bad ?? "";

function found(id: string, settings: Parameters<typeof lintOptions>[0]) {
  return lint([readYaml("bad.yaml", bad(id))], lintOptions(settings))
    .filter(({ rule }) => rule === id)
    .map(({ severity, message }) => [severity, message]);
}

it.each([
  [
    "liveness-without-startup-probe",
    "The container is killed 30 s after its start unless it answers, and a start takes ",
  ],
  ["startup-probe-too-short", "The startup probe gives up after 60 s, and a start takes "],
])("%s is an error where somebody said how long a start takes, otherwise a warning", (id, message) => {
  expect(found(id, {})).toEqual([["warning", `${message}120 s (assumed, see --startup).`]]);
  expect(found(id, { startupSeconds: 100 })).toEqual([["error", `${message}100 s.`]]);
  expect(found(id, { severities: { [id]: "error" } })).toEqual([
    ["error", `${message}120 s (assumed, see --startup).`],
  ]);
});
