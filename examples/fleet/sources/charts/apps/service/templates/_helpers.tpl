{{- define "service.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "service.selector" -}}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/*
The reference of an image, by digest where there is one.
  {{ include "service.imageRef" (dict "image" .Values.image "chart" .Chart) }}
*/}}
{{- define "service.imageRef" -}}
{{- $repository := required "image.repository is required" .image.repository -}}
{{- if .image.digest -}}
{{- printf "%s@%s" $repository .image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (.image.tag | default .chart.AppVersion) -}}
{{- end -}}
{{- end -}}
