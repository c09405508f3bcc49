variable "agent_image" {
  type    = string
  default = "ghcr.io/kestrel/tf-variable:main" # moved by CI
}

resource "kubernetes_deployment" "web" {
  spec {
    template {
      spec {
        container {
          name  = "web"
          image = "ghcr.io/kestrel/tf-container:dev"

          image_pull_policy = "Always"
        }
      }
    }
  }
}

resource "docker_image" "tool" {
  name = "ghcr.io/kestrel/tf-docker:latest"
}

resource "kubernetes_manifest" "job" {
  manifest = yamldecode(<<-YAML
    apiVersion: batch/v1
    kind: Job
    spec:
      template:
        spec:
          containers:
            - name: job
              image: ghcr.io/kestrel/tf-heredoc:main
  YAML
  )
}

resource "aws_ecs_task_definition" "web" {
  container_definitions = jsonencode([
    { name = "web", image = "ghcr.io/kestrel/tf-ecs:main" },
    { name = "job", image = "ghcr.io/kestrel/tf-computed:${var.tag}" },
  ])
}

resource "helm_release" "web" {
  chart = "web"
  set {
    name  = "image.tag"
    value = "dev"
  }
}

resource "google_compute_instance" "vm" {
  boot_disk {
    initialize_params {
      image = "debian-cloud/debian-12"
    }
  }
}
