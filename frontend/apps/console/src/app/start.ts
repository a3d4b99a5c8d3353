/** What keeps a page from opening: the session does not answer, or a part of the pages cannot be fetched. */
import { ApiProblem } from "@guanxi/api";
import { shallowRef } from "vue";
import { START_LOCATION, type Router } from "vue-router";

interface Failure {
  problem: ApiProblem;
  /** Where the person wanted to go. */
  path: string;
  /** A part of the pages is missing: after an update only a fresh page knows the new names of the parts. */
  stale: boolean;
}

/** Shown instead of a blank window until another try goes through. */
export const startFailure = shallowRef<Failure | null>(null);

const MISSING_PART = /dynamically imported module|module script failed|unable to preload/i;

export function failStart(error: unknown, path: string): void {
  startFailure.value = failureOf(error, path) ?? { problem: new ApiProblem({ code: "unknown", status: 500, detail: String(error) }), path, stale: true };
}

function failureOf(error: unknown, path: string): Failure | null {
  if (error instanceof ApiProblem) return { problem: error, path, stale: false };
  if (!(error instanceof Error) || !MISSING_PART.test(error.message)) return null;
  return { problem: new ApiProblem({ code: "unreachable", status: 0, detail: error.message }), path, stale: true };
}

/**
 * Nobody is left before a blank window. Whoever already sees a page keeps it, with what is typed in it, and is told by `say`.
 */
export function watchStart(router: Router, say: (problem: ApiProblem, reload: () => void) => void): void {
  router.onError((error, to) => {
    const failure = failureOf(error, to.fullPath);
    if (!failure) return;
    if (router.currentRoute.value === START_LOCATION) startFailure.value = failure;
    else say(failure.problem, () => window.location.assign(to.fullPath));
  });
}

export async function tryStartAgain(router: Router): Promise<void> {
  const failure = startFailure.value;
  if (!failure) return;
  if (failure.stale) return window.location.assign(failure.path);
  try {
    await router.replace(failure.path);
    startFailure.value = null;
  } catch {
    // The router has told `watchStart`, which keeps the newer reason.
  }
}
