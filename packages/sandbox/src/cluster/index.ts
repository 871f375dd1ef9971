export { fakeNodeAnnotation, sandboxNodes } from "./nodes";
export { sandboxAnnotations } from "./sandbox-annotations";
export { type Stage, stages } from "./stages";
