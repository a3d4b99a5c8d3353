/** Says a refusal at the foot of the page, in words. */
import { ApiProblem } from "@guanxi/api";
import { problemWords, useI18n } from "@guanxi/i18n";
import { toast } from "@guanxi/ui";

export function useProblemToast(): (error: unknown) => void {
  const { t, te } = useI18n();
  return (error) => {
    if (!(error instanceof ApiProblem)) throw error;
    toast({ text: problemWords(t as never, te, error), tone: "bad" });
  };
}
