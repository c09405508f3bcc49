proxy_image = "ghcr.io/kestrel/tf-vars:main"
