"""Go templates: nodes, spans, trimming, and what is no template."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemod.formats import gotemplate
from codemod.formats.gotemplate import (
    Action,
    Block,
    Branch,
    Chain,
    Command,
    Comment,
    Define,
    Field,
    Identifier,
    If,
    Node,
    Number,
    Pipe,
    Range,
    String,
    Template,
    TemplateCall,
    Text,
    Variable,
    With,
    parse,
    walk,
)

TAGS = (Text, Comment, Action, Branch, Define, TemplateCall, gotemplate.Break, gotemplate.Continue)


def read(text: str) -> Template:
    """A template without a problem."""
    template = parse(text.encode())
    assert template.problem is None, template.problem
    return template


def tags(template: Template) -> list[bytes]:
    """All texts and actions as they are written, in order."""
    spans = set()
    for node in walk(template.nodes):
        if isinstance(node, TAGS):
            spans.add(node.span)
        spans |= {span for name in ("else_span", "end_span") if (span := getattr(node, name, None))}
    return [template.data[start:end] for start, end in sorted(spans)]


def texts(source: str) -> str:
    """What is left of the texts once the trim markers did their work."""
    return "".join(node.text for node in read(source).nodes if isinstance(node, Text))


def operand(source: str) -> Node:
    """The only operand of the only action."""
    (action,) = read(source).nodes
    assert isinstance(action, Action)
    (command,) = action.pipe.commands
    (found,) = command.operands
    return found


def written(template: Template, node: Node) -> str:
    return template.data[node.start : node.end].decode()


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("23 < 45", "23 < 45"),
        ("{{23 -}} < {{- 45}}", "<"),
        ("a \n\t{{- 1 }} b", "a b"),
        ("a {{ 1 -}}\r\n\t b", "a b"),
        ("a {{- 1 -}} b", "ab"),
        ("a {{- /* note */ -}} b", "ab"),
        ("a {{/* note */}} b", "a  b"),
        ("a {{-1}} b", "a  b"),
        ("a {{- -1 -}} b", "ab"),
        ("a\u00a0{{- 1 -}}\u00a0b", "a\u00a0\u00a0b"),
        ("\ufeffa {{ 1 }}", "a "),
        ("a {{- 1 -}}  {{- 2 }} b", "a b"),
        ('{{ "-}}" }} a', " a"),
        ("}} a { b }", "}} a { b }"),
    ],
)
def test_trim_markers_remove_blanks_as_the_documentation_of_go_says(source: str, left: str) -> None:
    assert texts(source) == left


def test_a_minus_without_a_blank_is_a_sign_and_not_a_trim_marker() -> None:
    found = operand("{{-3}}")
    assert isinstance(found, Number)
    assert found.value == -3


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("0", 0),
        ("+7", 7),
        ("010", 8),
        ("0o17", 15),
        ("0x1F", 31),
        ("0b101", 5),
        ("1_000", 1000),
        ("'a'", 97),
        (r"'\n'", 10),
        (r"'\''", 39),
        ("'é'", 233),
    ],
)
def test_integers_are_read_as_go_reads_them(source: str, value: int) -> None:
    found = operand(f"{{{{ {source} }}}}")
    assert isinstance(found, Number)
    assert type(found.value) is int
    assert found.value == value


@pytest.mark.parametrize(("source", "value"), [("1.0", 1.0), ("1e3", 1000.0), (".5", 0.5), ("1.", 1.0), ("-2.5", -2.5)])
def test_a_number_with_a_point_or_an_exponent_is_a_float(source: str, value: float) -> None:
    found = operand(f"{{{{ {source} }}}}")
    assert isinstance(found, Number)
    assert type(found.value) is float
    assert found.value == value


@pytest.mark.parametrize(
    ("source", "value", "raw"),
    [
        ('"a b"', "a b", False),
        (r'"a\tb\n\"c\" \\"', 'a\tb\n"c" \\', False),
        (r'"\x41\101\u00e9\U0001F600"', "AAé😀", False),
        (r'"\xc3\xa9"', "é", False),
        ('"}} {{"', "}} {{", False),
        ('`a\\n"b"`', 'a\\n"b"', True),
        ("`a\r\nb`", "a\nb", True),
        ("`}}`", "}}", True),
    ],
)
def test_strings_are_decoded_as_go_decodes_them(source: str, value: str, raw: bool) -> None:
    found = operand(f"{{{{ {source} }}}}")
    assert isinstance(found, String)
    assert (found.value, found.raw) == (value, raw)


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        (".", gotemplate.Dot),
        ("nil", gotemplate.Nil),
        ("true", gotemplate.Bool),
        ("false", gotemplate.Bool),
        ("now", Identifier),
        ("$", Variable),
        (".a", Field),
        ("(f .)", Pipe),
        ("(f .).a", Chain),
    ],
)
def test_every_kind_of_operand_has_its_node(source: str, kind: type[Node]) -> None:
    found = operand(f"{{{{ {source} }}}}")
    assert type(found) is kind
    assert found.span == (3, 3 + len(source))


def test_fields_of_the_dot_of_variables_and_of_parentheses_are_chains_of_names() -> None:
    template = read("{{ f .a.b_c $.x.y $v.z (g 1).p.q $ . h.i }}")
    (action,) = template.nodes
    assert isinstance(action, Action)
    operands = action.pipe.commands[0].operands
    assert [written(template, one) for one in operands] == "f|.a.b_c|$.x.y|$v.z|(g 1).p.q|$|.|h.i".split("|")
    assert isinstance(operands[1], Field)
    assert operands[1].names == ("a", "b_c")
    assert isinstance(operands[2], Variable)
    assert (operands[2].name, operands[2].names) == ("$", ("x", "y"))
    assert isinstance(operands[3], Variable)
    assert (operands[3].name, operands[3].names) == ("$v", ("z",))
    assert isinstance(operands[4], Chain)
    assert operands[4].names == ("p", "q")
    assert isinstance(operands[7], Chain)
    assert isinstance(operands[7].operand, Identifier)


def test_a_blank_before_a_point_begins_a_new_operand() -> None:
    (action,) = read("{{ f .a .b }}").nodes
    assert isinstance(action, Action)
    assert [type(one) for one in action.pipe.commands[0].operands] == [Identifier, Field, Field]


def test_pipelines_and_commands_have_the_span_of_what_is_written() -> None:
    template = read('x: {{- .a | default (printf "%s" .b) | quote -}} y')
    action = template.nodes[1]
    assert isinstance(action, Action)
    assert written(template, action) == '{{- .a | default (printf "%s" .b) | quote -}}'
    assert written(template, action.pipe) == '.a | default (printf "%s" .b) | quote'
    assert [written(template, one) for one in action.pipe.commands] == [".a", 'default (printf "%s" .b)', "quote"]
    inner = action.pipe.commands[1].operands[1]
    assert isinstance(inner, Pipe)
    assert written(template, inner) == '(printf "%s" .b)'


def test_an_action_may_go_over_many_lines() -> None:
    template = read('{{ include\n  "a"\r\n\t(dict\n    `b`\n    .\n  )\n}}')
    (action,) = template.nodes
    assert isinstance(action, Action)
    assert len(action.pipe.commands[0].operands) == 3


@pytest.mark.parametrize(
    ("source", "names", "assigns"),
    [
        ("{{ $x := 1 }}", ["$x"], False),
        ("{{$x:=1}}", ["$x"], False),
        ("{{ $x = 1 }}", ["$x"], True),
        ("{{ $x }}", [], False),
        ("{{ $x.y | f }}", [], False),
        ("{{ $ }}", [], False),
    ],
)
def test_declarations_and_assignments_name_their_variables(source: str, names: list[str], assigns: bool) -> None:
    (action,) = read(source).nodes
    assert isinstance(action, Action)
    assert ([one.name for one in action.pipe.variables], action.pipe.assigns) == (names, assigns)


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("{{ range .a }}{{ end }}", []),
        ("{{ range $v := .a }}{{ end }}", ["$v"]),
        ("{{ range $i, $v := .a }}{{ end }}", ["$i", "$v"]),
        ("{{range $i,$v:=.a}}{{end}}", ["$i", "$v"]),
    ],
)
def test_a_range_declares_up_to_two_variables(source: str, names: list[str]) -> None:
    (node,) = read(source).nodes
    assert isinstance(node, Range)
    assert [one.name for one in node.pipe.variables] == names


def test_an_if_has_a_body_what_stands_after_else_and_the_spans_of_else_and_end() -> None:
    template = read("{{ if .a }}A{{ else }}B{{ end }}")
    (node,) = template.nodes
    assert isinstance(node, If)
    assert written(template, node) == "{{ if .a }}"
    assert [type(one) for one in (*node.body, *node.orelse)] == [Text, Text]
    assert node.else_span is not None
    assert node.end_span is not None
    assert template.data[slice(*node.else_span)] == b"{{ else }}"
    assert template.data[slice(*node.end_span)] == b"{{ end }}"


def test_else_if_is_one_nested_node_and_the_end_belongs_to_the_outermost() -> None:
    template = read("{{ if .a }}A{{ else if .b }}B{{ else if .c }}C{{ else }}D{{ end }}E")
    first, after = template.nodes
    assert isinstance(after, Text)
    assert isinstance(first, If)
    assert first.end_span is not None
    (second,) = first.orelse
    assert isinstance(second, If)
    assert (written(template, second), second.end_span) == ("{{ else if .b }}", None)
    (third,) = second.orelse
    assert isinstance(third, If)
    assert [written(template, one) for one in third.orelse] == ["D"]


def test_an_if_right_inside_an_else_has_its_own_end() -> None:
    template = read("{{ if .a }}A{{ else }}{{ if .b }}B{{ end }}{{ end }}")
    (node,) = template.nodes
    assert isinstance(node, If)
    (inner,) = node.orelse
    assert isinstance(inner, If)
    assert inner.end_span is not None


def test_else_with_is_one_nested_node() -> None:
    (node,) = read("{{ with .a }}A{{ else with .b }}B{{ else }}C{{ end }}").nodes
    assert isinstance(node, With)
    assert isinstance(node.orelse[0], With)


def test_range_takes_else_break_and_continue() -> None:
    (node,) = read("{{ range . }}{{ if .a }}{{ break }}{{ end }}{{ continue }}{{ else }}none{{ end }}").nodes
    assert isinstance(node, Range)
    assert isinstance(node.body[-1], gotemplate.Continue)
    assert len(node.orelse) == 1


def test_define_template_and_block_name_their_template() -> None:
    template = read('{{ define "a" }}A{{ end }}{{ template "a" }}{{ template `b` . }}{{ block "c" .x }}C{{ end }}')
    define, bare, call, block = template.nodes
    assert isinstance(define, Define)
    assert isinstance(bare, TemplateCall)
    assert isinstance(call, TemplateCall)
    assert isinstance(block, Block)
    assert (define.name, bare.name, call.name, block.name) == ("a", "a", "b", "c")
    assert bare.pipe is None
    assert call.pipe is not None
    assert sorted(template.defines) == ["a", "c"]
    assert template.defines["c"].body == block.body


def test_of_two_definitions_the_last_counts_that_is_not_empty() -> None:
    template = read('{{ define "a" }}1{{ end }}{{ define "a" }}2{{ end }}{{ define "a" }} {{/* no */}}{{ end }}')
    assert [written(template, one) for one in template.defines["a"].body] == ["2"]


def test_a_text_says_where_it_begins_behind_what_was_trimmed() -> None:
    first, _, last = read("a {{ .b -}} \n c").nodes
    assert isinstance(first, Text)
    assert isinstance(last, Text)
    assert (first.text_start, last.text_start, last.text) == (0, 14, "c")


def test_lines_are_counted_from_one() -> None:
    template = read("a\nb {{ .x }}\n{{ .y }}")
    assert [template.line(node.start) for node in template.nodes] == [1, 2, 2, 3]


@pytest.mark.parametrize(
    ("source", "offset"),
    [
        ("a {{ .b", 7),
        ("a {{", 4),
        ("{{ }}", 3),
        ("{{ .a | }}", 8),
        ("{{ | .a }}", 3),
        ("{{ (.a }}", 7),
        ("{{ .a) }}", 5),
        ("{{ end }}", 0),
        ("{{ else }}", 0),
        ("{{ if .a }}b", 12),
        ("{{ if }}{{ end }}", 6),
        ("{{ if .a }}{{ else }}{{ else }}{{ end }}", 21),
        ("{{ if .a }}{{ else with .b }}{{ end }}", 19),
        ("{{ range .a }}{{ else if .b }}{{ end }}", 22),
        ("{{ if .a }}{{ define `b` }}{{ end }}{{ end }}", 11),
        ("{{ define b }}{{ end }}", 10),
        ("{{ template }}", 12),
        ("{{ template .a }}", 12),
        ("{{ break }}", 0),
        ("{{ range .a }}{{ else }}{{ continue }}{{ end }}", 24),
        ("{{ /* blank before */ }}", 3),
        ("{{/* open }}", 0),
        ("{{/* a */ .b }}", 7),
        ('{{ "a\nb" }}', 3),
        (r'{{ "\q" }}', 3),
        (r'{{ "\'" }}', 3),
        ("{{ 'ab' }}", 3),
        ("{{ `a }}", 3),
        ("{{ 1a }}", 3),
        ("{{ 09 }}", 3),
        ("{{ 99999999999999999999 }}", 3),
        ('{{ "a""b" }}', 6),
        ("{{ f(1) }}", 4),
        ("{{ 1 | 2 }}", 7),
        ("{{ .a | .b | true }}", 13),
        ("{{ $a, $b := .c }}", 3),
        ("{{ .a-b }}", 5),
        ("{{ 1.a }}", 4),
        ('{{ "a".b }}', 6),
        ("{{ a ; b }}", 5),
    ],
)
def test_what_is_no_template_is_a_problem_with_its_place(source: str, offset: int) -> None:
    problem = parse(source.encode()).problem
    assert problem is not None
    assert (problem.offset, bool(problem.message)) == (offset, True)


def test_what_stood_whole_before_a_problem_is_kept() -> None:
    template = parse(b'{{ define "a" }}A{{ end }}b{{ if .x }}c{{ .d')
    assert template.problem is not None
    assert [type(node) for node in template.nodes] == [Define, Text]
    assert list(template.defines) == ["a"]


@pytest.mark.parametrize("source", [b"{{ " + b"(" * 5000, b"{{ if . }}" * 5000, b"{{ if . }}{{ else if . }}" * 5000])
def test_what_is_nested_too_deeply_is_a_problem(source: bytes) -> None:
    assert parse(source).problem is not None


def test_bytes_that_are_no_text_do_no_harm() -> None:
    template = parse(b"\xff {{ .a }} \xfe")
    assert template.problem is None
    assert b"".join(tags(template)) == template.data


PARTS = st.sampled_from(
    [
        "a: b\n",
        " ",
        "é\r\n",
        "{{ .a.b }}",
        "{{- $x := (f 1 `}}`).y -}}",
        "{{/* c */}}",
        "{{- /* }} */ -}}",
        '{{ include "a" . | nindent 4 }}',
        '{{ template "a" . }}',
        "{ }",
    ]
)
WRAPS = st.sampled_from(
    [
        ("{{ if .a }}", "{{ end }}"),
        ("{{- range $i, $v := .a -}}", "{{ else }}none{{- end -}}"),
        ("{{ with .a }}x{{ else with .b }}", "{{ else }}{{end}}"),
        ("{{ if .a }}{{ else if .b }}", "{{ else if .c }}{{ end }}"),
        ('{{ block "b" . }}', "{{ end }}"),
    ]
)
SOURCES = st.recursive(
    st.lists(PARTS, max_size=4).map("".join),
    lambda inner: st.lists(st.tuples(WRAPS, inner).map(lambda pair: pair[0][0] + pair[1] + pair[0][1]), max_size=3).map(
        "".join
    ),
)


@given(SOURCES)
def test_the_spans_of_texts_and_actions_put_together_are_the_template(source: str) -> None:
    assert b"".join(tags(read(source))) == source.encode()


@given(st.text(alphabet="{}-. a$\"`'()|:=/*1\n") | st.text())
def test_no_text_raises(source: str) -> None:
    template = parse(source.encode())
    assert template.problem is not None or b"".join(tags(template)) == source.encode()


@given(SOURCES)
def test_every_expression_stands_inside_its_action(source: str) -> None:
    for node in walk(read(source).nodes):
        if isinstance(node, Action):
            assert node.start + 2 < node.pipe.start < node.pipe.end < node.end - 1
            assert all(
                node.start < inner.start < inner.end < node.end
                for inner in walk([node.pipe])
                if isinstance(inner, Pipe | Command)
            )
