/** Deals. */
import { Handshake } from "@lucide/vue";

import { defineFeature } from "../../app/feature";

export default defineFeature({
  routes: [
    { path: "deals", name: "deals", component: () => import("./DealsPage.vue"), meta: { title: "deals.title", nav: "deals", permission: "deal.read" } },
    { path: "deals/:id(\\d+)", name: "deal", component: () => import("./DealPage.vue"), props: (to) => ({ id: Number(to.params.id) }), meta: { title: "deals.title", nav: "deals", permission: "deal.read" } },
  ],
  nav: [{ id: "deals", label: "deals.title", icon: Handshake, to: { name: "deals" }, order: 50, permission: "deal.read" }],
  commands: [
    { id: "deals.open", label: "deals.title", icon: Handshake, to: { name: "deals" }, permission: "deal.read", order: 50 },
    { id: "deals.create", label: "deals.create", icon: Handshake, to: { name: "deals", query: { new: "1" } }, permission: "deal.create", creates: true, order: 130 },
  ],
});
