// An account's developer settings, as its owner fills them in at Tencent.
import { call, make } from "./parts.js";

const app = location.pathname.split("/")[2];
const form = document.getElementById("settings");
const result = document.getElementById("result");

async function draw() {
  const account = await call(`/mp/${app}/settings`);
  document.getElementById("name").textContent = account.name;
  document.getElementById("phone").href = `/phone/${app}`;
  document.getElementById("state").textContent = account.enabled ? "已启用" : "未启用";
  document.getElementById("facts").replaceChildren(...Object.entries({
    "开发者ID (AppID)": account.app_id, "开发者密码 (AppSecret)": account.secret, 原始ID: account.original_id,
  }).flatMap(([name, value]) => [make("dt", {}, name), make("dd", { class: "mono" }, value)]));
  for (const name of ["callback_url", "token", "aes_key", "mode"]) form.elements[name].value = account[name];
}

form.onsubmit = async (event) => {
  event.preventDefault();
  result.className = "quiet";
  result.textContent = "正在校验…";
  try {
    await call(`/mp/${app}/settings`, Object.fromEntries(new FormData(form)));
    result.className = "good";
    result.textContent = "已启用";
  } catch (error) {
    result.className = "bad";
    result.textContent = `Token 校验失败：${error.message}`;
  }
  await draw().catch(() => {});
};
draw();
