"""Load on MCP servers, and the truth about it: plan and verdict are pure, the engine drives the wire itself.

It refuses to report a latency that is its own: every figure comes with a judgement on the generator that made it.
"""
