export { type ClusterEvent, mergeEvents } from "./cluster-events";
export { type ClusterSample, ClusterView, type ClusterViewOptions, type ObjectReference } from "./cluster-view";
