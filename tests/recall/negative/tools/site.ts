import { image } from "./image:main";
// const IMAGE = "ghcr.io/kestrel/ts-commented:dev";
export const logo = "img/logo.png";
export const url = "https://cdn.kestrel.test/logo:latest";
export const channel = "latest";
export const base = { backgroundImage: "sky.webp", href: "http://localhost:3000/dev" };
export const server = { image: "ubuntu-24.04", serverType: "cx22" };
export const part = { containers: [{ image: "ghcr.io/kestrel/ts-part", tag: base.href }] };
