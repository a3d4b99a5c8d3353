/** Which of the two sites this page is: the base host (sign-up) or a workspace. Django writes it into the page. */
export type Site = "base" | "workspace";

export function currentSite(): Site {
  const content = document.querySelector<HTMLMetaElement>('meta[name="guanxi-site"]')?.content;
  return content === "base" ? "base" : "workspace";
}
