/** The addresses of the site that this page is. */
import { createRouter, createWebHistory, type RouteRecordRaw, type Router } from "vue-router";

import { features } from "./feature";
import { useSession } from "./session";
import { currentSite, type Site } from "./site";

function routesOf(site: Site): RouteRecordRaw[] {
  const all = features.filter((feature) => (feature.site ?? "workspace") === site).flatMap((feature) => feature.routes);
  const framed = all.filter((route) => !route.meta?.bare);
  const bare = all.filter((route) => route.meta?.bare);
  const notFound: RouteRecordRaw = {
    path: "/:rest(.*)*",
    name: "not-found",
    component: () => import("../shell/NotFoundPage.vue"),
    meta: { open: true, title: "shell.notFound.title" },
  };
  if (site === "base") return [...bare, notFound];
  return [...bare, { path: "/", component: () => import("../shell/WorkspaceShell.vue"), children: [...framed, notFound] }];
}

/** A path inside this site, never another host: `next` comes from the address bar. */
export function safeNext(next: unknown): string {
  return typeof next === "string" && next.startsWith("/") && !next.startsWith("//") && !next.includes("\\") ? next : "/";
}

export function makeRouter(site: Site = currentSite()): Router {
  const router = createRouter({
    history: createWebHistory("/"),
    routes: routesOf(site),
    scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  });
  if (site === "workspace") guard(router);
  return router;
}

export function guard(router: Router): void {
  router.beforeEach(async (to) => {
    if (to.meta.open) return true;
    const session = useSession();
    if (!(await session.ready())) return { name: "sign-in", query: to.fullPath === "/" ? {} : { next: to.fullPath } };
    if (!session.may(to.meta.permission)) return { name: "not-found", params: { rest: to.path.slice(1).split("/") } };
    return true;
  });
}
