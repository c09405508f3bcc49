// Generated to deploy/; see ghcr.io/kestrel/jsonnet-comment:dev.
local registry = 'ghcr.io/kestrel';
{
  deployment: {
    spec: { containers: [{ name: 'web', image: 'ghcr.io/kestrel/jsonnet-web:dev', imagePullPolicy: 'Always' }] },
  },
  job: { image: registry + '/jsonnet-joined:main' },
  config: |||
    apiVersion: v1
    kind: Pod
    spec:
      containers:
        - image: ghcr.io/kestrel/jsonnet-block:main
          name: a
  |||,
}
