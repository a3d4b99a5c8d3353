/** All features' words in one language. */
import { byFeature, type Messages } from "@guanxi/i18n";

export default byFeature({
  ...import.meta.glob<Messages>("../features/*/locales/en.json", { eager: true, import: "default" }),
  ...import.meta.glob<Messages>("../shell/locales/en.json", { eager: true, import: "default" }),
  ...import.meta.glob<Messages>("../records/locales/en.json", { eager: true, import: "default" }),
});
