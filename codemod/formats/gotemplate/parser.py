"""From bytes to the nodes of a Go template."""

from __future__ import annotations

from bisect import bisect_right

from msgspec import Struct, field

from codemod.formats.gotemplate.expressions import Reader
from codemod.formats.gotemplate.lexer import LexError, Piece, pieces
from codemod.formats.gotemplate.nodes import (
    Action,
    Block,
    Branch,
    Break,
    Comment,
    Continue,
    Define,
    If,
    Node,
    Pipe,
    Range,
    TemplateCall,
    Text,
    With,
)
from codemod.source import Span

_DEEPEST = 100
_BRANCHES: dict[str, type[Branch]] = {"if": If, "range": Range, "with": With}


class Problem(Struct, frozen=True):
    """Why a template cannot be parsed, and at which byte."""

    offset: int
    message: str


class Template(Struct):
    """One parsed file: `nodes` of its top level in order, and what it defines, by name.

    Where there is a `problem`, `nodes` and `defines` are what stood whole before it. Of two definitions of one name the
    last counts that is not empty (Helm takes two that are not empty for an error).
    """

    name: str
    data: bytes
    nodes: list[Node] = field(default_factory=list)
    defines: dict[str, Define] = field(default_factory=dict)
    problem: Problem | None = None
    _lines: list[int] = field(default_factory=list)

    def line(self, offset: int) -> int:
        """The 1-based line of an offset."""
        if not self._lines:
            self._lines = [0]
            while found := self.data.find(b"\n", self._lines[-1]) + 1:
                self._lines.append(found)
        return bisect_right(self._lines, offset)


def parse(data: bytes, name: str = "") -> Template:
    """Parse one template file. Never raises: what is wrong is the template's `problem`."""
    return _Parser(Template(name, data)).parse()


class _Open(Struct, frozen=True):
    """A node that waits for its `{{end}}`, and where the nodes that come go."""

    node: Branch | Define | Block | None
    nodes: list[Node]
    is_else: bool = False


class _Parser:
    def __init__(self, template: Template) -> None:
        self.template = template
        self.data = template.data
        self.opened = [_Open(None, template.nodes)]

    def parse(self) -> Template:
        whole = 0
        try:
            for piece in pieces(self.data):
                self._piece(piece)
                if len(self.opened) == 1:
                    whole = len(self.template.nodes)
            if len(self.opened) > 1:
                raise LexError(len(self.data), "unexpected EOF")
        except LexError as error:
            del self.template.nodes[whole:]
            self.template.problem = Problem(error.offset, str(error))
        return self.template

    def _piece(self, piece: Piece) -> None:
        nodes = self.opened[-1].nodes
        if piece.kind == "text":
            nodes.append(Text(piece.start, piece.end, piece.text, piece.text_start))
        elif piece.kind == "comment":
            nodes.append(Comment(piece.start, piece.end))
        else:
            self._action(piece)

    def _action(self, piece: Piece) -> None:
        reader = Reader(self.data, piece)
        nodes = self.opened[-1].nodes
        match keyword := reader.token.kind:
            case "if" | "range" | "with":
                reader.take(keyword)
                self._open_branch(piece, keyword, reader)
            case "else":
                self._else(piece, reader)
            case "end":
                reader.take("end")
                reader.close("end")
                self._end(Span(piece.start, piece.end))
            case "define" | "block":
                self._define(piece, reader)
            case "template":
                nodes.append(self._call(piece, reader))
            case "break" | "continue":
                nodes.append(self._jump(piece, reader))
            case _:
                nodes.append(Action(piece.start, piece.end, reader.pipe("command")))

    def _open(self, node: Branch | Define | Block) -> None:
        if len(self.opened) > _DEEPEST:
            raise LexError(node.start, "actions are nested too deeply")
        self.opened[-1].nodes.append(node)
        self.opened.append(_Open(node, node.body))

    def _open_branch(self, piece: Piece, keyword: str, reader: Reader) -> None:
        self._open(_BRANCHES[keyword](piece.start, piece.end, reader.pipe(keyword)))

    def _else(self, piece: Piece, reader: Reader) -> None:
        reader.take("else")
        inner = self.opened[-1]
        if not isinstance(inner.node, Branch) or inner.is_else:
            raise LexError(piece.start, "unexpected {{else}}")
        inner.node.else_span = Span(piece.start, piece.end)
        self.opened[-1] = _Open(inner.node, inner.node.orelse, True)
        if isinstance(inner.node, Range) or not (keyword := reader.take("if", "with")):
            reader.close("else")
            return
        if _BRANCHES[keyword.kind] is not type(inner.node):
            raise LexError(keyword.start, f"unexpected {keyword.text!r} in else")
        self._open_branch(piece, keyword.kind, reader)

    def _end(self, span: Span) -> None:
        """Close the innermost node; one that `{{else if}}` or `{{else with}}` opened closes those around it too."""
        while True:
            node = self.opened.pop().node
            if node is None:
                self.opened.append(_Open(None, self.template.nodes))
                raise LexError(span.start, "unexpected {{end}}")
            around = self.opened[-1].node
            if not (isinstance(around, Branch) and around.else_span == node.span):
                break
        node.end_span = span
        if isinstance(node, Define):
            self._add(node)
        elif isinstance(node, Block):
            self._add(Define(node.start, node.end, node.name, node.body, span))

    def _add(self, define: Define) -> None:
        if define.name not in self.template.defines or not is_empty(define.body):
            self.template.defines[define.name] = define

    def _define(self, piece: Piece, reader: Reader) -> None:
        if reader.take("block"):
            name = reader.string("block clause")
            self._open(Block(piece.start, piece.end, name, reader.pipe("block clause")))
            return
        reader.take("define")
        if len(self.opened) > 1:
            raise LexError(piece.start, "unexpected {{define}}")
        name = reader.string("define clause")
        reader.close("define clause")
        self._open(Define(piece.start, piece.end, name))

    def _call(self, piece: Piece, reader: Reader) -> TemplateCall:
        reader.take("template")
        name = reader.string("template clause")
        pipe: Pipe | None = None
        if not reader.take("close"):
            pipe = reader.pipe("template clause")
        return TemplateCall(piece.start, piece.end, name, pipe)

    def _jump(self, piece: Piece, reader: Reader) -> Break | Continue:
        keyword = reader.take("break", "continue")
        word = keyword.text if keyword else ""
        reader.close(word)
        if not any(isinstance(opened.node, Range) and not opened.is_else for opened in self.opened):
            raise LexError(piece.start, f"{{{{{word}}}}} outside {{{{range}}}}")
        return Break(piece.start, piece.end) if word == "break" else Continue(piece.start, piece.end)


def is_empty(nodes: list[Node]) -> bool:
    """Whether a template is empty in Go's sense: only blanks, comments and definitions."""
    return all(
        isinstance(node, Comment | Define) or (isinstance(node, Text) and not node.text.strip()) for node in nodes
    )
