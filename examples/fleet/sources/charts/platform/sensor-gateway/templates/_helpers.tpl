{{- define "sensor-gateway.image" -}}
{{- $registry := (.Values.global).imageRegistry | default "ghcr.io" -}}
{{- $suffix := printf ":%s" (.Values.image.tag | default .Chart.AppVersion) -}}
{{- if .Values.image.digest -}}
{{- $suffix = printf "@%s" .Values.image.digest -}}
{{- end -}}
{{- printf "%s/%s%s" $registry .Values.image.repository $suffix -}}
{{- end -}}
