import { userInfo } from "node:os";
import { ExplainedError } from "./explained-error";

// Imported for its effect before anything that looks for the home folder: Go and libraries do so by HOME alone, and one of
// them takes an empty HOME for the folder it runs in.
if (process.platform !== "win32" && (process.env.HOME ?? "") === "") process.env.HOME = homeOfUser();

/** As the system's list of users says. */
function homeOfUser(): string {
  try {
    return userInfo().homedir;
  } catch (error) {
    throw new ExplainedError("HOME is not set, and this user has no entry in the system's list of users. Set HOME.", {
      cause: error,
    });
  }
}
