// The phone: whose it is, what it shows, what the person does. State comes over the stream, acts go out as posts.
import { drawBubble, drawTime } from "./bubbles.js";
import { drawCall, drawDelivery, drawQuota, replace } from "./drawer.js";
import { call, clock, face, icon, make, toast } from "./parts.js";

const app = location.pathname.split("/")[2];
const base = `/phone/${app}`;
const $ = (id) => document.getElementById(id);
const KEEP = `phone.${app}`;
const view = { account: null, followers: [], bubbles: [], deliveries: [], calls: [], tickets: [], shift: 0, openid: "", keyboard: true };

const me = () => view.followers.find((each) => each.openid === view.openid);
const now = () => Date.now() / 1000 + view.shift;

async function act(action, body = {}) {
  try {
    await call(`${base}/people/${view.openid}/${action}`, body);
  } catch (error) {
    toast(error.message);
  }
}

const tap = {
  item: (bubble, item) => act("tap", { bubble, item }),
  link: (content) => act("text", { content }),
};

function drawPeople() {
  $("people").replaceChildren(...view.followers.map((each) => make("li", {}, make("button", {
    type: "button", class: "person", "aria-current": each.openid === view.openid, onclick: () => choose(each.openid),
  }, face(each.nickname), make("span", {}, make("span", { class: "name" }, each.nickname), make("small", {}, each.subscribed ? "已关注" : "未关注"))))));
}

function drawChat() {
  const chat = $("chat");
  const lines = [];
  let last = 0;
  for (const each of view.bubbles.filter((bubble) => bubble.openid === view.openid)) {
    if (each.at - last > 300) lines.push(drawTime(each.at));
    last = each.at;
    lines.push(drawBubble(each, me(), view.account, tap));
  }
  chat.replaceChildren(...lines);
  if (drawChat.for !== view.openid) follow.on = true;
  drawChat.for = view.openid;
  follow();
}

// Stay at the newest line while pictures load and trays open, unless the person has scrolled up.
function follow() {
  const chat = $("chat");
  if (follow.on) chat.scrollTop = chat.scrollHeight;
}
follow.on = true;

function drawAccount() {
  document.title = `${view.account.name} · 手机模拟器`;
  $("account-name").textContent = view.account.name;
  const buttons = view.account.menu?.button || [];
  if (!buttons.length) view.keyboard = true;
  $("mode").hidden = !buttons.length;
  $("mode").replaceChildren(icon(view.keyboard ? "menu" : "keys"));
  $("write").hidden = !view.keyboard;
  $("menu").hidden = view.keyboard;
  $("menu").replaceChildren(...buttons.map((button) => {
    const children = button.sub_button || [];
    const sub = make("div", { class: "sub", hidden: true }, ...children.map((each) =>
      make("button", { type: "button", onclick: () => { sub.hidden = true; press(each); } }, each.name)));
    return make("div", {}, make("button", { type: "button", onclick: () => (children.length ? (sub.hidden = !sub.hidden) : press(button)) }, button.name), sub);
  }));
}

function press(button) {
  act("click", { name: button.name });
  if (button.type === "view") window.open(button.url, "_blank", "noopener");
}

function drawSelf() {
  const who = me();
  if (!who) return;
  $("gate").hidden = who.subscribed;
  $("composer").hidden = !who.subscribed;
  if (!who.subscribed) $("tray").hidden = true;
  $("typing").hidden = !(who.typing_until > now());
  drawQuota($("quota"), who, now());
}

const drawTraces = {
  deliveries: () => replace($("deliveries"), view.deliveries.filter((each) => each.openid === view.openid), drawDelivery),
  calls: () => replace($("calls"), view.calls, drawCall),
};

function drawAll() {
  drawAccount(); drawPeople(); drawSelf(); drawChat(); drawTraces.deliveries(); drawTraces.calls(); drawClock();
}

function drawClock() {
  $("time").textContent = clock(now());
  $("clock-now").textContent = `现在是 ${clock(now(), true)}`;
}

function choose(openid) {
  view.openid = openid;
  localStorage.setItem(KEEP, openid);
  $("write").content.value = localStorage.getItem(`${KEEP}.${openid}`) || "";
  document.querySelector(".people").classList.remove("open");
  typed(); drawAll();
}

function put(list, item, key = "id") {
  const at = list.findIndex((each) => each[key] === item[key]);
  if (at < 0) list.push(item); else list[at] = item;
}

const HEAR = {
  bubble: (data) => { put(view.bubbles, data); drawChat(); },
  follower: (data) => { put(view.followers, data, "openid"); drawPeople(); drawSelf(); },
  delivery: (data) => { put(view.deliveries, data); drawTraces.deliveries(); },
  call: (data) => { put(view.calls, data); drawTraces.calls(); },
  account: (data) => { Object.assign(view.account, data); drawAccount(); },
  clock: (data) => { view.shift = data.now - Date.now() / 1000; load(); },
};

async function load() {
  const state = await call(`${base}/state`);
  Object.assign(view, state, { shift: state.now - Date.now() / 1000 });
  if (!me()) view.openid = view.followers.find((each) => each.openid === localStorage.getItem(KEEP))?.openid || view.followers[0]?.openid;
  drawAll();
}

function listen() {
  const source = new EventSource(`${base}/stream`);
  source.onopen = load;
  source.onmessage = (event) => { const change = JSON.parse(event.data); HEAR[change.type]?.(change.data); };
}

