import { choice, mapping, number, text } from "./fields";

const taintEffects = {
  NoSchedule: "NoSchedule",
  PreferNoSchedule: "PreferNoSchedule",
  NoExecute: "NoExecute",
} as const;

/** A taint that pods tolerate. */
export const tolerationSchema = mapping({
  key: text("a taint's key").exactOptional().describe("Key of the taint. Default: all keys."),
  operator: choice({ Exists: "Exists", Equal: "Equal" }).exactOptional().describe("Default: `Equal`."),
  value: text("a taint's value").exactOptional().describe("Value of the taint, with `Equal`."),
  effect: choice(taintEffects).exactOptional().describe("Default: all effects."),
  tolerationSeconds: number("seconds").exactOptional().describe("With `NoExecute`: how long. Default: for ever."),
});
