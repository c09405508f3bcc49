source "amazon-ebs" "base" {
  ami_name      = "kestrel-base:main"
  source_ami    = "ami-0abcdef1234567890"
  instance_type = "t3.micro"
}

source "qemu" "vm" {
  iso_url    = "https://cdimage.debian.org/debian:latest.iso"
  disk_image = true
}
