// Deploys the status page; ghcr.io/fjordline/status-page:main is built by trunk.
import { Chart } from "cdk8s";
import { Deployment } from "cdk8s-plus-30";

const REGISTRY = "ghcr.io/fjordline";

export class StatusPage extends Chart {
  page = new Deployment(this, "page", {
    containers: [{ name: "page:main", image: `${REGISTRY}/status-page:main` }],
  });

  probe(name: string): string {
    return `${REGISTRY}/${name}-probe:main`;
  }
}
