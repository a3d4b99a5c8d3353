/** Public pools. */
import { Waves } from "@lucide/vue";

import { defineFeature } from "../../app/feature";

const meta = { title: "pools.title", nav: "pools", permission: "pool.read" };
const id = (to: { params: Record<string, string | string[]> }) => ({ id: Number(to.params.id) });

export default defineFeature({
  routes: [
    { path: "pools", name: "pools", component: () => import("./PoolsPage.vue"), meta },
    { path: "pools/:id(\\d+)", name: "pool", component: () => import("./PoolPage.vue"), props: id, meta },
    { path: "pools/:id(\\d+)/ledger", name: "pool-ledger", component: () => import("./LedgerPage.vue"), props: id, meta },
    { path: "pools/:id(\\d+)/rules", name: "pool-rules", component: () => import("./RulesPage.vue"), props: id, meta: { ...meta, permission: "pool.manage" } },
  ],
  nav: [{ id: "pools", label: "pools.title", icon: Waves, to: { name: "pools" }, order: 45, permission: "pool.read" }],
  commands: [{ id: "pools.open", label: "pools.title", icon: Waves, to: { name: "pools" }, permission: "pool.read", order: 45 }],
});
