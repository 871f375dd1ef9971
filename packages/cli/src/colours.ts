import pc from "picocolors";

const wanted = process.stdout.isTTY === true || Boolean(process.env.FORCE_COLOR);

/**
 * Colours for who reads at a terminal, or asks for them by `FORCE_COLOR`; `NO_COLOR` turns them off.
 * In a pipeline, which `CI` in the environment tells, picocolors also colours what is written into a file or piped on:
 * escape codes in a report, and a `grep "^name"` that finds nothing.
 */
export const terminalColours = pc.createColors(wanted && pc.isColorSupported);

export type Colours = typeof terminalColours;
