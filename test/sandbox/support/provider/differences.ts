import { equalJson, isObject, type Json } from "../../../../packages/sandbox/src/provider/json";
import type { Recorded } from "./scenario";

/** A place where two providers answered differently. */
export interface Difference {
  /** `scenario #number call path` */
  place: string;
  official: Json | undefined;
  standIn: Json | undefined;
}

export function differencesOf(scenario: string, official: Recorded[], standIn: Recorded[]): Difference[] {
  const length = Math.max(official.length, standIn.length);
  return Array.from({ length }, (_, i) => {
    const [first, second] = [official[i], standIn[i]];
    const call =
      first?.call === second?.call ? (first?.call ?? "") : `${first?.call ?? "nothing"} / ${second?.call ?? "nothing"}`;
    return differingPaths(`${scenario} #${i + 1} ${call}`, first?.answer, second?.answer);
  }).flat();
}

function differingPaths(place: string, official: Json | undefined, standIn: Json | undefined): Difference[] {
  if (equalJson(official, standIn)) return [];
  if (isObject(official) && isObject(standIn)) {
    const keys = [...new Set([...Object.keys(official), ...Object.keys(standIn)])].sort();
    return keys.flatMap((key) => differingPaths(`${place} ${key}`, official[key], standIn[key]));
  }
  if (Array.isArray(official) && Array.isArray(standIn)) {
    const length = Math.max(official.length, standIn.length);
    return Array.from({ length }, (_, i) => differingPaths(`${place} ${i}`, official[i], standIn[i])).flat();
  }
  return [{ place, official, standIn }];
}
