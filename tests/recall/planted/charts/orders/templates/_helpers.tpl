{{- define "orders.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- define "orders.debugImage" -}}
ghcr.io/kestrel/orders-debug:main
{{- end -}}
