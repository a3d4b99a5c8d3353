/** Settings. */
import { Settings } from "@lucide/vue";

import { defineFeature } from "../../app/feature";

const meta = (title: string, permission?: string) => ({ title, nav: "settings", permission });

export default defineFeature({
  routes: [
    {
      path: "settings",
      component: () => import("./SettingsLayout.vue"),
      meta: { nav: "settings", steady: true },
      children: [
        { path: "", name: "settings", redirect: { name: "settings-profile" } },
        { path: "profile", name: "settings-profile", component: () => import("./ProfilePage.vue"), meta: meta("settings.profile.title") },
        { path: "security", name: "settings-security", component: () => import("./SecurityPage.vue"), meta: meta("settings.security.title") },
        { path: "team", name: "settings-team", component: () => import("./TeamPage.vue"), meta: meta("settings.team.title", "member.read") },
        { path: "departments", name: "settings-departments", component: () => import("./DepartmentsPage.vue"), meta: meta("settings.departments.title", "department.read") },
        { path: "roles", name: "settings-roles", component: () => import("./RolesPage.vue"), meta: meta("settings.roles.title", "role.read") },
        { path: "roles/:id(\\d+)", name: "settings-role", component: () => import("./RolePage.vue"), props: (to) => ({ id: Number(to.params.id) }), meta: meta("settings.roles.title", "role.read") },
        { path: "teams", name: "settings-teams", component: () => import("./TeamsPage.vue"), meta: meta("settings.teams.title", "team.read") },
        { path: "delegations", name: "settings-delegations", component: () => import("./DelegationsPage.vue"), meta: meta("settings.delegations.title") },
        { path: "data", name: "settings-data", component: () => import("../imports/DataPage.vue"), meta: meta("imports.data.title", "customer.import") },
        { path: "handovers", name: "settings-handovers", component: () => import("../handover/HandoversPage.vue"), meta: meta("handover.title", "handover.read") },
        { path: "pipelines", name: "settings-pipelines", component: () => import("../deals/PipelinesPage.vue"), meta: meta("deals.settings.title", "pipeline.manage") },
        { path: "fields", name: "settings-fields", component: () => import("../fields/FieldsPage.vue"), meta: meta("fields.title", "custom_field.manage") },
        { path: "duplicates", name: "settings-duplicates", component: () => import("../duplicates/RulesPage.vue"), meta: meta("duplicates.rules.title", "duplicate.manage") },
        { path: "channels", name: "settings-channels", component: () => import("../service/ChannelsPage.vue"), meta: meta("settings.channels.title", "channel.read") },
        { path: "channels/:id(\\d+)", name: "settings-channel", component: () => import("../service/ChannelPage.vue"), props: (to) => ({ id: Number(to.params.id) }), meta: meta("settings.channels.title", "channel.read") },
        { path: "assistant", name: "settings-assistant", component: () => import("../service/AssistantPage.vue"), meta: meta("settings.assistant.title", "assistant.read") },
        { path: "canned-replies", name: "settings-canned-replies", component: () => import("../service/CannedRepliesPage.vue"), meta: meta("service.canned.title", "conversation.reply") },
        { path: "assignment-rules", name: "settings-assignment-rules", component: () => import("../service/RulesPage.vue"), meta: meta("service.rules.title", "assignment_rule.manage") },
        { path: "webhooks", name: "settings-webhooks", component: () => import("../integration/WebhooksPage.vue"), meta: meta("integration.title", "webhook.manage") },
        { path: "webhooks/:id(\\d+)", name: "settings-webhook", component: () => import("../integration/WebhookPage.vue"), props: (to) => ({ id: Number(to.params.id) }), meta: meta("integration.title", "webhook.manage") },
        { path: "domains", name: "settings-domains", component: () => import("../domains/DomainsPage.vue"), meta: meta("domains.title", "domain.read") },
        { path: "api-keys", name: "settings-api-keys", component: () => import("./ApiKeysPage.vue"), meta: meta("settings.apiKeys.title", "api_key.read") },
      ],
    },
  ],
  nav: [{ id: "settings", label: "settings.title", icon: Settings, to: { name: "settings" }, order: 900, foot: true }],
  commands: [
    { id: "settings.open", label: "settings.title", icon: Settings, to: { name: "settings" }, order: 90 },
    { id: "settings.team", label: "settings.team.title", icon: Settings, to: { name: "settings-team" }, permission: "member.read", order: 91 },
    { id: "settings.channels", label: "settings.channels.title", icon: Settings, to: { name: "settings-channels" }, permission: "channel.read", order: 92 },
    { id: "settings.assistant", label: "settings.assistant.title", icon: Settings, to: { name: "settings-assistant" }, permission: "assistant.read", order: 93 },
  ],
});
