import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";

const object = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
  subjects: z.array(z.looseObject({})).optional(),
});

const identityAndAccess = ["ServiceAccount", "ClusterRole", "ClusterRoleBinding"];

/** ServiceAccount, ClusterRole and ClusterRoleBinding of a folder of an upstream project's manifests, in another namespace. */
export function upstreamAccess(folder: string, namespace: string): object[] {
  return readdirSync(folder)
    .map((file) => object.safeParse(parse(readFileSync(join(folder, file), "utf8"))))
    .flatMap(({ data }) => (data !== undefined && identityAndAccess.includes(data.kind) ? [data] : []))
    .map((found) => ({
      ...found,
      metadata: { ...found.metadata, ...(found.kind === "ServiceAccount" && { namespace }) },
      ...(found.subjects && { subjects: found.subjects.map((subject) => ({ ...subject, namespace })) }),
    }));
}
