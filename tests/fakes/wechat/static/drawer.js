// Behind the scenes: the window, each push with its attempts and raw XML, each call of the account.
import { clock, make } from "./parts.js";

const OUTCOMES = { reply: "被动回复", silent: "无内容", "under way": "等待答复", timeout: "超时" };

function block(title, text) {
  return text ? [make("h3", {}, title), make("pre", {}, text)] : [];
}

export function drawQuota(node, follower, now) {
  const open = follower.open_until > now && follower.grants.length > 0;
  const remaining = open ? follower.remaining : 0;
  const total = Math.max(5, remaining);
  node.replaceChildren(
    make("div", { class: "row" }, make("strong", {}, open ? `还可主动发送 ${remaining} 条` : "客服消息窗口已关闭"),
      make("span", { class: "quiet" }, open ? `到 ${clock(follower.open_until, true)}` : "等客户再次说话")),
    make("div", { class: "gauge", role: "img", "aria-label": `剩余 ${remaining} 条` },
      ...Array.from({ length: total }, (_, at) => make("span", { class: at < remaining ? "left" : "" }))),
    make("span", { class: "quiet mono" }, follower.openid),
  );
}

export function drawDelivery(each) {
  const bad = !["reply", "silent", "under way"].includes(each.outcome);
  return make("details", { class: "trace", "data-id": each.id },
    make("summary", {}, make("span", {}, `${clock(each.at, true)} · ${each.kind}${each.attempt > 1 ? ` · 第 ${each.attempt} 次` : ""}`),
      make("span", { class: bad ? "state bad" : "state" }, `${OUTCOMES[each.outcome] || each.outcome} · ${each.took_ms} ms`)),
    ...block("推送地址", each.url), ...block("推送内容（明文）", each.plain),
    ...(each.wire === each.plain ? [] : block("线上内容", each.wire)),
    ...block("答复（明文）", each.answer_plain),
    ...(each.answer === each.answer_plain ? [] : block("线上答复", each.answer)));
}

export function drawCall(each) {
  return make("details", { class: "trace", "data-id": each.id },
    make("summary", {}, make("span", {}, `${clock(each.at, true)} · ${each.endpoint}`),
      make("span", { class: each.errcode ? "state bad" : "state" }, each.errcode ? `errcode ${each.errcode}` : "ok")),
    ...block("请求", each.request), ...block("答复", each.answer));
}

export function replace(node, list, draw, shown = 60) {
  const opened = new Set([...node.querySelectorAll("details[open]")].map((each) => each.dataset.id));
  const drawn = list.slice(-shown).reverse().map(draw);
  for (const each of drawn) if (opened.has(each.dataset.id)) each.open = true;
  node.replaceChildren(...(drawn.length ? drawn : [make("p", { class: "quiet" }, "还没有")]));
}
