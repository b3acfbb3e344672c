"""What can be typed, verb by verb: parameters carry the names of the options' fields, docstrings are the help.

A signature declares and does nothing. A parameter that may be repeated defaults to None, and its field to `()`.
"""
