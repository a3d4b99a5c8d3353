/** Duplicates and requests for transfer. */
import { CopyCheck } from "@lucide/vue";

import { defineFeature } from "../../app/feature";

export default defineFeature({
  routes: [{ path: "duplicates", name: "duplicates", component: () => import("./DuplicatesPage.vue"), meta: { title: "duplicates.title", nav: "customers", permission: "duplicate.check" } }],
  commands: [{ id: "duplicates.open", label: "duplicates.title", icon: CopyCheck, to: { name: "duplicates" }, permission: "duplicate.check", order: 47 }],
});
