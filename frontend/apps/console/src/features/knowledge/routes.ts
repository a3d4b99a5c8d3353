/** The knowledge base. */
import { BookOpenText } from "@lucide/vue";

import { defineFeature } from "../../app/feature";

const meta = { title: "knowledge.title", nav: "knowledge", permission: "faq.read" };

export default defineFeature({
  routes: [
    { path: "knowledge", name: "knowledge", component: () => import("./FaqsPage.vue"), meta },
    { path: "knowledge/faqs/:id(\\d+)", name: "faq", component: () => import("./FaqsPage.vue"), props: (to) => ({ id: Number(to.params.id) }), meta },
    { path: "knowledge/articles", name: "articles", component: () => import("./ArticlesPage.vue"), meta },
    { path: "knowledge/articles/new", name: "article-new", component: () => import("./ArticlePage.vue"), meta },
    { path: "knowledge/articles/:id(\\d+)", name: "article", component: () => import("./ArticlePage.vue"), props: (to) => ({ id: Number(to.params.id) }), meta },
    { path: "knowledge/gaps", name: "gaps", component: () => import("./GapsPage.vue"), meta },
  ],
  nav: [{ id: "knowledge", label: "knowledge.title", icon: BookOpenText, to: { name: "knowledge" }, order: 70, permission: "faq.read" }],
  commands: [
    { id: "knowledge.open", label: "knowledge.title", icon: BookOpenText, to: { name: "knowledge" }, permission: "faq.read", order: 70 },
    { id: "knowledge.create", label: "knowledge.create", icon: BookOpenText, to: { name: "knowledge", query: { new: "1" } }, permission: "faq.create", creates: true, order: 150 },
  ],
});
