/** Handover of work; its history and what nobody looks after stand in the settings. */
import { UserRoundMinus } from "@lucide/vue";

import { defineFeature } from "../../app/feature";

const meta = { title: "handover.title", nav: "settings", permission: "handover.read" };
const number = (value: string | string[] | undefined) => Number(value);

export default defineFeature({
  routes: [
    { path: "handovers/new", name: "handover-new", component: () => import("./NewHandoverPage.vue"), meta: { ...meta, permission: "handover.manage" } },
    { path: "handovers/:id(\\d+)", name: "handover", component: () => import("./HandoverPage.vue"), props: (to) => ({ id: number(to.params.id) }), meta },
    { path: "handovers/:id(\\d+)/customers/:customer(\\d+)", name: "handover-dossier", component: () => import("./DossierPage.vue"), props: (to) => ({ id: number(to.params.id), customer: number(to.params.customer) }), meta },
  ],
  commands: [{ id: "handover.new", label: "handover.new", icon: UserRoundMinus, to: { name: "handover-new" }, permission: "handover.manage", order: 170 }],
});
