export * from "./parse";
export * from "./syntax-tree";
