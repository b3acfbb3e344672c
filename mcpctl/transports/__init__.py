"""A `ServerSpec` becomes a contained, bounded channel: a process over stdio, Streamable HTTP, or SSE.

`open_channel` is the only way in. Nothing a server does here may hang, leak or kill more than one call.
"""