function typed() {
  const box = $("write").content;
  box.style.height = "auto";
  box.style.height = `${Math.min(box.scrollHeight + 2, 110)}px`;
  const some = box.value.trim() !== "";
  $("send").hidden = !some; $("more").hidden = some; $("voice").hidden = some;
  if (view.openid) localStorage.setItem(`${KEEP}.${view.openid}`, box.value);
}

async function send(event) {
  event?.preventDefault();
  const box = $("write").content;
  const content = box.value.trim();
  if (!content) return;
  box.value = "";
  typed();
  await act("text", { content });
}

function ask(title, fields) {
  $("share-title").textContent = title;
  $("share-fields").replaceChildren(...fields.map(([name, label, value]) => make("label", {}, label, make("input", { name, value, required: true }))));
  const dialog = $("share");
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((done) => dialog.addEventListener("close", () => {
    done(dialog.returnValue === "send" ? Object.fromEntries(new FormData(dialog.querySelector("form"))) : null);
  }, { once: true }));
}

async function scan() {
  await load();
  const form = $("scan").querySelector("form");
  form.ticket.replaceChildren(make("option", { value: "" }, "（不选）"), ...view.tickets.map((each) =>
    make("option", { value: each.ticket }, `${each.scene}${each.expires_at ? ` · 到 ${clock(each.expires_at, true)}` : " · 永久"}`)));
  $("scan").returnValue = "";
  $("scan").showModal();
  $("scan").addEventListener("close", () => {
    if ($("scan").returnValue === "scan") act("scan", { ticket: form.ticket.value, scene: form.scene.value.trim() });
    form.reset();
  }, { once: true });
}

async function share(kind) {
  if (kind === "scan") return scan();
  const fields = kind === "location"
    ? [["label", "地址", "浙江省杭州市西湖区龙井路1号"], ["latitude", "纬度", "30.221"], ["longitude", "经度", "120.102"]]
    : [["title", "标题", "龙井新茶上市"], ["description", "说明", "明前头采，限量预订"], ["url", "网址", "https://example.com/tea"]];
  const given = await ask(kind === "location" ? "发送位置" : "分享链接", fields);
  if (given) await act(kind, given);
}

function wire() {
  $("chat").addEventListener("scroll", () => {
    const chat = $("chat");
    if (chat.scrollHeight - chat.scrollTop - chat.clientHeight < 80) follow.on = true;
  }, { passive: true });
  for (const kind of ["wheel", "touchmove", "keydown"]) $("chat").addEventListener(kind, () => { follow.on = false; }, { passive: true });
  $("chat").addEventListener("load", follow, true);
  new ResizeObserver(follow).observe($("chat"));
  for (const node of document.querySelectorAll("[data-icon]")) node.append(icon(node.dataset.icon));
  $("more").append(icon("plus")); $("voice").append(icon("voice")); $("toggle-people").append(icon("people"));
  $("write").addEventListener("submit", send);
  $("write").content.addEventListener("input", typed);
  $("write").content.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event);
  });
  $("mode").onclick = () => { view.keyboard = !view.keyboard; drawAccount(); };
  $("more").onclick = () => { $("tray").hidden = !$("tray").hidden; $("more").setAttribute("aria-expanded", !$("tray").hidden); };
  $("voice").onclick = async () => {
    const given = await ask("发送语音", [["recognition", "语音识别的文字（没有就留空格）", "请问龙井多少钱一斤"], ["seconds", "秒数", "3"]]);
    if (given) await act("voice", given);
  };
  $("picture").onchange = async (event) => {
    const form = new FormData();
    form.set("file", event.target.files[0]);
    await act("image", form);
    event.target.value = "";
  };
  for (const node of document.querySelectorAll("[data-act]")) node.onclick = () => share(node.dataset.act);
  $("follow").onclick = () => act("follow");
  $("scan-open").onclick = scan;
  $("unfollow").onclick = () => { $("profile").close(); act("unfollow"); };
  $("open-profile").onclick = () => {
    $("profile-name").textContent = view.account.name;
    const facts = { 原始ID: view.account.original_id, 类型: view.account.kind, 加密方式: view.account.mode, 回调地址: view.account.callback_url || "未填写", 服务器: view.account.enabled ? "已启用" : "未启用" };
    $("profile-facts").replaceChildren(...Object.entries(facts).flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
    $("profile").showModal();
  };
  $("toggle-people").onclick = () => document.querySelector(".people").classList.toggle("open");
  $("drawer-toggle").onclick = () => {
    const open = $("drawer").classList.toggle("open");
    $("drawer-toggle").textContent = open ? "收起" : "展开";
    $("drawer-toggle").setAttribute("aria-expanded", open);
  };
  for (const node of document.querySelectorAll("[data-close]")) node.onclick = () => node.closest("dialog").close();
  for (const node of document.querySelectorAll("[data-tab]")) node.onclick = () => {
    for (const each of document.querySelectorAll("[data-tab]")) {
      each.setAttribute("aria-selected", each === node);
      $(each.dataset.tab).hidden = each !== node;
    }
  };
  for (const node of document.querySelectorAll("[data-advance]")) node.onclick = () => call(`${base}/clock`, { seconds: Number(node.dataset.advance) });
  $("add-person").onsubmit = async (event) => {
    event.preventDefault();
    const { openid } = await call(`${base}/people`, { nickname: event.target.nickname.value });
    event.target.reset();
    await load();
    choose(openid);
  };
  setInterval(() => { drawClock(); drawSelf(); }, 5000);
}

wire();
load().then(() => { choose(view.openid); listen(); });
