import { resolve } from "node:path";
import { expect, it } from "vitest";
import { z } from "zod";
import { configurationSchema } from "../../../src/config";

const jsonSchema = z.looseObject({
  type: z.string().optional(),
  description: z.string().optional(),
  default: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  items: z.unknown().optional(),
  additionalProperties: z.unknown().optional(),
});

interface Row {
  path: string;
  type: string;
  required: boolean;
  description: string;
}

/** One row for each setting, depth first, in the order of the schema. */
function rows(schema: unknown, path: string): Row[] {
  const { properties = {}, required = [], items } = jsonSchema.parse(schema);
  if (items !== undefined && Object.keys(properties).length === 0) return rows(items, `${path}[]`);
  return Object.entries(properties).flatMap(([name, property]) => {
    const child = path === "" ? name : `${path}.${name}`;
    const parsed = jsonSchema.parse(property);
    const row = {
      path: child,
      type: parsed.enum?.map((value) => `\`${String(value)}\``).join(", ") ?? parsed.type ?? "any",
      required: required.includes(name),
      description: parsed.description ?? "",
    };
    return [row, ...rows(property, child)];
  });
}

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

// `npx vitest run --project unit test/unit/docs -u` writes the page anew.
it("docs/configuration.md lists every setting of the schema", async () => {
  const found = rows(z.toJSONSchema(configurationSchema, { io: "input", unrepresentable: "any" }), "");
  expect(found.filter((row) => row.description === "").map((row) => row.path)).toEqual([]);
  const page = [
    "# Configuration",
    "",
    "Settings of `Pulumi.<environment>.yaml`, under `vllm-serving:`. All problems of a configuration are reported at once, before anything is made.",
    "",
    "| setting | type | required | what it is |",
    "|---|---|---|---|",
    ...found.map(
      (row) => `| \`${row.path}\` | ${row.type} | ${row.required ? "yes" : ""} | ${cell(row.description)} |`,
    ),
    "",
  ].join("\n");
  await expect(page).toMatchFileSnapshot(resolve(__dirname, "../../../docs/configuration.md"));
});
