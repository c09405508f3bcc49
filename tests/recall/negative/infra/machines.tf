# image = "ghcr.io/kestrel/tf-commented:main"
resource "google_compute_instance" "vm" {
  boot_disk {
    initialize_params {
      image = "debian-cloud/debian-12:latest"
    }
  }
  labels = {
    image = "vm-main"
  }
}

resource "digitalocean_droplet" "web" {
  image = "docker-20-04"
}

resource "azurerm_linux_virtual_machine" "vm" {
  source_image_reference {
    publisher = "Canonical"
    offer     = "ubuntu-24_04-lts"
    version   = "latest"
  }
}

module "network" {
  source = "git::https://github.com/kestrel/modules.git?ref=main"
}

output "hint" {
  value = "the branch is main, the image was built"
}
