/** Contacts. */
import { CircleUserRound } from "@lucide/vue";

import { defineFeature } from "../../app/feature";

export default defineFeature({
  routes: [
    { path: "contacts", name: "contacts", component: () => import("./ContactsPage.vue"), meta: { title: "contacts.title", nav: "contacts", permission: "contact.read" } },
    { path: "contacts/:id(\\d+)", name: "contact", component: () => import("./ContactPage.vue"), props: (to) => ({ id: Number(to.params.id) }), meta: { title: "contacts.title", nav: "contacts", permission: "contact.read" } },
  ],
  nav: [{ id: "contacts", label: "contacts.title", icon: CircleUserRound, to: { name: "contacts" }, order: 35, permission: "contact.read" }],
  commands: [
    { id: "contacts.open", label: "contacts.title", icon: CircleUserRound, to: { name: "contacts" }, permission: "contact.read", order: 35 },
    { id: "contacts.create", label: "contacts.create", icon: CircleUserRound, to: { name: "contacts", query: { new: "1" } }, permission: "contact.create", creates: true, order: 120 },
  ],
});
