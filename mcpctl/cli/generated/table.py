"""Written by `python -m mcpctl.cli.generate`: edit the signatures instead."""
from mcpctl.cli.grammar import Argument as A, Grammar as G, Option as O

GRAMMARS: dict[str, G | None] = {
    '': G({'--config': O('config', 'text', True), '--profile': O('profile', 'text', False), '--input': O('input', 'text', True), '--json': O('json', 'on', False), '--format': O('format', 'text', False), '--timeout': O('timeout', 'duration', False), '--trace': O('trace', 'text', False), '--log-file': O('log_file', 'text', False), '--no-color': O('no_color', 'on', False), '-q': O('quiet', 'on', False), '--quiet': O('quiet', 'on', False), '-v': O('verbose', 'count', False), '--verbose': O('verbose', 'count', False), '--debug': O('debug', 'on', False)}, ()),
    'ls': G({'--tag': O('tag', 'text', True)}, ()),
    'demo': G({}, (A('arguments', 'ARGUMENT', 'text', False, True),)),
    'help': G({}, (A('topic', 'VERB', 'text', False, True),)),
    'version': G({}, ()),
    'config show': G({'--origin': O('origin', 'on', False)}, (A('server', 'SERVER', 'text', False, True),)),
    'config sources': G({}, ()),
    'config schema': G({}, ()),
}
