# The runner that the clusters do not run.
variable "runner_image" {
  type    = string
  default = "ghcr.io/fjordline/ci-runner:main"
}

resource "kubernetes_job_v1" "migrate" {
  metadata {
    name = "migrate"
  }
  spec {
    template {
      spec {
        container {
          name  = "migrate"
          image = "ghcr.io/fjordline/toolbox:main" # moved by the build
        }
        container {
          name  = "proxy"
          image = "${var.registry}/proxy:${var.proxy_tag}"
        }
      }
    }
  }
}

resource "google_compute_instance" "bastion" {
  boot_disk {
    initialize_params {
      image = "debian-cloud/debian-12"
    }
  }
}
