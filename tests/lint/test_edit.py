"""Changes leave every byte alone that they do not mean, and are what they should be or are not made."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mcpctl.config.documents import Syntax, parse
from mcpctl.config.edit import apply, changed
from mcpctl.config.edit.refusal import EditError
from mcpctl.config.edit.write import write_text
from mcpctl.errors import ConfigError
from mcpctl.model.lint import Change
from tests.support import SHARED

CORPUS = SHARED / "corpus"

ENTRY = {"command": "npx", "args": ["-y", "@acme/files@1.2.3"], "env": {"MODE": "fast"}}

JSONC = """{
  // all servers
  "mcpServers": {
    "a": { "command": "x" }, // the first
    /* the second */
    "b": {
      "command": "y",
      "args": [
        "one"
      ],
    },
  },
}
"""

TOML = """# all servers
model = "gpt"   # which one

[mcp_servers.a]
command = "x" # the first
args = ["one"]

# the second
[mcp_servers.b]
url = "https://b.example.com/mcp"
"""

YAML = """# all servers
mcpServers:
  - name: a   # the first
    command: x
    args:
      - one
  # the second
  - name: b
    url: https://b.example.com/mcp
other: kept
"""


def one(text: str, syntax: Syntax, kind: str, at: tuple[str | int, ...], value: object = None) -> str:
    return apply(text, syntax, [Change(kind=kind, at=at, value=value)], file="x")  # type: ignore[arg-type]


def test_an_entry_is_added_in_the_style_of_the_file() -> None:
    assert one(JSONC, "jsonc", "set", ("mcpServers", "c"), {"command": "z"}) == JSONC.replace(
        "      ],\n    },\n", '      ],\n    },\n    "c": {\n      "command": "z"\n    },\n'
    )


def test_removing_the_last_of_several_keeps_the_comma_style() -> None:
    assert one(JSONC, "jsonc", "remove", ("mcpServers", "b")) == JSONC.replace(
        '    "b": {\n      "command": "y",\n      "args": [\n        "one"\n      ],\n    },\n', ""
    )


def test_a_comment_behind_an_entry_goes_with_it() -> None:
    assert one(JSONC, "jsonc", "remove", ("mcpServers", "a")) == JSONC.replace(
        '    "a": { "command": "x" }, // the first\n', ""
    )


def test_a_list_that_stands_on_lines_grows_by_a_line() -> None:
    edited = one(JSONC, "jsonc", "insert", ("mcpServers", "b", "args", 0), "-y")
    assert edited == JSONC.replace('        "one"', '        "-y",\n        "one"')


def test_only_the_key_changes_when_it_is_renamed() -> None:
    assert one(JSONC, "jsonc", "rename", ("mcpServers",), "servers") == JSONC.replace("mcpServers", "servers")
    assert one(YAML, "yaml", "rename", ("mcpServers", 0, "command"), "cmd") == YAML.replace("command", "cmd")
    renamed = one(TOML, "toml", "rename", ("mcp_servers", "a"), "first")
    assert "[mcp_servers.first]" in renamed
    assert "# the first" in renamed


def test_line_ends_of_windows_survive() -> None:
    text = JSONC.replace("\n", "\r\n")
    edited = one(text, "jsonc", "set", ("mcpServers", "c"), ENTRY)
    assert "\n" not in edited.replace("\r\n", "")


def test_tabs_survive() -> None:
    text = '{\n\t"mcpServers": {\n\t\t"a": {\n\t\t\t"command": "x"\n\t\t}\n\t}\n}'
    assert '\n\t\t"b": {\n\t\t\t"command": "y"\n\t\t}\n' in one(
        text, "json", "set", ("mcpServers", "b"), {"command": "y"}
    )


def test_an_empty_object_is_filled() -> None:
    assert one("{}", "json", "set", ("mcpServers", "a"), {"command": "x"}) == (
        '{\n  "mcpServers": {\n    "a": {\n      "command": "x"\n    }\n  }\n}'
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "[s.a]\nx = 1 # one\n\n# about b\n# [s.b]\n",
            "[s.a]\nx = 1 # one\nnew = false\n\n# about b\n# [s.b]\n",
        ),
        ("[s.a] # only a name", "[s.a] # only a name\nnew = false\n"),
        ("[s.a]\n  x = [\n    1,\n  ]\n# end", "[s.a]\n  x = [\n    1,\n  ]\n  new = false\n# end"),
        ("[s.a]\r\nx = 1\r\n[s.a.b]\r\ny = 2\r\n", "[s.a]\r\nx = 1\r\nnew = false\r\n[s.a.b]\r\ny = 2\r\n"),
        ("[s.a]\n\n[s.b]\nx = 1\n", "[s.a]\nnew = false\n\n[s.b]\nx = 1\n"),
    ],
)
def test_a_new_key_stands_behind_the_last_one_of_its_table(text: str, expected: str) -> None:
    assert one(text, "toml", "set", ("s", "a", "new"), False) == expected


def test_toml_keeps_comments_and_order() -> None:
    added = one(TOML, "toml", "set", ("mcp_servers", "c"), ENTRY)
    assert added.startswith(TOML)
    changed_value = one(TOML, "toml", "set", ("mcp_servers", "a", "command"), "y")
    assert changed_value == TOML.replace('command = "x"', 'command = "y"')
    removed = one(TOML, "toml", "remove", ("mcp_servers", "b"))
    assert 'command = "x" # the first' in removed
    assert "b.example.com" not in removed


TABLES = """# about a
[servers.a]
command = "x"
env = { A = "b" } # where

