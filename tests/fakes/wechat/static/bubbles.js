// Draw what stands on the phone's screen.
import { ACCOUNT, clock, face, icon, make } from "./parts.js";

const SAFE = /^https?:\/\//;

// A text may hold links written as HTML, as WeChat allows, and bare addresses; everything else stays text.
export function richText(text, onMenuTap) {
  const out = document.createDocumentFragment();
  const pattern = /<a\s+[^>]*href=["']([^"']+)["'][^>]*>([^<]*)<\/a>|(https?:\/\/[^\s<>"'，。）]+)/gi;
  let last = 0;
  for (const match of text.matchAll(pattern)) {
    out.append(text.slice(last, match.index));
    const [whole, href, label, bare] = match;
    if (href?.startsWith("weixin://bizmsgmenu")) {
      const query = new URLSearchParams(href.split("?")[1]);
      out.append(make("button", { type: "button", class: "choice", onclick: () => onMenuTap(query.get("msgmenucontent"), query.get("msgmenuid")) }, label));
    } else if (SAFE.test(href || bare)) {
      out.append(make("a", { href: href || bare, target: "_blank", rel: "noopener noreferrer" }, label || bare));
    } else out.append(whole);
    last = match.index + whole.length;
  }
  out.append(text.slice(last));
  return out;
}

function card(title, small, extra, href) {
  const inside = [make("strong", {}, title), small ? make("small", {}, small) : null, extra];
  return href && SAFE.test(href)
    ? make("a", { class: "card", href, target: "_blank", rel: "noopener noreferrer" }, ...inside)
    : make("div", { class: "card" }, ...inside);
}

function picture(detail) {
  return make("img", { src: `/media/${encodeURIComponent(detail.media_id)}`, alt: "图片", loading: "lazy" });
}

const DRAW = {
  text: (b, tap) => ["bubble", richText(b.text, tap.link)],
  image: (b) => ["bubble bare", picture(b.detail)],
  voice: (b) => ["bubble", make("span", { class: "voice-note" }, b.text ? make("span", {}, b.text) : null, `${b.detail.seconds || 1}″`, icon("waves", 18))],
  location: (b) => ["bubble bare", card(b.text, "", make("span", { class: "map" }))],
  link: (b) => ["bubble bare", card(b.text, b.detail.description || b.detail.url, null, b.detail.url)],
  template: (b) => ["bubble bare", card(b.detail.title, b.text, null, b.detail.url)],
  news: (b) => ["bubble bare", make("span", {}, ...b.detail.articles.map((each) =>
    card(each.title, each.description, SAFE.test(each.picurl) ? make("img", { src: each.picurl, alt: "" }) : null, each.url)))],
  msgmenu: (b, tap) => ["bubble", make("span", {}, b.text, ...b.detail.items.map((item) =>
    make("button", { type: "button", class: "choice", onclick: () => tap.item(b.id, item.id) }, item.content)), b.detail.tail || "")],
  transfer_customer_service: () => ["bubble", "已转接人工客服"],
  video: () => ["bubble", "视频"],
};

const STATES = { sending: "发送中…", "under way": "发送中…", "not pushed": "公众号没有启用服务器" };

function state(bubble) {
  if (bubble.side !== "customer") return null;
  const attempts = bubble.detail.attempts || 0;
  const failed = /^(timeout|HTTP|unreachable|malformed)/.test(bubble.state);
  const words = failed ? `服务器没有答复，第 ${attempts} 次` : attempts > 1 ? `第 ${attempts} 次才送达` : STATES[bubble.state];
  return words ? make("span", { class: failed ? "meta bad" : "meta" }, words) : null;
}

export function drawBubble(bubble, who, account, tap) {
  if (bubble.side === "system") return make("li", { class: `hint ${bubble.kind}`, "data-id": bubble.id }, bubble.text);
  const mine = bubble.side === "customer";
  const [kind, content] = (DRAW[bubble.kind] || DRAW.text)(bubble, tap);
  return make("li", { class: mine ? "line mine" : "line", "data-id": bubble.id, "data-via": bubble.via, "data-side": bubble.side, title: clock(bubble.at, true) },
    mine ? face(who.nickname) : face(account.name, ACCOUNT),
    make("div", { class: "holder" }, make("div", { class: kind }, content), state(bubble)));
}

export function drawTime(seconds) {
  return make("li", { class: "hint" }, clock(seconds, Math.abs(Date.now() / 1000 - seconds) > 72000));
}
