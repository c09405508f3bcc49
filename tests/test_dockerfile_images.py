"""Dockerfiles: what is pinned, what stays, what a build without arguments would get."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest
from casefiles import Case, cases, check, each_case

from codemod.config import Config
from codemod.discover import Tree
from codemod.formats import dockerfile
from codemod.source import Source
from codemod.testing import check_rewrites, plan_of
from transforms._variables import expanded
from transforms.dockerfile_images import transform


@each_case("dockerfile.txt")
@pytest.mark.surface("dockerfile", found="`FROM`, `COPY --from`, `RUN --mount=from`, `ONBUILD`, `# syntax=`")
@pytest.mark.surface("dockerfile", rewritten="these, and `ARG` defaults that are the whole name")
@pytest.mark.surface("dockerfile", reported="names that arguments make up")
@pytest.mark.surface("dockerfile", left="stages, `scratch`, here-documents, comments, what `RUN` does")
def test_a_case(case: Case) -> None:
    check(transform, case, "Dockerfile")


def test_fixed_tags_are_pinned_readably_where_all_are_wanted() -> None:
    before = "ARG BASE=golang:1.22\nFROM ${BASE}\n# syntax=a/b:1\nCOPY --from=ghcr.io/acme/tools:v1 a b\n"
    after = before.replace("golang:1.22", "golang:1.22@<digest>").replace("tools:v1", "tools:v1@<digest>")
    check_rewrites(transform, before, after, path="Dockerfile", pin_all=True)


@pytest.mark.parametrize(
    ("text", "image", "status"),
    [
        ("ARG TAG=latest\nFROM acme/base:${TAG}\n", "docker.io/acme/base:latest", "floating"),
        ("ARG TAG=v1\nARG B=acme/base:$TAG\nFROM ${B}\n", "docker.io/acme/base:v1", "tag-only"),
        ("ARG R=\nFROM ${R:-ghcr.io}/acme/base:${T-v1}\n", "ghcr.io/acme/base:v1", "tag-only"),
        ("ARG D=1\nFROM acme/base${D:+:debug}\n", "docker.io/acme/base:debug", "tag-only"),
        ("FROM acme/base:$TARGETARCH\n", None, "templated"),
    ],
)
@pytest.mark.surface("dockerfile", found="what arguments come to")
def test_what_arguments_come_to_is_shown(text: str, image: str | None, status: str) -> None:
    (entry,) = plan_of(transform, {"Dockerfile": text.encode()}).images
    shown = str(entry.reference) if entry.reference is not None else None
    assert (shown, entry.status) == (image, status)


@pytest.mark.parametrize("text", ["${A", "${A#x}", "$A$", "${A:-${B}}", "${A:-$B}"])
def test_what_is_more_than_a_variable_and_a_default_is_not_known(text: str) -> None:
    assert expanded(text, {"A": "a", "B": "b"}) is None


@pytest.mark.parametrize(
    "name",
    ["Dockerfile", "Containerfile", "dockerfile", "Dockerfile.dev", "Dockerfile-x", "web.Dockerfile", "a.dockerfile"],
)
def test_its_files_are_found_by_their_names(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("FROM alpine\n")
    (tmp_path / "Docker").write_text("FROM alpine\n")
    (tmp_path / "dockerfile-notes.txt").write_text("FROM alpine\n")
    assert [source.path for source in Tree(str(tmp_path), transform.reads).sources] == [name]


def test_a_suffix_of_another_language_wins_over_the_beginning_of_a_name(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile.yaml").write_text("a: b\n")
    from codemod.formats import yaml

    tree = Tree(str(tmp_path), (*transform.reads, yaml.LANGUAGE), Config().is_included)
    assert [source.language for source in tree.sources] == ["yaml"]


def read(text: str) -> list[tuple[str, list[str], list[str]]]:
    found = dockerfile.read(Source("Dockerfile", text.encode(), "dockerfile")).instructions
    return [(("ONBUILD " if i.is_trigger else "") + i.name, _texts(i.flags), _texts(i.arguments)) for i in found]


def _texts(words: tuple[dockerfile.Word, ...]) -> list[str]:
    return [word.text for word in words]


SAMPLES = (
    *(
        "FROM alpine AS b\n",
        "from scratch\n",
        "FROM x:${Y:-z} as Q\n",
        'FROM --platform=$B "x"\n',
        "FROM \\\n  alpine\n",
    ),
    *(
        "RUN a \\\n # c\n\n b\n",
        "RUN echo it's\n",
        'RUN echo "a \\\n FROM b"\n',
        'RUN ["a", "b"]\n',
        "RUN x <<EOF\nFROM z\nEOF\n",
    ),
    *("RUN <<'A' <<B\nx\nA\nFROM y\nB\n", "COPY <<-E /x\nFROM q\n\tE\n", "COPY --from=b . .\n", "ENV X y z\n"),
    *(
        "ARG A=b\n",
        "ARG A=\"b c\" D='e'\n",
        "ONBUILD COPY --from=a b c\n",
        "# c\n",
        "\n",
        "RUN --mount=type=x,from=y:z x\n",
    ),
)


def mixtures() -> list[str]:
    """Files put together of samples, the same ones each time."""
    choice = random.Random(1)
    texts = []
    for count in range(300):
        text = "# syntax=a/b\n" * (count % 2) + "".join(choice.choices(SAMPLES, k=6))
        texts.append("# escape=`\n" + text.replace("\\\n", "`\n") if count % 3 else text)
    return texts


@pytest.mark.skipif(sys.platform != "linux", reason="the oracle has wheels for Linux only")
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_instructions_are_those_of_buildkit(newline: str) -> None:
    buildkit = pytest.importorskip("dockerfile")
    for sample in (*mixtures(), *(case.before for case in cases("dockerfile.txt").values())):
        text = sample.replace("\n", newline)
        wanted = []
        for command in buildkit.parse_string(text):
            name = " ".join(filter(None, (command.cmd, command.sub_cmd))).upper()
            wanted.append((name, list(command.flags), list(command.value) if name in ("FROM", "ARG") else []))
        got = [
            (name, [] if name.startswith("ONBUILD") else flags, words if name in ("FROM", "ARG") else [])
            for name, flags, words in read(text)
        ]
        assert got == wanted, text
