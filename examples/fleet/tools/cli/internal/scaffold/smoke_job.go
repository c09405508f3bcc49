package scaffold

// smokeJob is the manifest of the smoke job, one line a field.
const smokeJob = "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: smoke\nspec:\n  template:\n    spec:\n      containers:\n        - name: grpcurl\n          image: ghcr.io/fjordline/grpcurl-runner:dev\n          imagePullPolicy: Always\n"

// SmokeJob returns the manifest of the smoke job.
func SmokeJob() string { return smokeJob }
