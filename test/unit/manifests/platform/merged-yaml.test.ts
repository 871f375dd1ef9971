import { describe, expect, test } from "vitest";
import { hasSettings, mergeYaml, unmergeYaml } from "../../../../src/manifests/platform/merged-yaml";

const enable = [{ path: ["enableUserWorkload"], value: true }];
const retention = (value: string) => [{ path: ["prometheus", "retention"], value }];
const theirs =
  "# Agreed with storage.\nprometheusK8s:\n  retention: 15d # days\n  volumeClaimTemplate: {spec: {a: 1}}\n";

describe("merging", () => {
  test("an empty text", () => {
    expect(mergeYaml("", enable)).toEqual({
      text: "enableUserWorkload: true\n",
      former: [{ path: ["enableUserWorkload"] }],
    });
  });

  test("keeps everything else, comments included", () => {
    expect(mergeYaml(theirs, enable).text).toMatch(/^# Agreed with storage\.\n[\s\S]*15d # days\n/);
    expect(mergeYaml(theirs, enable).text).toContain("enableUserWorkload: true\n");
  });

  test("remembers the value of before, and takes a setting that is there already as it is", () => {
    const text = "enableUserWorkload: false\n";
    expect(mergeYaml(text, enable)).toEqual({
      text: "enableUserWorkload: true\n",
      former: [{ path: ["enableUserWorkload"], value: false }],
    });
    const same = "enableUserWorkload: true   # by hand\n";
    expect(mergeYaml(same, enable).former).toEqual([{ path: ["enableUserWorkload"], value: true }]);
  });

  test("a change remembers what was there before the first of them", () => {
    const first = mergeYaml("prometheus:\n  retention: 24h\n", retention("7d"));
    const second = mergeYaml(first.text, retention("14d"), first.former, retention("7d"));
    expect(second.text).toBe("prometheus:\n  retention: 14d\n");
    expect(second.former).toEqual([{ path: ["prometheus", "retention"], value: "24h" }]);
  });

  test("a setting that is not wanted any more is put back", () => {
    const first = mergeYaml("prometheus:\n  retention: 24h\n", [...enable, ...retention("7d")]);
    const second = mergeYaml(first.text, enable, first.former, [...enable, ...retention("7d")]);
    expect(second.text).toBe("prometheus:\n  retention: 24h\nenableUserWorkload: true\n");
  });

  test("a text that is no mapping is not repaired", () => {
    expect(() => mergeYaml("- a\n", enable)).toThrow("the text is no YAML mapping");
    expect(() => mergeYaml("a: [\n", enable)).toThrow("the text is no YAML mapping");
  });
});

describe("taking back", () => {
  test("leaves what others have, also what they wrote since", () => {
    const { text, former } = mergeYaml("a: 1\n", [...enable, ...retention("7d")]);
    expect(unmergeYaml(`${text}b: 2\n`, [...enable, ...retention("7d")], former)).toBe("a: 1\nb: 2\n");
  });

  test("puts the value of before back", () => {
    const { text, former } = mergeYaml("enableUserWorkload: false\n", enable);
    expect(unmergeYaml(text, enable, former)).toBe("enableUserWorkload: false\n");
  });

  test("leaves a setting that somebody changed since, and mappings that others use", () => {
    const { former } = mergeYaml("", [...enable, ...retention("7d")]);
    const now = "enableUserWorkload: false\nprometheus:\n  retention: 7d\n  logLevel: warn\n";
    expect(unmergeYaml(now, [...enable, ...retention("7d")], former)).toBe(
      "enableUserWorkload: false\nprometheus:\n  logLevel: warn\n",
    );
  });

  test("leaves nothing of a text that had only ours", () => {
    const { text, former } = mergeYaml("", [...enable, ...retention("7d")]);
    expect(unmergeYaml(text, [...enable, ...retention("7d")], former)).toBe("");
  });
});

test("whether the settings are there", () => {
  expect(hasSettings("enableUserWorkload: true\n", enable)).toBe(true);
  expect(hasSettings("enableUserWorkload: false\n", enable)).toBe(false);
  expect(hasSettings("", enable)).toBe(false);
});
