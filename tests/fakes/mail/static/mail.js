// The list of mails and the one that is read.
let mails = [];
let chosen = 0;
const list = document.getElementById("mails");
const pane = document.getElementById("mail");
const filter = document.getElementById("filter");
const at = (seconds) => new Intl.DateTimeFormat("zh-CN", { dateStyle: "medium", timeStyle: "medium" }).format(new Date(seconds * 1000));

function node(tag, props, ...children) {
  const made = Object.assign(document.createElement(tag), props);
  made.append(...children);
  return made;
}

function drawList() {
  const words = filter.value.trim().toLowerCase();
  const shown = mails.filter((each) => `${each.subject} ${each.to}`.toLowerCase().includes(words));
  list.replaceChildren(...shown.map((each) => {
    const button = node("button", { type: "button", onclick: () => read(each.id) }, node("strong", { textContent: each.subject }),
      node("span", { className: "quiet", textContent: `${each.to.join(", ")} · ${at(each.at)}` }));
    button.setAttribute("aria-current", each.id === chosen);
    return node("li", {}, button);
  }));
  if (!shown.length) list.replaceChildren(node("li", { className: "quiet", textContent: "还没有邮件", style: "padding: 16px" }));
}

function read(id) {
  chosen = id;
  location.hash = id;
  drawList();
  const mail = mails.find((each) => each.id === id);
  if (!mail) return;
  const facts = node("dl", {});
  for (const [name, value] of [["发件人", mail.sender], ["收件人", mail.to.join(", ")], ["时间", at(mail.at)]])
    facts.append(node("dt", { textContent: name }), node("dd", { textContent: value }));
  const links = node("ul", {}, ...mail.links.map((each) => node("li", {}, node("a", { href: each, target: "_blank", rel: "noopener", textContent: each }))));
  const frame = node("iframe", { src: `/mail/${mail.id}`, title: mail.subject });
  frame.setAttribute("sandbox", "allow-popups allow-popups-to-escape-sandbox");
  pane.replaceChildren(node("h2", { textContent: mail.subject }), facts, links, mail.html ? frame : node("pre", { textContent: mail.text }));
}

async function load() {
  const found = await (await fetch("/mail/list")).json();
  if (JSON.stringify(found.map((each) => each.id)) === JSON.stringify(mails.map((each) => each.id))) return;
  mails = found;
  drawList();
  if (!chosen && location.hash) read(Number(location.hash.slice(1)));
}

filter.oninput = drawList;
drawList();
load();
setInterval(load, 2000);
