import { expect, test } from "vitest";
import { z } from "zod";
import { configurationSchema } from "../../../src/config/schema";

/** Paths of the fields of a JSON schema that say nothing about themselves, lists' and maps' entries aside. */
function undescribed(schema: z.core.JSONSchema.BaseSchema, path = ""): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, field]) => {
    const here = `${path}.${key}`;
    if (typeof field === "boolean") return [];
    const item = field.items;
    const inner = typeof item === "object" && !Array.isArray(item) ? undescribed(item, `${here}[]`) : [];
    return [...(field.description === undefined ? [here] : []), ...undescribed(field, here), ...inner];
  });
}

test("every field has a description for the generated reference", () => {
  expect(undescribed(z.toJSONSchema(configurationSchema))).toEqual([]);
});

test("no mapping takes unknown keys", () => {
  const text = JSON.stringify(z.toJSONSchema(configurationSchema));
  expect(text.match(/"properties":/g)).toHaveLength(text.match(/"additionalProperties":false/g)?.length ?? 0);
});
