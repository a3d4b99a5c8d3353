// Which page the visitor is on, and when that changes without a load.
import type { PageInfo } from "./protocol";

const MAX = 2000;

/** The fragment stays only where it is a route; elsewhere it may carry a sign-in token. */
export function cleanUrl(href: string): string {
  const at = href.indexOf("#");
  if (at < 0) return href.slice(0, MAX);
  const fragment = href.slice(at);
  const route = /^#!?\//.test(fragment) && !/[?&](access_|id_)?token=/.test(fragment);
  return (route ? href : href.slice(0, at)).slice(0, MAX);
}

export function currentPage(): PageInfo {
  return { url: cleanUrl(location.href), title: document.title.slice(0, 200), referrer: cleanUrl(document.referrer) };
}

/** Calls back after each move inside a single-page application; returns how to stop. The page's history is not patched. */
export function onNavigate(run: () => void): () => void {
  let last = location.href;
  const check = (): void => {
    if (location.href === last) return;
    last = location.href;
    run();
  };
  const navigation = (window as { navigation?: EventTarget }).navigation;
  const later = (): void => void setTimeout(check, 0);
  navigation?.addEventListener("currententrychange", later);
  window.addEventListener("popstate", later);
  window.addEventListener("hashchange", later);
  return () => {
    navigation?.removeEventListener("currententrychange", later);
    window.removeEventListener("popstate", later);
    window.removeEventListener("hashchange", later);
  };
}
