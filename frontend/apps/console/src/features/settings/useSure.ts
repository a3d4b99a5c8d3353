/** Asks for the password once more where the sign-in is too old for what is about to be done. */
import { ApiProblem, auth } from "@guanxi/api";
import { ref } from "vue";

export function useSure() {
  const asking = ref(false);
  const problem = ref<ApiProblem | null>(null);
  let waiting: (() => Promise<void>)[] = [];

  /** Runs `work`; when the server wants the password first, runs it again after that. */
  async function sure(work: () => Promise<void>): Promise<void> {
    problem.value = null;
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      if (error.code === "reauthentication_required") {
        waiting.push(work);
        asking.value = true;
        return;
      }
      problem.value = error;
    }
  }

  async function confirm(password: string): Promise<void> {
    await auth.reauthenticate(password);
    asking.value = false;
    const works = waiting;
    waiting = [];
    for (const work of works) await sure(work);
  }

  return { asking, problem, sure, confirm };
}
