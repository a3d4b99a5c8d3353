/** How much there is, and the categories that are in use. */
import { api, type ApiProblem } from "@guanxi/api";
import { useQuery, type UseQueryReturnType } from "@tanstack/vue-query";

export interface KnowledgeCounts {
  faqs_published: number;
  faqs_draft: number;
  articles_published: number;
  articles_draft: number;
  gaps_open: number;
  categories: string[];
}

export function useKnowledgeCounts(): UseQueryReturnType<KnowledgeCounts, ApiProblem> {
  return useQuery<KnowledgeCounts, ApiProblem>({ queryKey: ["knowledge", "counts"], queryFn: () => api.get<KnowledgeCounts>("/knowledge/counts") });
}
