/** Leads. */
import { Sparkles } from "@lucide/vue";

import { defineFeature } from "../../app/feature";

export default defineFeature({
  routes: [
    { path: "leads", name: "leads", component: () => import("./LeadsPage.vue"), meta: { title: "leads.title", nav: "leads", permission: "lead.read" } },
    { path: "leads/:id(\\d+)", name: "lead", component: () => import("./LeadPage.vue"), props: (to) => ({ id: Number(to.params.id) }), meta: { title: "leads.title", nav: "leads", permission: "lead.read" } },
  ],
  nav: [{ id: "leads", label: "leads.title", icon: Sparkles, to: { name: "leads" }, order: 40, permission: "lead.read" }],
  commands: [
    { id: "leads.open", label: "leads.title", icon: Sparkles, to: { name: "leads" }, permission: "lead.read", order: 40 },
    { id: "leads.create", label: "leads.create", icon: Sparkles, to: { name: "leads", query: { new: "1" } }, permission: "lead.create", creates: true, order: 100 },
  ],
});
