/** The inbox: talks with customers. */
import { MessagesSquare } from "@lucide/vue";

import { defineFeature } from "../../app/feature";
import { useWaiting, waitingCount } from "./waiting";

export default defineFeature({
  routes: [
    { path: "inbox/:id(\\d+)?", name: "inbox", component: () => import("./InboxPage.vue"), meta: { title: "inbox.title", nav: "inbox", permission: "conversation.read", steady: true } },
    { path: "conversations/:id(\\d+)", name: "conversation", redirect: (to) => ({ name: "inbox", params: { id: to.params.id as string }, query: to.query }) },
  ],
  nav: [{ id: "inbox", label: "inbox.title", icon: MessagesSquare, to: { name: "inbox" }, order: 20, permission: "conversation.read", tab: 2, badge: () => waitingCount.value || undefined }],
  commands: [
    { id: "inbox.open", label: "inbox.title", icon: MessagesSquare, to: { name: "inbox" }, permission: "conversation.read", order: 20 },
    { id: "inbox.mine", label: "inbox.command.mine", icon: MessagesSquare, to: { name: "inbox", query: { view: "mine" } }, permission: "conversation.read", order: 21 },
    { id: "inbox.queue", label: "inbox.command.queue", icon: MessagesSquare, to: { name: "inbox", query: { view: "unassigned" } }, permission: "conversation.reply", order: 22 },
  ],
  start: useWaiting,
});
