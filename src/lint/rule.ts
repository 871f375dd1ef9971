import type { Version } from "../policy/version";
import type { Report, Severity } from "./finding";
import type { ObjectSet } from "./object-set";
import type { LintedObject } from "./source/linted-object";

/** What a rule knows beside the object. */
export interface LintContext {
  /** All objects that are linted together. */
  objects: ObjectSet;
  versions: LintVersions;
  /** How often Prometheus scrapes the pods. */
  scrapeIntervalSeconds: number;
  /** From the decision to add a replica until it answers. */
  startupSeconds: number;
  /** Nobody has said how long a start takes. */
  isStartupAssumed: boolean;
}

/** Releases that the objects meet. What is right differs between them. */
export interface LintVersions {
  vllm: Version;
  keda: Version;
  kubernetes: Version;
  kserve: Version;
}

/** One thing that goes wrong, where to see it, and all that is written about it. Its page in the docs is made of this. */
export interface Rule {
  /** Never changes: configuration and suppression comments name it. */
  id: string;
  /** A sentence without a full stop, as the heading of its page. */
  title: string;
  severity: Severity;
  /** Kinds of objects it reads, by `kind`. */
  kinds: readonly string[];
  /**
   * Judges only objects that serve models, or belong to what does. Without it the rule is about any object of its kinds: a web shop's
   * too.
   */
  modelsOnly?: true;
  /** What happens, for a reader who has not seen an object yet. */
  happens: string;
  /** Why it happens. */
  why: string;
  /** Upstream files, issues and pages that say so. */
  sources: readonly string[];
  /** What to write instead. */
  fix: string;
  /** An object, or several, that the rule speaks about, and the same ones mended. They are its tests. */
  bad: string;
  good: string;
  /** Releases that the examples are for, where the newest do not do it. */
  examplesFor?: Partial<LintVersions>;
  check(object: LintedObject, context: LintContext): Iterable<Report>;
}
