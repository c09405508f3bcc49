"""Templates executed without Helm. What is expected of known values is what helm 4.3.1 prints for them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemod.charts.errors import TemplateError
from codemod.charts.functions.table import FUNCTIONS
from codemod.charts.functions.values import Stringer
from codemod.charts.interpret import Interpreter
from codemod.charts.rendered import Rendered
from codemod.charts.unknown import MARK, Unknown, is_unsure, settled
from codemod.formats.gotemplate import parse

NAME = "c/templates/x.yaml"


def values() -> dict[str, object]:
    """All numbers are floats, as in a values file that Helm reads."""
    return {
        "i": 8080.0,
        "big": 1234567.0,
        "huge": 12345678901234567890.0,
        "f": 1.5,
        "z": 0.0,
        "neg": -3.0,
        "s": "hi",
        "es": "",
        "t": True,
        "l": [1.0, "a", None, True, 1.5, {"x": 1.0}],
        "w": ["a", "b"],
        "m": {"b": 1.0, "a": "x", "c": [1.0, 2.0], "d": {"e": "deep"}},
        "em": {},
        "el": [],
    }


def chart(files: dict[str, str], budget: int = 200_000) -> Interpreter:
    return Interpreter({name: parse(text.encode(), name) for name, text in files.items()}, FUNCTIONS, budget)


def render(text: str, **more: object) -> Rendered:
    return chart({NAME: text}).render(NAME, {"Values": {**values(), **more}, "Release": {"Name": "r"}})


def printed(text: str, **more: object) -> str:
    """The output of a template that has no problem."""
    rendered = render(text, **more)
    assert rendered.problems == ()
    return rendered.text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ .Values.i }} {{ .Values.big }} {{ .Values.f }} {{ .Values.huge }} {{ .Values.neg }}",
         "8080 1.234567e+06 1.5 1.2345678901234567e+19 -3"),
        ("{{ .Values.l }}", "[1 a <nil> true 1.5 map[x:1]]"),
        ("{{ .Values.m }}", "map[a:x b:1 c:[1 2] d:map[e:deep]]"),
        ("{{ .Values.em }} {{ .Values.el }}", "map[] []"),
        ("{{ true }} {{ 1e3 }} {{ 1000000.0 }} {{ 0.00001 }} {{ 'a' }} {{ 0x1F }} {{ 010 }}",
         "true 1000 1e+06 1e-05 97 31 8"),
        ("[{{ .Values.zz }}]", "[]"),
        ("[{{ print .Values.zz }}]", "[<nil>]"),
        ("{{ (.Values.zz).a.b }}{{ ((.Values.zz).a).b }}", ""),
        ("{{ $x := .Values.zz }}{{ $x.a.b }}", ""),
        ("{{ .Values.m.d.e }} {{ $.Values.m.d.e }} {{ (index .Values.m `d`).e }}", "deep deep deep"),
        ("{{ range .Values.l }}[{{ . }}]{{ end }}", "[1][a][][true][1.5][map[x:1]]"),
    ],
)  # fmt: skip
def test_values_print_as_go_prints_them(source: str, text: str) -> None:
    assert printed(source) == text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ eq .Values.f 1.5 }} {{ eq .Values.i 8080.0 }}", "true true"),
        ("{{ eq .Values.s `a` `hi` }} {{ ne .Values.s `hi` }}", "true false"),
        ("{{ eq .Values.zz nil }} {{ eq .Values.zz `a` }} {{ ne nil nil }} {{ eq .Values.em nil }}",
         "true false false false"),
        ("{{ lt 1 2 }}{{ lt `a` `b` }}{{ le 1 1 }}{{ gt 1.5 1.0 }}{{ ge 1 2 }}", "truetruetruetruefalse"),
        ("{{ eq (int .Values.i) 8080 }} {{ eq (add 1 2) 3 }}", "true true"),
        ("{{ len .Values.l }} {{ len .Values.m }} {{ len `é` }}", "6 4 2"),
        ("{{ index .Values.l 1 }} {{ index .Values.m `c` 1 }}|{{ index .Values.m `zz` }}|{{ index `abc` 1 }}",
         "a 2||98"),
        ("{{ slice .Values.w 1 }} {{ slice .Values.w 0 1 }}", "[b] [a]"),
        ("{{ print 1 2 `a` 3 4 `b` `c` true nil }}", "1 2a3 4bctrue <nil>"),
        ("{{ println 1 `a` nil }}|", "1 a <nil>\n|"),
        ("{{ not 1 }} {{ not `` }} {{ not nil }} {{ not .Values.em }}", "false true true true"),
        ("{{ and 1 0 2 }} {{ or 0 `` `x` }} {{ or nil 0 }} {{ and .Values.zz .Values.zz.a }}", "0 x 0 "),
        ("{{ `x` | and 1 }} {{ `x` | or 0 }}", "x x"),
        ("{{ html `<a&'>` }} {{ urlquery `a b&c/ü` }}", "&lt;a&amp;&#39;&gt; a+b%26c%2F%C3%BC"),
        ("{{ js `a'b<` }}", r"a\'b\u003C"),
        ("{{ printf `%s-%d-%v-%q` `a` 1 nil `b` }}", 'a-1-<nil>-"b"'),
        ("{{ printf `%d` .Values.i }}", "%!d(float64=8080)"),
        ("{{ .Values.s | quote | printf `%s-%s` `a` }}", 'a-"hi"'),
    ],
)  # fmt: skip
def test_functions_of_go_do_what_go_does(source: str, text: str) -> None:
    assert printed(source) == text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ if .Values.em }}y{{ else }}n{{ end }}{{ if .Values.z }}y{{ end }}{{ if `0` }}y{{ end }}", "ny"),
        ("{{ if .Values.es }}{{ else if .Values.z }}{{ else if .Values.s }}third{{ else }}no{{ end }}", "third"),
        ("{{ range $k, $v := .Values.m }}[{{ $k }}={{ $v }}]{{ end }}", "[a=x][b=1][c=[1 2]][d=map[e:deep]]"),
        ("{{ range 3 }}{{ . }}{{ end }}{{ range $i := 3 }}{{ $i }}{{ end }}", "012012"),
        ("{{ range .Values.zz }}x{{ else }}none{{ end }}", "none"),
        ("{{ range list 0 1 2 }}{{ if eq . 1 }}{{ continue }}{{ end }}{{ . }}{{ end }}", "02"),
        ("{{ range list 0 1 2 }}{{ if eq . 1 }}{{ break }}{{ end }}{{ . }}{{ end }}", "0"),
        ("{{ with .Values.s }}{{ . }}{{ $.Values.i }}{{ end }}", "hi8080"),
        ("{{ with .Values.zz }}a{{ else with .Values.s }}b{{ . }}{{ else }}c{{ end }}", "bhi"),
        ("{{ with $x := .Values.s }}{{ $x }}{{ . }}{{ end }}", "hihi"),
        ("{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ $x := 3 }}{{ end }}{{ $x }}", "2"),
        ("{{ $a := 1 }}{{ range .Values.w }}{{ $a = add $a 1 }}{{ end }}{{ $a }}", "3"),
        ("{{ $a := dict }}{{ range .Values.w }}{{ $_ := set $a . `y` }}{{ end }}{{ $a }}", "map[a:y b:y]"),
        ("a {{- /* c */ -}} x {{- ` y` }}", "ax y"),
    ],
)  # fmt: skip
def test_branches_and_variables_do_what_go_does(source: str, text: str) -> None:
    assert printed(source) == text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ define `t` }}[{{ . }}{{ $ }}]{{ end }}{{ template `t` 1 }}{{ include `t` 2 | upper }}", "[11][22]"),
        ("{{ define `t` }}[{{ .a }}]{{ end }}{{ template `t` }}", "[]"),
        ("{{ block `b` .Values.m }}{{ .a }}{{ end }}", "x"),
        ("{{ define `r` }}{{ if . }}{{ . }}{{ template `r` (sub . 1) }}{{ end }}{{ end }}{{ template `r` 3 }}", "321"),
        ('{{ tpl "{{ .a }}-{{ .b }}" (dict "a" 1) }}|{{ tpl "plain" . }}', "1-|plain"),
        ('{{ tpl "{{ define `q` }}Q{{ end }}{{ include `q` . }}" . }}', "Q"),
        ('{{ tpl "{{ .Template.Name }}" . }} {{ .Template.BasePath }}', f"{NAME} c/templates"),
        ("{{ required `x` .Values.s }}{{ required `x` 0 }}{{ required `x` .Values.em }}", "hi0map[]"),
        ("{{ lookup `v1` `Secret` `a` `b` }}{{ (lookup `v1` `Secret` `` ``).items }}", "map[]"),
    ],
)  # fmt: skip
def test_templates_call_templates_as_helm_has_it(source: str, text: str) -> None:
    assert printed(source) == text


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{{ .Values.zz.a }}", "nil pointer evaluating interface {}.a"),
        ("{{ .Values.s.a }}", "can't evaluate field a in type string"),
        ("{{ .Values.l.first }}", "can't evaluate field first"),
        ("{{ .Values.s `a` }}", "s is not a method but has arguments"),
        ("{{ `a` | .Values.s }}", "s is not a method but has arguments"),
        ("{{ eq .Values.i 8080 }}", "incompatible types for comparison: float64 and int"),
        ("{{ eq 1 1.0 }}", "incompatible types for comparison"),
        ("{{ eq .Values.m .Values.m }}", "non-comparable type"),
        ("{{ eq 1 }}", "missing argument for comparison"),
        ("{{ lt 1 nil }}", "invalid type for comparison"),
        ("{{ lt true false }}", "invalid type for comparison"),
        ("{{ len .Values.zz }}", "len of nil pointer"),
        ("{{ len 3 }}", "len of type int"),
        ("{{ index .Values.l 9 }}", "index out of range: 9"),
        ("{{ index .Values.l -1 }}", "index out of range: -1"),
        ("{{ index .Values.m `zz` `a` }}", "index of nil pointer"),
        ("{{ index .Values.zz `a` }}", "index of untyped nil"),
        ("{{ index .Values.m 1 }}", "value has type int; should be string"),
        ("{{ index .Values.l .Values.z }}", "cannot index slice/array with type float64"),
        ("{{ index }}", "error calling index"),
        ("{{ and }}", "wrong number of args for and"),
        ("{{ call .Values.s }}", "non-function"),
        ("{{ nil }}", "nil is not a command"),
        ("{{ 1 2 }}", "can't give argument to non-function"),
        ("{{ $y }}", "undefined variable: $y"),
        ("{{ $y = 1 }}", "undefined variable: $y"),
        ("{{ $x := 1 }}{{ $x 2 }}", "can't give argument to non-function $x"),
        ("{{ range .Values.s }}{{ end }}", "range can't iterate over hi"),
        ("{{ range .Values.i }}{{ end }}", "range can't iterate over 8080"),
        ("{{ range $i, $v := 2 }}{{ end }}", "range can't iterate over 2"),
        ("{{ template `nope` . }}", 'template "nope" not defined'),
        ("{{ include `nope` . }}", 'template "nope" not defined'),
        ("{{ include 3 . }}", "expected string; got int"),
        ("{{ tpl 3 . }}", "expected string; got int"),
        ("{{ tpl `{{ .a }` . }}", "cannot parse template"),
        ("{{ required `need it` .Values.zz }}", "need it"),
        ("{{ required `need it` .Values.es }}", "need it"),
        ("{{ fail `boom` }}", "boom"),
        ("{{ printf 3 }}", "expected string; got int"),
        ("{{ repeat 1000000000 `abc` }}", "too long"),
        ("{{ printf `%1000000000d` 1 }}", "too large"),
    ],
)
def test_what_stops_helm_is_a_problem_and_rendering_goes_on(source: str, message: str) -> None:
    rendered = render(f"a\n{source}b")
    (problem,) = rendered.problems
    assert message in problem.message
    assert problem[:2] == (NAME, 2)
    assert rendered.text.startswith("a\n")
    assert rendered.text.endswith("b") or "range" in source


def test_an_error_inside_a_helper_is_unknown_there_and_named_there() -> None:
    rendered = chart({NAME: "x: {{ include `h` . }}", "c/templates/_h.tpl": "{{ define `h` }}\na{{ .q.r }}b{{ end }}"})
    result = rendered.render(NAME, {"Values": {}})
    assert [problem[:2] for problem in result.problems] == [("c/templates/_h.tpl", 2)]
    assert result.text.startswith(f"x: \na{MARK}error(")
    assert result.text.endswith(f"{MARK}b")


def test_the_definition_that_helm_reads_last_counts() -> None:
    files = {
        NAME: "{{ include `n` . }}",
        "c/templates/_a.tpl": "{{ define `n` }}A{{ end }}",
        "c/templates/_b.tpl": "{{ define `n` }}B{{ end }}",
        "c/charts/s/templates/_a.tpl": "{{ define `n` }}S{{ end }}",
    }
    assert chart(files).render(NAME, {}).text == "A"


def test_an_empty_definition_does_not_replace_one_that_is_not() -> None:
    files = {NAME: "{{ include `n` . }}", "c/templates/_a.tpl": "{{ define `n` }} {{ end }}"}
    assert chart({**files, "c/templates/_b.tpl": "{{ define `n` }}B{{ end }}"}).render(NAME, {}).text == "B"


def test_a_file_can_be_included_by_its_name() -> None:
    files = {
        NAME: "{{ include (print .Template.BasePath `/y.yaml`) . }}",
        "c/templates/y.yaml": "y {{ .Template.Name }}",
    }
    assert chart(files).render(NAME, {}).text == f"y {NAME}"


def test_what_tpl_defines_is_not_known_outside() -> None:
    rendered = render('{{ tpl "{{ define `zz` }}Z{{ end }}" . }}{{ include "zz" . }}')
    assert [problem.message for problem in rendered.problems] == ['template "zz" not defined']


def test_what_one_file_sets_in_the_values_the_next_one_reads() -> None:
    interpreter = chart({NAME: "{{ $_ := set .Values `k` `v` }}", "c/templates/y.yaml": "{{ .Values.k }}"})
    dot: dict[str, object] = {"Values": {}}
    interpreter.render(NAME, dot)
    assert interpreter.render("c/templates/y.yaml", dot).text == "v"


def test_methods_are_called_with_their_arguments() -> None:
    files = Stringer("", {"Get": lambda name: f"<{name}>"})
    version = Stringer("v1.37.1", {"Minor": "37"})
    dot: dict[str, object] = {"Files": files, "KubeVersion": version}
    rendered = chart({NAME: "{{ .Files.Get `a` }}{{ `b` | .Files.Get }} {{ .KubeVersion }} {{ .KubeVersion.Minor }}"})
    assert rendered.render(NAME, dot).text == "<a><b> v1.37.1 37"


def test_a_method_that_gets_an_unknown_value_gives_one() -> None:
    dot: dict[str, object] = {"Files": Stringer("", {"Get": lambda name: f"<{name}>"})}
    assert chart({NAME: "{{ .Files.Get now }}"}).render(NAME, dot).text == str(Unknown("Get(now())"))


def test_unknown_values_may_stand_in_the_values() -> None:
    dot: dict[str, object] = {"Values": {"image": Unknown("secret"), "m": {"a": Unknown("b")}}}
    rendered = chart({NAME: "{{ .Values.image.tag }} {{ .Values.m | toYaml }} {{ .Values.m }}"}).render(NAME, dot)
    assert rendered.text == f"{Unknown('secret.tag')} a: {Unknown('b')} map[a:{Unknown('b')}]"
    assert rendered.problems == ()


def test_a_failure_that_says_something_unknown_is_a_failure() -> None:
    assert len(render("{{ define `t` }}{{ nope }}{{ end }}{{ fail (include `t` .) }}").problems) == 1


@pytest.mark.parametrize(
    ("source", "text"),
    [("{{ slice `abcd` 1 3 }}", "bc"), ("{{ slice `abc` }}", "abc"), ("{{ slice `abc` 1 }}", "bc")],
)
def test_without_other_functions_those_of_go_count(source: str, text: str) -> None:
    template = parse(source.encode(), NAME)
    assert Interpreter({NAME: template}, {}).render(NAME, {}).text == text


@pytest.mark.parametrize("source", ["{{ slice `abc` 1 9 }}", "{{ slice `abc` 2 1 }}", "{{ slice 3 }}", "{{ .f 1 }}"])
def test_without_other_functions_wrong_uses_are_problems(source: str) -> None:
    template = parse(source.encode(), NAME)
    assert len(Interpreter({NAME: template}, {}).render(NAME, {"f": len}).problems) == 1


def test_a_method_that_fails_is_a_problem() -> None:
    dot: dict[str, object] = {"Files": Stringer("", {"Get": lambda name: f"<{name}>"})}
    assert len(chart({NAME: "{{ .Files.Get }}"}).render(NAME, dot).problems) == 1


@pytest.mark.parametrize("name", ["c/templates/nope.yaml", "c/templates/bad.yaml"])
def test_a_template_that_is_missing_or_unparsable_is_one_problem(name: str) -> None:
    rendered = chart({"c/templates/bad.yaml": "a\n{{ end }}"}).render(name, {})
    assert rendered.text == ""
    assert [problem.template for problem in rendered.problems] == [name]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ now }}", "�now()�"),
        ("{{ genCA `a` 365 }}", "�genCA(a;365)�"),
        ("{{ genCA `b` 365 }}", "�genCA(b;365)�"),
        ("{{ $c := genCA `a` 1 }}{{ $c.Cert }}", "�genCA(a;1).Cert�"),
        ("{{ now | quote }}", "�quote(now())�"),
        ("{{ now | default `x` }}", "�default(x;now())�"),
        ("{{ .Values.s | default now }}", "hi"),
        ("{{ coalesce .Values.zz .Values.s now }}", "hi"),
        ("{{ ternary `a` now true }}", "a"),
        ("{{ dict `a` now `b` 1 }}", "map[a:�now()� b:1]"),
        ("{{ toYaml (dict `a` now `b` 1) }}", "a: �now()�\nb: 1"),
        ("{{ toJson (list now 1) }} {{ join `,` (list now 1) }}", '["�now()�",1] �now()�,1'),
        ("{{ printf `%v` (dict `a` now) }} {{ len (list now) }} {{ list now | has 1 }}", "map[a:�now()�] 1 false"),
        ("{{ get (dict `a` now) `a` }} {{ first (list now) }} {{ index (list now) 0 }}", "�now()� �now()� �now()�"),
        ("{{ (dict `a` now).a | quote }}", "�quote(now())�"),
        (
            "{{ include `t` . | b64enc }} {{ include `t` . | trunc 5 }}{{ define `t` }}-{{ now }}{{ end }}",
            "�b64enc(-now())� �trunc(5;-now())�",
        ),
        ("{{ include `t` . | upper | quote }}{{ define `t` }}-{{ now }}{{ end }}", '"-�NOW()�"'),
        ("{{ printf `v` .Values.s now }}", "�printf(v;hi;now())�"),
        ("{{ include (now) 1 }}", "�include(now();1)�"),
        ("{{ tpl (now) 1 }}", "�tpl(now();1)�"),
        ("{{ include `t` now }}{{ define `t` }}<{{ .a.b }}>{{ end }}", "<�now().a.b�>"),
        ("{{ and now 1 }}{{ and 0 now }}{{ or 1 now }}", "�and(now())�01"),
        ("{{ not now }} {{ eq now 1 }}", "�not(now())� �eq(now();1)�"),
        ("{{ range now }}[{{ . }}]{{ end }}", "[�now().each�]"),
        ("{{ with now }}[{{ .a }}]{{ end }}", "[�now().a�]"),
    ],
)
def test_what_cannot_be_known_goes_on_as_unknown(source: str, text: str) -> None:
    rendered = render(source)
    assert rendered.problems == ()
    assert rendered.text == text


def test_unknown_texts_are_safe_in_yaml_and_told_apart() -> None:
    one, other = str(Unknown('f("a: b", [x] #{})\n')), str(Unknown('f("a: c", [x] #{})\n'))
    assert one != other
    assert not set(one) & set(" \n\"'#[]{},&*!|>%`")
    assert Unknown(f"f({Unknown('a b')})").description == f"f({Unknown('a b').description})"
    assert str(Unknown("x" * 500)) != str(Unknown("x" * 501))
    assert len(str(Unknown("x" * 5000))) < 200


def test_whether_an_unknown_value_is_empty_cannot_be_asked() -> None:
    with pytest.raises(TemplateError):
        bool(Unknown("now()"))


def test_unknown_values_are_equal_by_their_description() -> None:
    assert Unknown("a") == Unknown("a") != Unknown("b")
    assert len({Unknown("a"), Unknown("a")}) == 1
    assert is_unsure(Unknown("a"))
    assert is_unsure(f"x{Unknown('a')}")
    assert not is_unsure("a")


def test_values_without_unknown_ones_inside_are_settled_as_they_are() -> None:
    plain = {"a": [1, {"b": None}]}
    assert settled(plain) is plain
    assert settled({"a": [Unknown("x")]}) == {"a": [str(Unknown("x"))]}


def test_a_text_with_an_unknown_part_compares_as_unknown() -> None:
    rendered = render("{{ define `on` }}{{ nope }}{{ end }}{{ if eq (include `on` .) `true` }}A{{ else }}B{{ end }}")
    assert rendered.text == "A"
    assert [shadow.text for shadow in rendered.shadows] == ["B"]
    assert len(rendered.guesses) == 1


def shadows(text: str, **more: object) -> list[str]:
    return [shadow.text for shadow in render(text, **more).shadows]


@pytest.mark.parametrize(
    ("source", "text", "others"),
    [
        ("{{ if .Values.s }}A{{ else }}B{{ end }}", "A", ["B"]),
        ("{{ if .Values.es }}A{{ else }}B{{ end }}", "B", ["A"]),
        ("{{ if .Values.es }}A{{ end }}", "", ["A"]),
        ("{{ if .Values.s }}A{{ end }}", "A", []),
        ("{{ if .Values.es }} {{ end }}", "", []),
        ("{{ if nope }}A{{ else }}B{{ end }}", "A", ["B"]),
        ("{{ if .Values.es }}A{{ else if .Values.s }}B{{ else }}C{{ end }}", "B", ["A", "C"]),
        ("{{ if .Values.s }}A{{ else if .Values.s }}B{{ else }}C{{ end }}", "A", ["C", "B"]),
        ("{{ if .Values.es }}{{ if .Values.es }}A{{ end }}B{{ end }}", "", ["A", "B"]),
        ("{{ range .Values.el }}[{{ . }}{{ .a }}]{{ else }}B{{ end }}", "B", ["[�.Values.el��.Values.el.a�]"]),
        ("{{ range $k, $v := .Values.el }}{{ $k }}{{ $v }}{{ end }}", "", ["�.Values.el��.Values.el�"]),
        ("{{ range .Values.w }}{{ . }}{{ else }}B{{ end }}", "ab", ["B"]),
        ("{{ with .Values.em }}{{ .image }}{{ else }}B{{ end }}", "B", ["�.Values.em.image�"]),
        ("{{ with $x := .Values.em }}{{ $x.image }}{{ end }}", "", ["�.Values.em.image�"]),
        ("{{ with .Values.s }}{{ . }}{{ else }}B{{ end }}", "hi", ["B"]),
        ("{{ range .Values.w }}{{ if eq . `a` }}A{{ else }}B{{ end }}{{ end }}", "AB", ["B", "A"]),
    ],
)  # fmt: skip
def test_branches_that_are_not_taken_are_executed_apart(source: str, text: str, others: list[str]) -> None:
    rendered = render(source)
    assert (rendered.text, rendered.problems) == (text, ())
    assert [shadow.text for shadow in rendered.shadows] == others


def test_without_looking_into_branches_there_are_no_shadows() -> None:
    rendered = chart({NAME: "{{ if .a }}A{{ else }}B{{ end }}"}).render(NAME, {}, explores=False)
    assert (rendered.text, rendered.shadows) == ("B", ())


def test_a_shadow_has_the_place_of_its_branch() -> None:
    (shadow,) = render("a\n{{ if .Values.s }}\nb\n{{ else }}\nc\n{{ end }}").shadows
    assert shadow == (NAME, 4, "\nc\n")


@pytest.mark.parametrize(
    "source",
    [
        "{{ $x := 1 }}{{ if .Values.es }}{{ $x = 2 }}{{ end }}{{ $x }}",
        "{{ $x := 1 }}{{ range .Values.el }}{{ $x = . }}{{ end }}{{ $x }}",
        "{{ $d := dict `k` 1 }}{{ if .Values.es }}{{ $_ := set $d `k` 2 }}{{ end }}{{ $d.k }}",
        "{{ $d := dict `k` 1 }}{{ if .Values.es }}{{ $_ := unset $d `k` }}{{ end }}{{ $d.k }}",
        "{{ $d := dict `k` 1 }}{{ if .Values.es }}{{ $_ := mergeOverwrite $d (dict `k` 2) }}{{ end }}{{ $d.k }}",
        "{{ $d := dict `e` (dict `k` 1) }}{{ if .z }}{{ merge $d (dict `e` (dict `l` 2)) }}{{ end }}{{ len $d.e }}",
        "{{ range list 1 2 }}{{ if gt . 5 }}{{ break }}{{ end }}{{ if eq . 1 }}{{ . }}{{ end }}{{ end }}",
    ],
)
def test_a_branch_that_is_not_taken_changes_nothing(source: str) -> None:
    assert printed(source) == "1"


def test_a_shadow_sees_what_was_set_before_it_and_what_it_sets() -> None:
    assert shadows("{{ $x := 1 }}{{ if .Values.es }}{{ $x }}{{ $x = 2 }}{{ $x }}{{ end }}") == ["12"]
    assert shadows("{{ $d := dict }}{{ if .Values.es }}{{ $_ := set $d `k` 2 }}{{ $d.k }}{{ end }}") == ["2"]


def test_what_fails_in_a_branch_that_is_not_taken_is_no_problem() -> None:
    rendered = render("{{ if .Values.es }}{{ fail `no` }}{{ .Values.zz.a }}image{{ end }}")
    assert rendered.problems == ()
    assert rendered.shadows[0].text.endswith("image")


def test_what_fails_behind_a_guess_is_no_problem() -> None:
    rendered = render("{{ if nope }}{{ fail `no` }}{{ end }}{{ .Values.zz.a }}")
    assert [problem.message for problem in rendered.problems] == ["nil pointer evaluating interface {}.a"]
    assert [guess.line for guess in rendered.guesses] == [1]


HELPER = "{{ define `h` }}{{ if .Values.es }}A{{ else }}B{{ end }}{{ end }}"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("  {{ include `h` . }}\n", ["A"]),
        ("\n{{- include `h` . | nindent 2 }}\n", ["A"]),
        ("{{ template `h` . }}", ["A"]),
        ("image: {{ include `h` . }}\n", []),
        ("image: {{ template `h` . }}\n", []),
        ("{{ $x := include `h` . }}\n", []),
        ("{{ if include `h` . }}{{ end }}", []),
        ("{{ include `h` . }}{{ include `h` . }}", []),
        ("{{ print (include `h` .) }}\n", []),
        ("{{ include `g` (dict `a` (include `h` .)) }}\n{{ define `g` }}{{ end }}", []),
    ],
)
def test_only_a_template_that_is_called_on_a_line_of_its_own_is_looked_into(source: str, found: list[str]) -> None:
    files = {NAME: source, "c/templates/_h.tpl": HELPER}
    rendered = chart(files).render(NAME, {"Values": values()})
    assert [shadow.text for shadow in rendered.shadows] == found
    assert rendered.problems == ()


def test_past_its_budget_the_interpreter_looks_into_no_more_branches() -> None:
    source = "{{ range until 50 }}{{ if eq . 60 }}A{{ . }}{{ end }}x{{ end }}"
    rendered = chart({NAME: source}, budget=400).render(NAME, {})
    assert (rendered.text, rendered.problems) == ("x" * 50, ())
    assert 0 < len(rendered.shadows) < 50


@pytest.mark.parametrize(
    "source",
    [
        "{{ range until 1000 }}{{ range until 1000 }}a{{ end }}{{ end }}",
        "{{ define `a` }}{{ include `a` . }}{{ include `a` . }}{{ end }}{{ include `a` . }}",
        "{{ define `a` }}{{ template `a` . }}{{ template `a` . }}{{ end }}{{ template `a` . }}",
        '{{ define `a` }}{{ tpl .t . }}{{ end }}{{ include `a` (dict "t" "{{ include `a` . }}") }}',
        "{{ $x := `abcdefgh` }}" + "{{ $x = print $x $x }}" * 40 + "{{ $x }}",
        "{{ $x := dict }}{{ $_ := set $x `x` $x }}{{ $x }}",
    ],
    ids=range(6),
)
def test_what_would_go_on_without_end_is_one_problem(source: str) -> None:
    rendered = chart({NAME: source}, budget=1000).render(NAME, {})
    assert len(rendered.problems) == 1


RUNAWAYS = [
    "{{ range until 1000000 }}a: {{ . }}{{ end }}",
    "{{ range until 1000 }}{{ range until 1000 }}{{ end }}{{ end }}",
    "{{ range until 10000 }}{{ $x := until 1000000 }}{{ end }}",
    "{{ $l := until 1000000 }}{{ range until 10000 }}{{ range $l }}{{ break }}{{ end }}{{ end }}",
    "{{ $x := repeat 100000 `abc` }}{{ range until 10000 }}{{ $y := upper $x }}{{ end }}",
    "{{ range until 10000 }}{{ $y := deepCopy $.Values }}{{ end }}",
    "{{ range until 10000 }}{{ $y := toYaml $.Values | fromYaml }}{{ end }}",
    "{{ range until 10000 }}{{ $y := tpl (printf `%d %s` . (repeat 1000 `{{ 1 }}`)) $ }}{{ end }}",
    "{{ $x := until 1000000 }}{{ range until 1000 }}{{ $y := sortAlpha $x }}{{ end }}",
    "{{ $x := list 1 }}{{ range until 1000000 }}{{ $x = append $x . }}{{ end }}",
    "{{ $x := until 100000 }}{{ $y := uniq $x }}",
    "{{ range until 10000 }}{{ $y := regexMatch `(a|b|ab)*c` (repeat 500 `ab`) }}{{ end }}",
]


@pytest.mark.parametrize("source", RUNAWAYS)
def test_what_takes_too_long_is_cut_whatever_it_does(source: str) -> None:
    nested = {str(key): {"list": list(range(20)), "text": "a" * 50} for key in range(50)}
    rendered = chart({NAME: source}, budget=20_000).render(NAME, {"Values": nested})
    assert rendered.is_cut
    assert [problem.message for problem in rendered.problems] == ["the template executes too many actions"]


def test_what_comes_to_its_end_is_not_cut_and_tells_its_cost() -> None:
    short, long = (chart({NAME: f"{{{{ range until {n} }}}}x{{{{ end }}}}"}).render(NAME, {}) for n in (10, 1000))
    assert [short.is_cut, long.is_cut] == [False, False]
    assert 10 < short.cost < 100
    assert 1000 < long.cost < 10_000


def test_a_recursion_over_unknown_values_ends() -> None:
    source = "{{ define `a` }}{{ if .next }}\n{{ include `a` .next }}\n{{ end }}x{{ end }}\n{{ include `a` (nope) }}\n"
    rendered = chart({NAME: source}, budget=1000).render(NAME, {})
    assert rendered.text.count("x") > 10
    assert rendered.problems == ()


def test_each_line_of_the_output_has_the_place_that_began_it() -> None:
    files = {
        NAME: "a\n{{- if true }}\nb: {{ 1 }}\n{{ include `h` . }}\n{{- end }}\n{{ template `h` }}\nc",
        "c/templates/_h.tpl": "{{ define `h` }}x\ny{{ end }}",
    }
    rendered = chart(files).render(NAME, {})
    assert rendered.text == "a\nb: 1\nx\ny\nx\ny\nc"
    helper = "c/templates/_h.tpl"
    assert rendered.lines == ((NAME, 1), (NAME, 3), (NAME, 4), (NAME, 4), (helper, 1), (helper, 2), (NAME, 7))


@given(st.text(alphabet='{}-. a$"`()|:=/*1\n') | st.text())
def test_no_template_raises(source: str) -> None:
    rendered = chart({NAME: source}, budget=1000).render(NAME, {"Values": {}})
    assert len(rendered.lines) == len(rendered.text.removesuffix("\n").split("\n")) or rendered.text == ""


PARTS = st.sampled_from(
    [
        "x\n",
        "{{ .Values.s }}",
        "{{ $v = 2 }}",
        "{{ $v }}",
        "{{ nope $v }}",
        "{{ .Values.zz.a }}",
        "{{ include `h` . }}",
        "{{ $_ := set .Values `s` $v }}",
    ]
)
WRAPS = st.sampled_from(
    [
        ("{{ if .Values.s }}", "{{ end }}"),
        ("{{ if nope }}", "{{ else }}e{{ end }}"),
        ("{{ with .Values.em }}", "{{ else }}e{{ end }}"),
        ("{{ range .Values.w }}", "{{ end }}"),
        ("{{ range .Values.el }}", "{{ end }}"),
    ]
)
SOURCES = st.recursive(
    st.lists(PARTS, max_size=4).map("".join),
    lambda inner: st.lists(st.tuples(WRAPS, inner).map(lambda pair: pair[0][0] + pair[1] + pair[0][1]), max_size=3).map(
        "".join
    ),
)


@given(SOURCES)
def test_looking_into_branches_does_not_change_the_output(source: str) -> None:
    files = {NAME: "{{ $v := 1 }}" + source, "c/templates/_h.tpl": HELPER}
    dot: dict[str, object] = {"Values": {"s": "hi", "em": {}, "w": ["a"], "el": []}}
    blind: dict[str, object] = {"Values": {"s": "hi", "em": {}, "w": ["a"], "el": []}}
    looking, unlooking = (
        chart(files),
        chart({**files, "c/templates/y.yaml": "{{ $x := include `c/templates/x.yaml` . }}{{ $x }}"}),
    )
    assert looking.render(NAME, dot).text == unlooking.render("c/templates/y.yaml", blind).text
    assert dot == blind
