// `npm test`: format and lint, build, then all test projects; ends with one line `N passed, N failed`.
// `npm test -- --project unit` runs one project; other arguments go to vitest too.
import { testProjects } from "./test-projects.mjs";
import { summary } from "./vitest.mjs";

const result = testProjects(process.argv.slice(2));
console.log(summary(result));
process.exit(result.ok ? 0 : 1);
