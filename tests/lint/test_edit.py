"""Changes leave every byte alone that they do not mean, and are what they should be or are not made."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mcpctl.config.documents import Syntax, parse
from mcpctl.config.edit import EditError, apply, changed
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


def test_toml_keeps_comments_and_order() -> None:
    added = one(TOML, "toml", "set", ("mcp_servers", "c"), ENTRY)
    assert added.startswith(TOML)
    changed_value = one(TOML, "toml", "set", ("mcp_servers", "a", "command"), "y")
    assert changed_value == TOML.replace('command = "x"', 'command = "y"')
    removed = one(TOML, "toml", "remove", ("mcp_servers", "b"))
    assert 'command = "x" # the first' in removed
    assert "b.example.com" not in removed


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
