export { lintPolicies } from "./lint-policies";
