{{/* Names and images of the pricing chart. */}}
{{- define "pricing.fullname" -}}
{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" }}
{{- end -}}

{{- define "pricing.image" -}}
{{- printf "%s/%s:%s" .registry .repository .tag -}}
{{- end -}}
