export * from "./parse";
export { readRegularExpression } from "./regular-expression";
export * from "./syntax-tree";
