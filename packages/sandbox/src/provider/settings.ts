import type { Mutability } from "./kinds";
import type { ClusterSettings } from "./kubeconfig";

/** The provider's arguments, or the environment variables that stand for them. */
export interface ProviderSettings extends ClusterSettings {
  /** Namespace of objects that name none; the kubeconfig's when empty. */
  namespace: string;
  mutability: Mutability;
  enablePatchForce: boolean;
  upsertExistingObjects: boolean;
  deleteUnreachable: boolean;
  skipUpdateUnreachable: boolean;
}

/**
 * Reads the engine's configuration variables.
 * @throws Error for settings this provider cannot follow.
 */
export function parseSettings(
  variables: ReadonlyMap<string, string>,
  environment: Readonly<Record<string, string | undefined>>,
): ProviderSettings {
  const text = (name: string) => variables.get(`kubernetes:config:${name}`) ?? "";
  const flag = (name: string, variable: string) => (text(name) || environment[variable]) === "true";
  if (text("renderYamlToDirectory") !== "") {
    throw new Error("renderYamlToDirectory: the sandbox's stand-in for the Kubernetes provider cannot render YAML.");
  }
  const serverSideApply = text("enableServerSideApply") || environment.PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY;
  if (serverSideApply === "false") {
    throw new Error(
      "enableServerSideApply: the sandbox's stand-in for the Kubernetes provider only updates with server-side apply.",
    );
  }
  return {
    kubeconfig: text("kubeconfig"),
    context: text("context"),
    cluster: text("cluster"),
    namespace: text("namespace"),
    mutability: {
      configMaps: flag("enableConfigMapMutable", "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE"),
      secrets: flag("enableSecretMutable", "PULUMI_K8S_ENABLE_SECRET_MUTABLE"),
    },
    enablePatchForce: flag("enablePatchForce", "PULUMI_K8S_ENABLE_PATCH_FORCE"),
    upsertExistingObjects: flag("upsertExistingObjects", "PULUMI_K8S_UPSERT_EXISTING_OBJECTS"),
    deleteUnreachable: flag("deleteUnreachable", "PULUMI_K8S_DELETE_UNREACHABLE"),
    skipUpdateUnreachable: flag("skipUpdateUnreachable", "PULUMI_K8S_SKIP_UPDATE_UNREACHABLE"),
  };
}