[servers.a.health]
fall = 3

# about b,
# and more
[servers.b] # it
command = "y"
"""


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("kind", "at", "value", "expected"),
    [
        ("remove", ("a",), None, "# about a\n" + TABLES[TABLES.index("# about b") :]),
        ("remove", ("a", "health"), None, TABLES.replace("[servers.a.health]\nfall = 3\n\n", "")),
        ("remove", ("b",), None, TABLES[: TABLES.index("[servers.b]")]),
        (
            "set",
            ("a",),
            {"command": "z"},
            '# about a\n[servers.a]\ncommand = "z"\n\n' + TABLES[TABLES.index("# about b") :],
        ),
        ("set", ("a", "env", "C"), "d", TABLES.replace('"b" }', '"b", C = "d" }')),
        ("set", ("c",), {"command": "z"}, TABLES + '\n[servers.c]\ncommand = "z"\n'),
        ("set", ("b", "enabled"), False, TABLES + "enabled = false\n"),
    ],
)
def test_tables_of_toml_come_and_go_and_take_no_comment_of_others(
    kind: str, at: tuple[str, ...], value: object, expected: str, newline: str
) -> None:
    edited = one(TABLES.replace("\n", newline), "toml", kind, ("servers", *at), value)
    assert edited == expected.replace("\n", newline)


INLINE = 'servers = { a = { command = "x", args = ["one"] } } # all\n'


@pytest.mark.parametrize(
    ("kind", "at", "value", "old", "new"),
    [
        ("set", ("b",), {"command": "z"}, "} }", '}, b = {command = "z"} }'),
        ("set", ("a", "env", "new one"), "q", '"] }', '"], env = {"new one" = "q"} }'),
        ("set", ("a", "enabled"), False, '"] }', '"], enabled = false }'),
        ("set", ("a", "args", 1), "two", '"one"', '"one", "two"'),
        ("remove", ("a", "args"), None, ', args = ["one"]', ""),
        ("remove", ("a",), None, ' a = { command = "x", args = ["one"] } ', ""),
    ],
)
def test_toml_between_brackets_is_changed_there(
    kind: str, at: tuple[str | int, ...], value: object, old: str, new: str
) -> None:
    assert INLINE.count(old) == 1
    assert one(INLINE, "toml", kind, ("servers", *at), value) == INLINE.replace(old, new)


@pytest.mark.parametrize("name", ["c", "c d"])
def test_a_table_of_toml_is_renamed_wherever_its_name_stands(name: str) -> None:
    written = "c" if name == "c" else '"c d"'
    expected = TABLES.replace("[servers.a", f"[servers.{written}")
    assert one(TABLES, "toml", "rename", ("servers", "a"), name) == expected
    inner = TABLES.replace("A =", f"{written} =")
    assert one(TABLES, "toml", "rename", ("servers", "a", "env", "A"), name) == inner
    assert one(TABLES, "toml", "rename", ("servers", "b", "command"), "c") == TABLES.replace(
        'command = "y"', 'c = "y"'
    )


@pytest.mark.parametrize(
    ("syntax", "text"),
    [
        ("json", '{"a": 1, "b": 2}'),
        ("yaml", "a: 1\nb: 2\n"),
        ("yaml", "{a: 1, b: 2}"),
        ("toml", "a = 1\nb = 2\n"),
    ],
)
def test_no_key_is_renamed_to_one_that_is_there(syntax: Syntax, text: str) -> None:
    with pytest.raises(EditError, match="has a `b` here already"):
        one(text, syntax, "rename", ("a",), "b")


def test_tables_in_a_list_come_and_go() -> None:
    text = '[[mcp_servers]]\nname = "a"\n\n# about b\n[[mcp_servers]]\nname = "b"\n'
    added = one(text, "toml", "set", ("mcp_servers", 2), {"name": "c"})
    assert added == text + '\n[[mcp_servers]]\nname = "c"\n'
    assert one(added, "toml", "remove", ("mcp_servers", 2)) == text
    assert one(text, "toml", "remove", ("mcp_servers", 0)) == text[text.index("# about") :]


def test_what_tomlkit_cannot_do_is_a_clear_error() -> None:
    with pytest.raises(EditError, match="`x` cannot be changed here without rewriting it"):
        one('servers.a.command="x"\nservers.a.args=[]\n', "toml", "set", ("servers", "b"), {"command": "y"})


def test_yaml_keeps_comments_and_everything_else() -> None:
    assert one(YAML, "yaml", "set", ("mcpServers", 0, "command"), "y") == YAML.replace(
        "command: x", "command: y"
    )
    added = one(YAML, "yaml", "set", ("mcpServers", 2), {"name": "c", "command": "z"})
    assert [line for line in added.splitlines() if line not in YAML.splitlines()] == [
        "  - name: c",
        "    command: z",
    ]
    removed = one(YAML, "yaml", "remove", ("mcpServers", 1))
    assert "b.example.com" not in removed
    assert "other: kept" in removed


FLOW = """# all servers
mcpServers: {
  # the first
  a: {command: x, args: [one, "2"]}, # of a
  b: { url: 'https://b.example.com/mcp' } # of b
}
other: kept
"""


@pytest.mark.parametrize(
    ("kind", "at", "value", "old", "new"),
    [
        ("set", ("a", "command"), "y z", "command: x", 'command: "y z"'),
        ("set", ("a", "command"), "yes", "command: x", 'command: "yes"'),
        ("set", ("a", "args"), ["-y", "p"], '[one, "2"]', '["-y", p]'),
        ("set", ("a", "args", 2), "three", '"2"]', '"2", three]'),
        ("insert", ("a", "args", 0), "-y", "[one", '["-y", one'),
        ("remove", ("a", "args", 0), None, "[one, ", "["),
        ("remove", ("a", "args", 1), None, ', "2"]', "]"),
        ("remove", ("a", "command"), None, "command: x, ", ""),
        ("set", ("a", "env", "K"), "${V}, #", '"2"]}', '"2"], env: {K: "${V}, #"}}'),
        ("set", ("b", "enabled"), False, "mcp' }", "mcp', enabled: false }"),
        ("rename", ("a",), "new one", "  a:", '  "new one":'),
        ("set", ("c",), {"command": "z"}, " } # of b", " }, # of b\n  c: {command: z}"),
        ("remove", ("a",), None, '  a: {command: x, args: [one, "2"]}, # of a\n', ""),
        ("remove", ("b",), None, ", # of a\n  b: { url: 'https://b.example.com/mcp' } # of b", " # of a"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_yaml_between_brackets_is_changed_in_its_own_style(
    kind: str, at: tuple[str | int, ...], value: object, old: str, new: str, newline: str
) -> None:
    text = FLOW.replace("\n", newline)
    expected = FLOW.replace(old, new).replace("\n", newline)
    assert FLOW.count(old) == 1
    assert one(text, "yaml", kind, ("mcpServers", *at), value) == expected


def test_json_in_a_yaml_file_stays_json() -> None:
    text = '{"mcpServers": {"a": {"command":"x"}}}'
    edited = one(text, "yaml", "set", ("mcpServers", "b"), {"command": "y", "args": ["z"]})
    assert edited == '{"mcpServers": {"a": {"command":"x"}, "b": {"command": "y", "args": ["z"]}}}'


@pytest.mark.parametrize(
    ("text", "at"), [("a: [x: 1, y]\n", ("a", 0, "x")), ("b: 1\na: {x, y}\n", ("a", "x"))]
)
def test_what_yaml_leaves_out_is_not_invented(text: str, at: tuple[str | int, ...]) -> None:
    with pytest.raises(EditError, match="cannot be changed here") as caught:
        one(text, "yaml", "set" if len(at) == 2 else "remove", at, 5)
    assert caught.value.line == text[: text.index("x")].count("\n") + 1


def test_a_list_behind_a_dash_is_written_in_its_place() -> None:
    text = "- args: one\n  name: a\n"
    assert one(text, "yaml", "set", (0, "args"), ["one"]) == "- args:\n    - one\n  name: a\n"


@pytest.mark.parametrize(
    ("syntax", "text", "expected"),
    [
        ("yaml", "servers:\nother: 1\n", "servers:\n  a:\n    b: c\nother: 1\n"),
        ("yaml", "servers: ~\nother: 1\n", "servers:\n  a:\n    b: c\nother: 1\n"),
        ("yaml", "servers:", "servers:\n  a:\n    b: c"),
        ("yaml", "{servers: null}", "{servers: {a: {b: c}}}"),
        ("json", '{"servers": null}', '{"servers": {\n  "a": {\n    "b": "c"\n  }\n}}'),
    ],
)
def test_nothing_is_filled_with_the_first_entry(syntax: Syntax, text: str, expected: str) -> None:
    assert one(text, syntax, "set", ("servers", "a"), {"b": "c"}) == expected


def test_the_comment_behind_the_last_entry_stays_with_it() -> None:
    text = '{\n  "a": 1 // of a\n}\n'
    added = one(text, "jsonc", "set", ("b",), 2)
    assert added == '{\n  "a": 1, // of a\n  "b": 2\n}\n'
    assert one(added, "jsonc", "remove", ("b",)) == text


def test_a_file_that_does_not_parse_is_not_edited() -> None:
    with pytest.raises(EditError) as caught:
        one('{"a": 1 "b": 2}', "json", "set", ("a",), 2)
    assert caught.value.line == 1


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of real files is not here")
def test_adding_and_removing_is_the_identity_on_real_files() -> None:
    count = 0
    for file in sorted(CORPUS.glob("*.json")):
        document = parse(file.read_bytes(), "jsonc", file.name)
        roots = [root for root in ("mcpServers", "servers", "mcp") if isinstance(document.value, dict)]
        for root in roots:
            if not isinstance(document.value.get(root), dict) or document.faults:
                continue
            added = one(document.text, "jsonc", "set", (root, "new one"), ENTRY)
            assert one(added, "jsonc", "remove", (root, "new one")) == document.text, file.name
            count += 1
    assert count > 80


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of real files is not here")
def test_adding_to_real_toml_keeps_every_line() -> None:
    for file in sorted(CORPUS.glob("*.toml")):
        text = file.read_text()
        added = one(text, "toml", "set", ("mcp_servers", "new-one"), ENTRY)
        assert [line for line in text.splitlines() if line not in added.splitlines()] == [], file.name
        removed = one(added, "toml", "remove", ("mcp_servers", "new-one"))
        assert removed.rstrip() == text.rstrip(), file.name


KEYS = st.sampled_from(["a", "b", 'c"', "d e", "é"])
SCALARS = st.one_of(st.text(max_size=5), st.integers(-9, 9), st.booleans(), st.none())
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(value=st.dictionaries(KEYS, VALUES, max_size=4), key=KEYS, new=VALUES, data=st.data())
def test_any_change_of_any_object_means_what_it_should(
    value: object, key: str, new: object, data: st.DataObject
) -> None:
    import json

    indent = data.draw(st.sampled_from([None, 0, 2, "\t"]))
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    assume("\ud800" not in text)
    kind = data.draw(st.sampled_from(["set", "remove", "rename"]))
    change = Change(kind=kind, at=(key,), value="z z" if kind == "rename" else new)
    edited = apply(text, "json", [change], file="x")
    assert json.loads(edited) == changed(value, change)


@settings(max_examples=100, deadline=None)
@given(value=st.dictionaries(KEYS, VALUES, min_size=1, max_size=3), new=VALUES, data=st.data())
def test_any_change_between_brackets_means_what_it_should_and_can_be_taken_back(
    value: dict[str, object], new: object, data: st.DataObject
) -> None:
    import io

    from ruamel.yaml import YAML

    stream = io.StringIO()
    yaml = YAML()
    yaml.default_flow_style = True
    yaml.width = data.draw(st.sampled_from([20, 4096]))
    yaml.dump({"servers": value}, stream)
    text = stream.getvalue()
    document = parse(text.encode(), "yaml", "x")
    assume(not document.faults)
    value = document.value["servers"]
    key = data.draw(st.sampled_from([*value, "new one"]))
    change = Change(kind=data.draw(st.sampled_from(["set", "remove"])), at=("servers", key), value=new)
    edited = apply(text, "yaml", [change], file="x")
    assert parse(edited.encode(), "yaml", "x").value == changed({"servers": value}, change)
    if key == "new one" and change.kind == "set":
        assert one(edited, "yaml", "remove", ("servers", key)) == text


def test_a_file_is_replaced_whole_with_its_mode_and_through_links(tmp_path: Path) -> None:
    real = tmp_path / "real.json"
    real.write_text("old")
    real.chmod(0o640)
    link = tmp_path / "link.json"
    link.symlink_to(real)
    write_text(link, "new", bom=True)
    assert link.is_symlink()
    assert real.read_bytes() == b"\xef\xbb\xbfnew"
    assert real.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in tmp_path.iterdir()].count("real.json") == 1
    assert len(list(tmp_path.iterdir())) == 2


def test_what_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(ConfigError):
        write_text(folder, "text")
    link = tmp_path / "circle"
    link.symlink_to(link)
    with pytest.raises(ConfigError):
        write_text(link, "text")
