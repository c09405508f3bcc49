from dataclasses import dataclass

from codemod.edits import Edit
from codemod.source import Span


@dataclass(frozen=True, slots=True)
class ImageExpression:
    span: Span
    tag: str
    digest: str
    edits: tuple[Edit, ...]


def image_expressions(data: bytes, template: object = None) -> tuple[ImageExpression, ...]:
    return ()
