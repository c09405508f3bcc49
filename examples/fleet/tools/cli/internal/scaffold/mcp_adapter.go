package scaffold

// adapterManifest is a text/template of the adapter's Deployment.
const adapterManifest = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Name }}-mcp
spec:
  selector:
    matchLabels: {app: {{ .Name }}-mcp}
  template:
    metadata:
      labels: {app: {{ .Name }}-mcp}
    spec:
      containers:
        - name: adapter
          # image: ghcr.io/fjordline/mcp-adapter:main is the trunk build
          image: ghcr.io/fjordline/mcp-adapter:dev
          imagePullPolicy: Always
        - name: primitive
          image: ghcr.io/fjordline/{{ .Name }}:dev
          imagePullPolicy: Always
`

// AdapterTemplate returns the template of the adapter's manifest.
func AdapterTemplate() string { return adapterManifest }
