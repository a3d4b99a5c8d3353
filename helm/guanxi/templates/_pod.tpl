{{/* The environment: plain settings by value, secrets by reference. */}}
{{- define "guanxi.secretEnv" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ .secret | quote }}
      key: {{ .key | quote }}
{{- end -}}

{{- define "guanxi.env" -}}
{{- $root := .root -}}
{{- $values := .root.Values -}}
- name: GUANXI_ENV
  value: production
- name: GUANXI_BASE_DOMAIN
  value: {{ $values.baseDomain | quote }}
- name: GUANXI_BASE_URL
  value: {{ printf "https://%s" $values.baseDomain | quote }}
- name: GUANXI_HEARTBEAT_DIR
  value: /tmp
- name: HOME
  value: /tmp
{{- if $values.mail.from }}
- name: GUANXI_MAIL_FROM
  value: {{ $values.mail.from | quote }}
{{- end }}
{{- range $name, $value := $values.config }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{ include "guanxi.secretEnv" (dict "name" "DJANGO_SECRET_KEY" "secret" $values.secrets.existingSecret "key" $values.secrets.djangoSecretKey) }}
{{ include "guanxi.secretEnv" (dict "name" "GUANXI_SECRET_KEYS" "secret" $values.secrets.existingSecret "key" $values.secrets.keyRing) }}
{{- if and (eq .component "migrate") $values.database.migrationSecret }}
{{ include "guanxi.secretEnv" (dict "name" "DATABASE_URL" "secret" $values.database.migrationSecret "key" $values.database.migrationUrlKey) }}
{{- else }}
{{ include "guanxi.secretEnv" (dict "name" "DATABASE_URL" "secret" $values.database.existingSecret "key" $values.database.urlKey) }}
{{- end }}
{{ include "guanxi.secretEnv" (dict "name" "REDIS_URL" "secret" $values.redis.existingSecret "key" $values.redis.urlKey) }}
{{- if $values.mail.existingSecret }}
{{ include "guanxi.secretEnv" (dict "name" "GUANXI_SMTP_URL" "secret" $values.mail.existingSecret "key" $values.mail.urlKey) }}
{{- end }}
{{- range $values.extraSecretEnv }}
{{ include "guanxi.secretEnv" . }}
{{- end }}
{{- end -}}

{{- define "guanxi.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ .Values.runAsUser }}
runAsGroup: {{ .Values.runAsUser }}
fsGroup: {{ .Values.runAsUser }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "guanxi.containerSecurity" -}}
allowPrivilegeEscalation: false
privileged: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* A whole pod template. Call with root, component, part (the component's values), command and, where they differ, grace, probes, ports, lifecycle. */}}
{{- define "guanxi.pod" -}}
{{- $root := .root -}}
{{- $values := .root.Values -}}
metadata:
  labels:
    {{- include "guanxi.labels" (dict "root" $root "component" .component) | nindent 4 }}
    {{- with $values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with $values.podAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  serviceAccountName: {{ default (include "guanxi.serviceAccount" $root) .account }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ .grace }}
  {{- with .restart }}
  restartPolicy: {{ . }}
  {{- end }}
  {{- with $values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with $values.image.pullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    {{- include "guanxi.podSecurity" $root | nindent 4 }}
  {{- with .part.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .part.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .part.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if .spread }}
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: kubernetes.io/hostname
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "guanxi.selector" (dict "root" $root "component" .component) | nindent 10 }}
  {{- end }}
  containers:
    - name: {{ .component }}
      image: {{ include "guanxi.image" $root | quote }}
      imagePullPolicy: {{ $values.image.pullPolicy }}
      command:
        {{- range .command }}
        - {{ . | quote }}
        {{- end }}
      env:
        {{- include "guanxi.env" . | nindent 8 }}
      {{- with .ports }}
      ports:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .lifecycle }}
      lifecycle:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .probes }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
      resources:
        {{- toYaml .part.resources | nindent 8 }}
      securityContext:
        {{- include "guanxi.containerSecurity" $root | nindent 8 }}
      volumeMounts:
        - name: tmp
          mountPath: /tmp
        {{- if .files }}
        - name: files
          mountPath: /var/lib/guanxi/files
        {{- end }}
        {{- if $values.database.caSecret }}
        - name: database-ca
          mountPath: /etc/guanxi/database
          readOnly: true
        {{- end }}
  volumes:
    - name: tmp
      emptyDir:
        sizeLimit: {{ $values.tmpSizeLimit }}
    {{- if .files }}
    - name: files
      persistentVolumeClaim:
        claimName: {{ default (printf "%s-files" (include "guanxi.fullname" $root)) $values.files.existingClaim }}
    {{- end }}
    {{- if $values.database.caSecret }}
    - name: database-ca
      secret:
        secretName: {{ $values.database.caSecret }}
        items:
          - key: {{ $values.database.caKey }}
            path: ca.crt
    {{- end }}
{{- end -}}
