{{/* The reference of one of the chart's images: call it with a list of the image and the chart's root. */}}
{{- define "lookout.image" -}}
{{- $image := index . 0 -}}
{{- $root := index . 1 -}}
{{- $tag := $image.tag | default $root.Chart.AppVersion -}}
{{- ternary (printf "%s@%s" $image.repository $image.digest) (printf "%s:%s" $image.repository $tag) (not (empty $image.digest)) -}}
{{- end -}}
