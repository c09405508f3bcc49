import { App, Chart } from "cdk8s";

const HUB = "ghcr.io/kestrel";
export const IMAGE = "ghcr.io/kestrel/ts-const:dev";

export class Web extends Chart {
  constructor(app: App, tag: string, image = "ghcr.io/kestrel/ts-default:main") {
    super(app, "web");
    new Deployment(this, "api", { containers: [{ name: "api", image: `${HUB}/ts-template:main`, imagePullPolicy: "Always" }] });
    new Deployment(this, "job", { containers: [{ name: "job", image: `${HUB}/ts-computed:${tag}`, imagePullPolicy: "Always" }] });
    new Deployment(this, "cache", { containers: [{ name: "cache", image: "ghcr.io/kestrel/ts-untagged" }] });
    new Deployment(this, "logo", { logo: "logo.png" });
  }
}
