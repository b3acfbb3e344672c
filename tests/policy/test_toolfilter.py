import pytest

from mcpctl.model.protocol import Tool
from mcpctl.model.server import ServerSpec
from mcpctl.policy.toolfilter import decide

READER = Tool(name="read_file", annotations={"readOnlyHint": True})
WRITER = Tool(name="write_file", annotations={"readOnlyHint": "true"})


@pytest.mark.parametrize(
    ("rules", "tool", "allowed", "rule"),
    [
        ({}, WRITER, True, "default"),
        ({"allow_tools": ("read_*",)}, READER, True, "allow_tools `read_*`"),
        ({"allow_tools": ("read_*",)}, WRITER, False, "allow_tools"),
        ({"allow_tools": ()}, READER, False, "allow_tools"),
        ({"deny_tools": ("*_file",), "allow_tools": ("read_file",)}, READER, False, "deny_tools `*_file`"),
        ({"read_only": True}, READER, True, "default"),
        ({"read_only": True}, WRITER, False, "read_only"),
        ({"read_only": True, "allow_tools": ("write_file",)}, WRITER, False, "read_only"),
    ],
)
def test_the_decision_names_the_rule_that_made_it(rules, tool, allowed, rule):
    decision = decide(ServerSpec(name="files", **rules), tool.name, tool)
    assert (decision.allowed, decision.rule) == (allowed, rule)


def test_a_tool_that_the_server_does_not_list_is_not_read_only():
    assert not decide(ServerSpec(name="files", read_only=True), "ghost", None).allowed


def test_names_are_told_apart_by_case():
    assert decide(ServerSpec(name="files", deny_tools=("READ_*",)), "read_file", READER).allowed
