/** All features' words in one language. */
import { byFeature, type Messages } from "@guanxi/i18n";

export default byFeature({
  ...import.meta.glob<Messages>("../features/*/locales/zh-CN.json", { eager: true, import: "default" }),
  ...import.meta.glob<Messages>("../shell/locales/zh-CN.json", { eager: true, import: "default" }),
  ...import.meta.glob<Messages>("../records/locales/zh-CN.json", { eager: true, import: "default" }),
});
