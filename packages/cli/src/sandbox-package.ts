type SandboxPackage = typeof import("@vllm-serving/sandbox");

/**
 * The sandbox is a large optional package, so it is loaded only by the commands that need it.
 * @throws Error that names the package to install when it is missing.
 */
export async function loadSandbox(): Promise<SandboxPackage> {
  try {
    return await import("@vllm-serving/sandbox");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND") {
      throw new Error("This command needs the sandbox: npm install --save-dev @vllm-serving/sandbox", { cause: error });
    }
    throw error;
  }
}
