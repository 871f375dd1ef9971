import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { loopback } from "./component-args";

const webhookConfiguration = z.looseObject({
  webhooks: z.array(z.looseObject({ clientConfig: z.object({ service: z.object({ path: z.string() }) }) })),
});

/**
 * Upstream's webhook configurations, one or several in a file, with the address on this machine in the place of a Service.
 * All else, as the failure policy, stays.
 */
export function webhooksByUrl(upstreamYaml: string, port: number, certificateAuthority: string): object[] {
  return parseAllDocuments(upstreamYaml).map((document) => {
    const upstream = webhookConfiguration.parse(document.toJS());
    return {
      ...upstream,
      webhooks: upstream.webhooks.map((webhook) => ({
        ...webhook,
        clientConfig: {
          url: `https://${loopback}:${port}${webhook.clientConfig.service.path}`,
          caBundle: Buffer.from(certificateAuthority).toString("base64"),
        },
      })),
    };
  });
}
