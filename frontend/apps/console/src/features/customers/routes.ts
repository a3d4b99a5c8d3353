/** Customers. */
import { Building2 } from "@lucide/vue";

import { defineFeature } from "../../app/feature";

export default defineFeature({
  routes: [
    { path: "customers", name: "customers", component: () => import("./CustomersPage.vue"), meta: { title: "customers.title", nav: "customers", permission: "customer.read" } },
    { path: "customers/:id(\\d+)", name: "customer", component: () => import("./CustomerPage.vue"), props: (to) => ({ id: Number(to.params.id) }), meta: { title: "customers.title", nav: "customers", permission: "customer.read" } },
  ],
  nav: [{ id: "customers", label: "customers.title", icon: Building2, to: { name: "customers" }, order: 30, permission: "customer.read", tab: 3 }],
  commands: [
    { id: "customers.open", label: "customers.title", icon: Building2, to: { name: "customers" }, permission: "customer.read", order: 30 },
    { id: "customers.create", label: "customers.create", icon: Building2, to: { name: "customers", query: { new: "1" } }, permission: "customer.create", creates: true, order: 110 },
  ],
});
