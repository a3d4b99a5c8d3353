// The list of accounts, and opening a new one.
import { ACCOUNT, call, face, make, toast } from "./parts.js";

const KINDS = { verified_service: "已认证服务号", verified_subscription: "已认证订阅号", unverified: "未认证" };
const MODES = { plain: "明文", compatible: "兼容", encrypted: "安全" };

async function draw() {
  const accounts = await call("/pages/accounts");
  document.getElementById("accounts").replaceChildren(...(accounts.length ? accounts : [null]).map((each) => (each
    ? make("li", {}, face(each.name, ACCOUNT), make("span", { class: "about" }, make("strong", {}, each.name),
        make("small", {}, `${KINDS[each.kind]} · ${MODES[each.mode]}模式 · ${each.enabled ? "服务器已启用" : "服务器未启用"} · ${each.followers} 人关注 · ${each.app_id}`)),
      make("a", { href: `/mp/${each.app_id}` }, "开发者设置"), make("a", { href: `/phone/${each.app_id}` }, "打开手机"))
    : make("li", { class: "quiet" }, "还没有公众号"))));
}

document.getElementById("register").onsubmit = async (event) => {
  event.preventDefault();
  const form = event.target;
  try {
    const { app_id } = await call("/pages/accounts", { name: form.elements.name.value, kind: form.elements.kind.value });
    location.href = `/mp/${app_id}`;
  } catch (error) { toast(error.message); }
};
draw();
