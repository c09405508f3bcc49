{{/*
The reference of an image: the global registry wins over the image's own, the digest over the tag.
{{ include "common.images.image" ( dict "imageRoot" .Values.path.to.the.image "global" .Values.global "chart" .Chart ) }}
*/}}
{{- define "common.images.image" -}}
{{- $registry := default .imageRoot.registry ((.global).imageRegistry) -}}
{{- $separator := ":" -}}
{{- $version := .imageRoot.tag | toString -}}
{{- if and .chart (not .imageRoot.tag) -}}
  {{- $version = .chart.AppVersion | toString -}}
{{- end -}}
{{- if .imageRoot.digest -}}
  {{- $separator = "@" -}}
  {{- $version = .imageRoot.digest | toString -}}
{{- end -}}
{{- if $registry -}}
  {{- printf "%s/%s%s%s" $registry .imageRoot.repository $separator $version -}}
{{- else -}}
  {{- printf "%s%s%s" .imageRoot.repository $separator $version -}}
{{- end -}}
{{- end -}}

{{/* The pull secrets of all images and the global ones, each once. */}}
{{- define "common.images.pullSecrets" -}}
{{- $secrets := ((.global).imagePullSecrets) | default list -}}
{{- range .images -}}
  {{- $secrets = concat $secrets (.pullSecrets | default list) -}}
{{- end -}}
{{- $names := list -}}
{{- range $secrets -}}
  {{- if kindIs "map" . -}}
    {{- $names = append $names .name -}}
  {{- else -}}
    {{- $names = append $names . -}}
  {{- end -}}
{{- end -}}
{{- with $names | uniq -}}
imagePullSecrets:
{{- range . }}
  - name: {{ . }}
{{- end }}
{{- end -}}
{{- end -}}
