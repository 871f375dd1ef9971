import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { sandboxAnnotations } from "../cluster";

const object = z.looseObject({ kind: z.string() });

const deployment = z.looseObject({
  spec: z.looseObject({
    template: z.looseObject({
      metadata: z.looseObject({}),
      spec: z.looseObject({ containers: z.array(z.looseObject({})) }),
    }),
  }),
});

export interface HttpAddOnObjects {
  /** ServiceAccount, roles and Services. */
  access: object[];
  /** Needs its ServiceAccount. */
  deployment: object;
}

/**
 * A component's objects, from upstream's rendered manifests. Its pod stands for the process, so it says at which addresses that
 * serves the pod's ports. Left out is the ScaledObject of the interceptor itself, since the sandbox runs one.
 * @param image Takes the place of the one that upstream builds on release.
 */
export function httpAddOnObjects(
  manifests: string,
  image: string,
  addresses: Record<string, string>,
): HttpAddOnObjects {
  const objects = parseAllDocuments(manifests).map((document) => object.parse(document.toJS()));
  const upstream = deployment.parse(objects.find(({ kind }) => kind === "Deployment"));
  const { metadata, spec } = upstream.spec.template;
  const template = {
    metadata: { ...metadata, annotations: { [sandboxAnnotations.ports]: JSON.stringify(addresses) } },
    spec: { ...spec, containers: spec.containers.map((container) => ({ ...container, image })) },
  };
  return {
    access: objects.filter(({ kind }) => kind !== "Deployment" && kind !== "ScaledObject"),
    deployment: { ...upstream, spec: { ...upstream.spec, template } },
  };
}
