/** A page that cannot open says so in the person's language, and opens once the server answers. */
import { createWords, type Locale } from "@guanxi/i18n";
import { VueQueryPlugin } from "@tanstack/vue-query";
import { createPinia } from "pinia";
import { createApp, nextTick, type App as VueApp } from "vue";
import { createMemoryHistory, createRouter, type Router } from "vue-router";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import App from "../src/App.vue";
import { guard } from "../src/app/router";
import { failStart, startFailure, watchStart } from "../src/app/start";
import { catalogs } from "../src/app/words";

const SESSION = { signed_in: true, workspace: { name: "云岭" }, member: { id: 1, name: "沈", locale: "", timezone: "" }, permissions: [], features: null };
const answers: (() => Promise<Response>)[] = [];
let app: VueApp | null = null;
let root: HTMLElement;
const said = vi.fn();

const refuses = (status: number) => () => Promise.resolve(new Response("<h1>oops</h1>", { status }));
const isCut = () => Promise.reject(new TypeError("Failed to fetch"));
const answersWith = (body: unknown) => () => Promise.resolve(new Response(JSON.stringify(body), { headers: { "content-type": "application/json" } }));
const settled = async () => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((done) => setTimeout(done, 1));
  await nextTick();
};

async function open(locale: Locale = "zh-CN"): Promise<Router> {
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: "/", name: "home", component: { render: () => "home" } },
      { path: "/leads/:id", name: "lead", component: { render: () => "lead" } },
      { path: "/gone", name: "gone", component: () => Promise.reject(new TypeError("Failed to fetch dynamically imported module: /a.js")) },
      { path: "/sign-in", name: "sign-in", component: { render: () => "sign in" }, meta: { open: true } },
    ],
  });
  guard(router);
  watchStart(router, said);
  app = createApp(App).use(createPinia()).use(await createWords(catalogs, locale)).use(VueQueryPlugin).use(router);
  void router.push("/leads/7?tab=notes").catch(() => undefined);
  app.mount(root);
  await settled();
  return router;
}

beforeEach(() => {
  root = document.createElement("div");
  document.body.append(root);
  startFailure.value = null;
  answers.length = 0;
  said.mockReset();
  vi.stubGlobal("fetch", () => (answers.shift() ?? isCut)());
});
afterEach(() => {
  app?.unmount();
  root.remove();
  vi.unstubAllGlobals();
});

describe("the session does not answer", () => {
  it.each([
    [500, "zh-CN", "页面暂时打不开", "再试一次"],
    [503, "en", "The page cannot open right now", "Try again"],
  ] as const)("with %i in %s", async (status, locale, words, button) => {
    answers.push(refuses(status));
    await open(locale);
    expect(root.textContent).toContain(words);
    expect(root.querySelector("main button")?.textContent).toContain(button);
  });

  it("because nobody is there", async () => {
    await open();
    expect(root.textContent).toContain("连不上服务器");
  });

  it("and opens where the person wanted to go once it does", async () => {
    answers.push(refuses(502), isCut, answersWith(SESSION));
    const router = await open();
    root.querySelector<HTMLButtonElement>("main button")?.click();
    await settled();
    expect(root.textContent).toContain("连不上服务器");
    root.querySelector<HTMLButtonElement>("main button")?.click();
    await settled();
    expect(root.textContent).toContain("lead");
    expect(router.currentRoute.value.fullPath).toBe("/leads/7?tab=notes");
    expect(said).not.toHaveBeenCalled();
  });

  it("and asks for the password once it says that nobody is signed in", async () => {
    answers.push(refuses(500), answersWith({ ...SESSION, signed_in: false, member: null }));
    await open();
    root.querySelector<HTMLButtonElement>("main button")?.click();
    await settled();
    expect(root.textContent).toContain("sign in");
  });
});

it("leaves an open page as it is when a part of another is missing", async () => {
  answers.push(answersWith(SESSION));
  const router = await open();
  await router.push("/gone").catch(() => undefined);
  await settled();
  expect(root.textContent).toContain("lead");
  expect(said).toHaveBeenCalledOnce();
});

it("says it with the shared words when even the catalog is missing", async () => {
  const missing = { ...catalogs, en: () => Promise.reject(new TypeError("Failed to fetch dynamically imported module")) };
  app = createApp(App);
  const words = await createWords(missing, "en", (error) => failStart(error, "/"));
  app.use(createPinia()).use(words).use(createRouter({ history: createMemoryHistory(), routes: [{ path: "/", component: { render: () => "home" } }] }));
  app.mount(root);
  await settled();
  expect(root.textContent).toContain("The server cannot be reached");
});
