"""Release ghcr.io/kestrel/py-documented:main.

    image: ghcr.io/kestrel/py-indented:dev
"""

# IMAGE = "ghcr.io/kestrel/py-commented:dev"
BRANCH = "main"
CHANNEL = "latest"
BIND = "0.0.0.0:8000"
ENTRY = "kestrel.web:main"
REPOSITORY = "https://github.com/kestrel/web:main"
ENV = {"KEY": "a:dev"}
LOGO = "img/logo.png"


def release(tag: str) -> str:
    """Tag an image.

    >>> release("dev")
    'released ghcr.io/kestrel/py-doctest:dev'
    """
    return f"released {tag} on {BRANCH}"
