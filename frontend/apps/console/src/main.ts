/** Starts the console. */
import "@guanxi/ui/styles";

import { ApiProblem, whenSignedOut } from "@guanxi/api";
import { createWords, problemWords, storedLocale, type Translate } from "@guanxi/i18n";
import { toast } from "@guanxi/ui";
import { QueryClient, VueQueryPlugin } from "@tanstack/vue-query";
import { createPinia } from "pinia";
import { createApp } from "vue";

import App from "./App.vue";
import { makeRouter } from "./app/router";
import { useSession } from "./app/session";
import { failStart, watchStart } from "./app/start";
import { catalogs } from "./app/words";

const MINUTE = 60_000;

function worthAnotherTry(count: number, error: unknown): boolean {
  if (count >= 2) return false;
  return !(error instanceof ApiProblem) || error.unreachable || error.status >= 500;
}

async function start(): Promise<void> {
  const queries = new QueryClient({
    defaultOptions: { queries: { staleTime: 15_000, gcTime: 30 * MINUTE, retry: worthAnotherTry, refetchOnWindowFocus: true } },
  });
  const here = window.location.pathname + window.location.search;
  const words = await createWords(catalogs, storedLocale(), (error) => failStart(error, here));
  const router = makeRouter();
  const app = createApp(App).use(createPinia()).use(words).use(VueQueryPlugin, { queryClient: queries }).use(router);
  const session = useSession();
  whenSignedOut(() => {
    if (!session.signedIn) return;
    session.forget();
    queries.clear();
    void router.push({ name: "sign-in", query: { next: router.currentRoute.value.fullPath, expired: "1" } });
  });
  // Their types know every key and are too deep for a plain use.
  const { t, te } = words.global as unknown as { t: Translate; te: (key: string) => boolean };
  watchStart(router, (problem, reload) => toast({ tone: "bad", text: problemWords(t, te, problem), action: { label: t("ui.error.retry"), run: reload } }));
  app.mount("#app");
}

void start();
