/** Time from pod scheduled to Ready, by its parts, in seconds. Measure it: it decides the scaling windows. */
export interface Startup {
  /** Pull of the image. @default 60: a 10 GB image at 170 MB/s; 0 with `prePullImage`; with a model image, its pull at that rate too */
  imagePullSeconds?: number | undefined;
  /** Weights into the GPU. @default by their size, where they are and who reads at the same time; 60 where the size is not known: 16 GB at 270 MB/s */
  loadSeconds?: number | undefined;
  /** torch.compile and CUDA graph capture. @default 45: with a cold cache; about 10 with a warm one */
  compileSeconds?: number | undefined;
}

const defaults = { imagePullSeconds: 60, loadSeconds: 60, compileSeconds: 45 } as const;

/** All parts, with the defaults for those not given. */
export function startupParts(startup: Startup | undefined) {
  return {
    imagePullSeconds: startup?.imagePullSeconds ?? defaults.imagePullSeconds,
    loadSeconds: startup?.loadSeconds ?? defaults.loadSeconds,
    compileSeconds: startup?.compileSeconds ?? defaults.compileSeconds,
  };
}

/** From pod scheduled to Ready. */
export function startupSeconds(startup: Startup | undefined): number {
  const parts = startupParts(startup);
  return parts.imagePullSeconds + parts.loadSeconds + parts.compileSeconds;
}
