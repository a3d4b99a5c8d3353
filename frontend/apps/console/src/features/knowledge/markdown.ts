/** Markdown as elements of the page. No HTML is ever made of what somebody typed: what looks like a tag is shown as text. */
import { lexer, type Token, type Tokens } from "marked";
import { h, type VNode, type VNodeChild } from "vue";

const SAFE = /^(https?:\/\/|mailto:|tel:|#|\/(?!\/))/i;

function inline(tokens: readonly Token[] | undefined): VNodeChild[] {
  return (tokens ?? []).map(one);
}

/** The lexer leaves entities as they were typed. */
function plain(text: string): string {
  const named: Record<string, string> = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'" };
  return text.replaceAll(/&(?:amp|lt|gt|quot|#39);/g, (entity) => named[entity] ?? entity);
}

function link(token: Tokens.Link): VNodeChild {
  return SAFE.test(token.href) ? h("a", { href: token.href, target: "_blank", rel: "noopener noreferrer" }, inline(token.tokens)) : h("span", inline(token.tokens));
}

function table(token: Tokens.Table): VNode {
  const row = (tag: "th" | "td", cells: Tokens.TableCell[]) => h("tr", cells.map((cell, at) => h(tag, { style: token.align[at] ? { textAlign: token.align[at] } : undefined }, inline(cell.tokens))));
  return h("div", { class: "table" }, [h("table", [h("thead", [row("th", token.header)]), h("tbody", token.rows.map((cells) => row("td", cells)))])]);
}

const WAYS: Record<string, (token: never) => VNodeChild> = {
  space: () => null,
  def: () => null,
  heading: (token: Tokens.Heading) => h(`h${Math.min(6, token.depth + 1)}`, inline(token.tokens)),
  paragraph: (token: Tokens.Paragraph) => h("p", inline(token.tokens)),
  text: (token: Tokens.Text) => (token.tokens ? inline(token.tokens) : plain(token.text)),
  escape: (token: Tokens.Escape) => plain(token.text),
  strong: (token: Tokens.Strong) => h("strong", inline(token.tokens)),
  em: (token: Tokens.Em) => h("em", inline(token.tokens)),
  del: (token: Tokens.Del) => h("del", inline(token.tokens)),
  codespan: (token: Tokens.Codespan) => h("code", plain(token.text)),
  code: (token: Tokens.Code) => h("pre", [h("code", token.text)]),
  br: () => h("br"),
  hr: () => h("hr"),
  link,
  image: (token: Tokens.Image) => (SAFE.test(token.href) ? h("img", { src: token.href, alt: token.text, loading: "lazy" }) : token.text),
  blockquote: (token: Tokens.Blockquote) => h("blockquote", inline(token.tokens)),
  list: (token: Tokens.List) => h(token.ordered ? "ol" : "ul", { start: token.ordered && token.start ? token.start : undefined }, token.items.map((item) => h("li", inline(item.tokens)))),
  table,
  html: (token: Tokens.HTML) => token.raw,
} as Record<string, (token: never) => VNodeChild>;

function one(token: Token): VNodeChild {
  return WAYS[token.type]?.(token as never) ?? ("raw" in token && WAYS[token.type] === undefined ? token.raw : null);
}

export function renderMarkdown(source: string): VNodeChild[] {
  return inline(lexer(source, { gfm: true, breaks: true }));
}

export interface Selection {
  text: string;
  from: number;
  to: number;
}

/** Puts a mark around what is chosen, or takes it away when it is there. */
export function wrap({ text, from, to }: Selection, mark: string): Selection {
  const inside = text.slice(from, to);
  const around = text.slice(from - mark.length, from) === mark && text.slice(to, to + mark.length) === mark;
  if (around) return { text: text.slice(0, from - mark.length) + inside + text.slice(to + mark.length), from: from - mark.length, to: to - mark.length };
  return { text: text.slice(0, from) + mark + inside + mark + text.slice(to), from: from + mark.length, to: to + mark.length };
}

/** Puts a sign before each chosen line, or takes it away when all have it. */
export function prefix({ text, from, to }: Selection, sign: string): Selection {
  const start = text.lastIndexOf("\n", from - 1) + 1;
  const stop = text.indexOf("\n", to) < 0 ? text.length : text.indexOf("\n", to);
  const chosen = text.slice(start, stop).split("\n");
  const all = chosen.every((line) => line.startsWith(sign));
  const next = chosen.map((line) => (all ? line.slice(sign.length) : sign + line)).join("\n");
  return { text: text.slice(0, start) + next + text.slice(stop), from: start, to: start + next.length };
}
