import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcpctl.policy.guards import dangerous_sql, is_inside, paths_outside, polluting_keys, sql_objections


def test_polluting_keys_are_named_by_their_place():
    found = polluting_keys({"a": [{"__proto__": {"x": 1}}], "constructor": 1, "b/c": {"prototype": {}}})
    assert sorted(each.path for each in found) == ["/a/0/__proto__", "/b~1c/prototype", "/constructor"]


def test_such_words_as_values_are_harmless():
    assert polluting_keys({"name": "constructor", "list": ["__proto__"]}) == ()


def test_deep_arguments_are_walked_without_recursion():
    deep: dict = {}
    for _ in range(50_000):
        deep = {"a": deep}
    assert polluting_keys(deep) == ()


@pytest.mark.parametrize(
    ("path", "inside"),
    [
        ("/data/a.txt", True),
        ("/data", True),
        ("/data/", True),
        ("/data/sub/../a", True),
        ("notes/a", True),
        ("./a", True),
        ("file:///data/a", True),
        ("/data/../etc/passwd", False),
        ("/database/a", False),
        ("../../etc/passwd", False),
        ("..\\..\\etc\\passwd", False),
        ("/data/x\\..\\..\\etc", False),
        ("~/a", False),
        ("/data/a\0.txt", False),
        ("file:///data/%2e%2e/etc/passwd", False),
        ("FILE:///etc/passwd", False),
        ("//data/a", True),
        ("//etc/passwd", False),
        ("", True),
    ],
)
def test_a_path_is_inside_or_not(path, inside):
    assert is_inside(path, ["/data"], base="/data") is inside


@given(st.lists(st.sampled_from(["..", ".", "a", "b"]), max_size=8).map("/".join))
@settings(max_examples=60, deadline=None)
def test_no_row_of_dots_leaves_the_folder_unseen(path):
    depth, lowest = 0, 0
    for part in path.split("/"):
        depth += {"..": -1, ".": 0, "": 0}.get(part, 1)
        lowest = min(lowest, depth)
    if lowest >= 0:
        assert is_inside(path, ["/srv/data"], base="/srv/data")
    if depth < 0:
        assert not is_inside(path, ["/srv/data"], base="/srv/data")


def test_only_arguments_with_a_fitting_name_are_paths():
    arguments = {"path": "/etc/passwd", "text": "/etc/passwd", "more": {"out_path": ["/data/a", "/etc/b"]}}
    found = paths_outside(arguments, names=["path", "*_path"], folders=["/data"])
    assert sorted(each.path for each in found) == ["/more/out_path", "/path"]
    assert found[0].rule == "paths"


@pytest.mark.parametrize(
    ("sql", "verbs"),
    [
        ("SELECT * FROM users WHERE name = 'drop table'", ()),
        ('select last_update, "delete", [drop], `alter` from t -- delete', ()),
        ("SELECT replace(name, 'a', 'b'), set_id FROM t", ()),
        ("DROP TABLE users", ("DROP",)),
        ("select 1; delete from users", ("DELETE",)),
        ("WITH x AS (SELECT 1) UPDATE t SET a = 1", ("UPDATE",)),
        ("/* harmless */ tRuNcAtE t", ("TRUNCATE",)),
        ("/*! DROP TABLE t */", ("DROP",)),
        ("REPLACE INTO t VALUES (1); pragma x", ("REPLACE", "PRAGMA")),
        ("SELECT 'it''s' ; DROP TABLE t", ("DROP",)),
        ("SELECT 'unclosed DROP", ()),
        ("EXPLAIN ANALYZE DELETE FROM t", ("DELETE",)),
        ("", ()),
    ],
)
def test_dangerous_words_are_found_where_they_do_something(sql, verbs):
    assert dangerous_sql(sql) == verbs


def test_an_objection_names_argument_and_verb():
    (found,) = sql_objections({"query": "drop table x", "note": "drop"}, names=["query", "sql"])
    assert (found.path, found.rule, found.message) == ("/query", "sql", "`DROP` is not allowed")


@pytest.mark.parametrize(
    "text", ["'" * 200_001, "/*" * 100_000, "--" * 100_000, "[" * 200_000, "a" * 200_000]
)
def test_hostile_sql_takes_linear_time(text):
    assert dangerous_sql(text) == ()
