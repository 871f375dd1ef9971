import { at, type JsonObject, numberAt, objectsAt, stringAt } from "../json";
import { condition, isOwnedBy, podProblems, schedulingProblem } from "./pod-problems";
import { type Readiness, ready, waiting } from "./readiness";

const revisionAnnotation = "deployment.kubernetes.io/revision";

/** A Deployment and the objects around it in its namespace. */
export interface DeploymentSnapshot {
  deployment: JsonObject;
  replicaSets: JsonObject[];
  pods: JsonObject[];
  claims: JsonObject[];
}

/**
 * Ready when the controller has seen the last change, the Deployment is available, all pods of its newest ReplicaSet are
 * ready and the volume claims it mounts are bound; after the first revision also when the roll-out is complete. A
 * roll-out that exceeds its progress deadline is not given up: it is reported when the time runs out.
 */
export function deploymentReadiness(snapshot: DeploymentSnapshot): Readiness {
  const { deployment } = snapshot;
  const generation = numberAt(deployment, "metadata", "generation");
  if (numberAt(deployment, "status", "observedGeneration") !== generation) {
    return waiting("Waiting for the Deployment controller", ["Minimum number of live Pods was not attained"]);
  }

  const revision = stringAt(deployment, "metadata", "annotations", revisionAnnotation);
  const replicaSet = snapshot.replicaSets.find(
    (each) => isOwnedBy(each, deployment) && revisionOf(each) === revision && revision !== "",
  );
  const available = condition(deployment, "Available")?.status === "True";
  const progressing = condition(deployment, "Progressing");
  const rolledOut =
    revision === "1" || (progressing?.status === "True" && progressing.reason === "NewReplicaSetAvailable");
  const replicas = replicaSet === undefined ? undefined : readyOf(replicaSet);
  const replicasReady = replicas !== undefined && replicas.ready >= replicas.wanted;
  const unboundClaims = mountedClaims(snapshot).filter((claim) => at(claim, "status", "phase") !== "Bound");

  if (available && rolledOut && replicasReady && unboundClaims.length === 0) {
    return ready;
  }
  const pods = podsOf(snapshot.pods, replicaSet);
  const unscheduled = pods.map(schedulingProblem).find((problem) => problem !== undefined);
  return waiting(
    unscheduled ??
      `Waiting for app ReplicaSet to be available (${replicas?.ready ?? 0}/${replicas?.wanted ?? 1} Pods available)`,
    [
      ...conditionProblems(deployment),
      ...claimProblems(unboundClaims),
      ...missing({ available, rolledOut, replicasReady, firstRevision: revision === "1" }),
      ...pods.flatMap(podProblems),
    ],
  );
}

function revisionOf(replicaSet: JsonObject): string {
  return stringAt(replicaSet, "metadata", "annotations", revisionAnnotation);
}

/** The ReplicaSet's own number, not the Deployment's input: somebody may have scaled it. */
function readyOf(replicaSet: JsonObject): { ready: number; wanted: number } {
  return {
    ready: numberAt(replicaSet, "status", "readyReplicas") ?? 0,
    wanted: numberAt(replicaSet, "spec", "replicas") ?? 1,
  };
}

function mountedClaims({ deployment, claims }: DeploymentSnapshot): JsonObject[] {
  const volumes = objectsAt(deployment, "spec", "template", "spec", "volumes");
  const names = new Set(volumes.map((volume) => stringAt(volume, "persistentVolumeClaim", "claimName")));
  return claims.filter((claim) => names.has(stringAt(claim, "metadata", "name")));
}

function podsOf(pods: JsonObject[], replicaSet: JsonObject | undefined): JsonObject[] {
  return replicaSet === undefined ? [] : pods.filter((pod) => isOwnedBy(pod, replicaSet));
}

function conditionProblems(deployment: JsonObject): string[] {
  return ["Progressing", "Available"].flatMap((type) => {
    const each = condition(deployment, type);
    if (each === undefined || each.status === "True") return [];
    return [`[${stringAt(each, "reason")}] ${stringAt(each, "message")}`];
  });
}

function claimProblems(unbound: JsonObject[]): string[] {
  const names = unbound.map((claim) => stringAt(claim, "metadata", "name"));
  return names.length === 0 ? [] : [`Failed to bind PersistentVolumeClaim(s): "${names.join(",")}"`];
}

function missing(have: {
  available: boolean;
  rolledOut: boolean;
  replicasReady: boolean;
  firstRevision: boolean;
}): string[] {
  if (!have.available) return ["Minimum number of live Pods was not attained"];
  if (!have.rolledOut || (have.firstRevision && !have.replicasReady)) {
    return ["Minimum number of Pods to consider the application live was not attained"];
  }
  if (!have.replicasReady) {
    return ["Attempted to roll forward to new ReplicaSet, but minimum number of Pods did not become live"];
  }
  return [];
}
