/** Asks for the password once more where the sign-in is too old for what is about to be done. */
import { ApiProblem, auth } from "@guanxi/api";
import { ref, watch } from "vue";

interface Waiting {
  go: () => Promise<void>;
  giveUp: () => void;
}

const wantsPassword = (error: unknown): error is ApiProblem => error instanceof ApiProblem && error.code === "reauthentication_required";

export function useSure() {
  const asking = ref(false);
  const problem = ref<ApiProblem | null>(null);
  let waiting: Waiting[] = [];

  /** Runs `work`; when the server wants the password first, asks for it and runs it again. Refused when nobody types it. */
  async function surely<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!wantsPassword(error)) throw error;
      return new Promise<T>((resolve, reject) => {
        waiting.push({ go: () => work().then(resolve, reject), giveUp: () => reject(error) });
        asking.value = true;
      });
    }
  }

  /** The same for what has no form of its own: a refusal shows on the page. */
  async function sure(work: () => Promise<void>): Promise<void> {
    problem.value = null;
    try {
      await surely(work);
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      problem.value = error;
    }
  }

  async function confirm(password: string): Promise<void> {
    await auth.reauthenticate(password);
    const works = waiting;
    waiting = [];
    asking.value = false;
    for (const one of works) await one.go();
  }

  watch(asking, (now) => {
    if (now) return;
    for (const one of waiting) one.giveUp();
    waiting = [];
  });

  return { asking, problem, sure, surely, confirm };
}
