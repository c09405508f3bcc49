"""Pipelines: the tokens inside one action, read as `text/template/parse` reads them."""

from __future__ import annotations

from codemod.formats.gotemplate.lexer import LexError, Piece, Token
from codemod.formats.gotemplate.literals import number, unquoted
from codemod.formats.gotemplate.nodes import (
    Bool,
    Chain,
    Command,
    Dot,
    Field,
    Identifier,
    Nil,
    Node,
    Number,
    Pipe,
    String,
    Variable,
)

_DEEPEST = 100
_ENDS = ("close", "shut", "pipe")
_VALUES = (Bool, Dot, Nil, Number, String)


class Reader:
    """The tokens of one action, from the first to the `close`; `data` is the template. Methods raise `LexError`."""

    def __init__(self, data: bytes, piece: Piece) -> None:
        self.data = data
        self.tokens = piece.tokens
        self.at = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        """The next token."""
        return self.tokens[self.at]

    def take(self, *kinds: str) -> Token | None:
        """The next token if it is of one of the kinds."""
        token = self.tokens[self.at]
        if token.kind not in kinds:
            return None
        self.at = min(self.at + 1, len(self.tokens) - 1)
        return token

    def unexpected(self, context: str) -> LexError:
        """The error that the next token is none that can stand here."""
        return LexError(self.token.start, f"unexpected {self.token.text.strip()!r} in {context}")

    def close(self, context: str) -> None:
        """The end of the action must be next."""
        if not self.take("close"):
            raise self.unexpected(context)

    def string(self, context: str) -> str:
        """A string literal must be next: its text."""
        token = self.take("string", "raw")
        if token is None:
            raise self.unexpected(context)
        return self._string(token).value

    def pipe(self, context: str) -> Pipe:
        """A pipeline with its declarations, up to the end of the action."""
        start = self.token.start
        variables, assigns = self._declarations(context)
        pipe = self._commands(start, context)
        self.close(context)
        pipe.variables, pipe.assigns = variables, assigns
        return pipe

    def _declarations(self, context: str) -> tuple[tuple[Variable, ...], bool]:
        begun = self.at
        variables: list[Variable] = []
        while (token := self.take("variable")) is not None:
            variables.append(Variable(token.start, token.end, token.text, ()))
            if (sign := self.take("declare", "assign")) is not None:
                return tuple(variables), sign.kind == "assign"
            if not self.take("comma"):
                break
            if context != "range" or len(variables) > 1:
                raise LexError(token.start, f"too many declarations in {context}")
        if len(variables) > 1:
            raise self.unexpected(context)
        self.at = begun
        return (), False

    def _commands(self, start: int, context: str) -> Pipe:
        commands = [self._command(context)]
        while self.take("pipe"):
            commands.append(self._command(context))
        for command in commands[1:]:
            if isinstance(command.operands[0], _VALUES):
                raise LexError(command.start, "non executable command in pipeline")
        return Pipe(start, commands[-1].end, tuple(commands))

    def _command(self, context: str) -> Command:
        if self.token.kind in _ENDS:
            raise LexError(self.token.start, f"missing value for {context}")
        operands = [self._operand()]
        while self.token.kind not in _ENDS:
            if self.token.start == operands[-1].end:
                raise self.unexpected("operand")
            operands.append(self._operand())
        return Command(operands[0].start, operands[-1].end, tuple(operands))

    def _operand(self) -> Node:
        term = self._term()
        names: list[str] = []
        end = term.end
        while self.token.kind == "field" and self.token.start == end:
            names.append(self.token.text[1:])
            end = self.token.end
            self.take("field")
        if not names:
            return term
        if isinstance(term, Field):
            return Field(term.start, end, (*term.names, *names))
        if isinstance(term, Variable):
            return Variable(term.start, end, term.name, tuple(names))
        if isinstance(term, _VALUES):
            raise LexError(term.end, "unexpected . after term")
        return Chain(term.start, end, term, tuple(names))

    def _term(self) -> Node:
        token = self.token
        if self.take("open"):
            return self._parenthesised(token.start)
        kind, start, end, text = token
        if not self.take("word", "field", "variable", "dot", "string", "raw", "number", "char"):
            raise self.unexpected("operand")
        match kind:
            case "word":
                return _word(start, end, text)
            case "field":
                return Field(start, end, (text[1:],))
            case "variable":
                return Variable(start, end, text, ())
            case "dot":
                return Dot(start, end)
            case "number" | "char":
                return self._number(token)
            case _:
                return self._string(token)

    def _parenthesised(self, start: int) -> Pipe:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise LexError(start, "parentheses are nested too deeply")
        pipe = self._commands(start, "parenthesized pipeline")
        shut = self.take("shut")
        if shut is None:
            raise LexError(self.token.start, "unclosed left parenthesis")
        self.depth -= 1
        pipe.end = shut.end
        return pipe

    def _string(self, token: Token) -> String:
        written = self.data[token.start : token.end]
        if token.kind == "raw":
            return String(token.start, token.end, written[1:-1].replace(b"\r", b"").decode("utf-8", "replace"), True)
        try:
            return String(token.start, token.end, unquoted(written), False)
        except (ValueError, OverflowError):
            raise LexError(token.start, "invalid string literal") from None

    def _number(self, token: Token) -> Number:
        try:
            if token.kind == "char":
                return Number(token.start, token.end, ord(unquoted(self.data[token.start : token.end])))
            return Number(token.start, token.end, number(token.text))
        except (ValueError, OverflowError, TypeError):
            raise LexError(token.start, f"bad number syntax: {token.text!r}") from None


def _word(start: int, end: int, text: str) -> Node:
    if text == "nil":
        return Nil(start, end)
    if text in {"true", "false"}:
        return Bool(start, end, text == "true")
    return Identifier(start, end, text)
