"""What the tokens of well-known issuers look like: one list for whoever looks for them, whatever for.

Only shapes that issuers documented, and that no ordinary word has. Where a text may be searched is for others to say.
"""

from __future__ import annotations

from mcpctl.model.value import NamedTuple


class TokenShape(NamedTuple):
    beginnings: tuple[str, ...]
    rest: str
    """An expression for what follows any of them; possessive, so that a text of any kind costs linear time."""

    @property
    def expression(self) -> str:
        one_of = "|".join(beginning.replace(".", r"\.") for beginning in self.beginnings)
        return f"(?:{one_of}){self.rest}"


TOKEN_SHAPES = (
    TokenShape(("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), r"[A-Za-z0-9]{20,}+"),
    TokenShape(("github_pat_",), r"[A-Za-z0-9_]{20,}+"),
    TokenShape(("glpat-",), r"[A-Za-z0-9_-]{16,}+"),
    TokenShape(("sk-",), r"[A-Za-z0-9_-]{20,}+"),
    TokenShape(
        ("sk_live_", "sk_test_", "pk_live_", "pk_test_", "rk_live_", "rk_test_"), r"[A-Za-z0-9]{16,}+"
    ),
    TokenShape(("xox",), r"[abeoprs]-[A-Za-z0-9-]{10,}+"),
    TokenShape(("AKIA", "ASIA"), r"[0-9A-Z]{16,}+"),
    TokenShape(("AIza",), r"[0-9A-Za-z_-]{30,}+"),
    TokenShape(("sbp_",), r"[0-9a-z]{30,}+"),
    TokenShape(("npm_",), r"[A-Za-z0-9]{30,}+"),
    TokenShape(("pypi-",), r"[A-Za-z0-9_-]{30,}+"),
    TokenShape(("hf_",), r"[A-Za-z0-9]{20,}+"),
    TokenShape(("figd_", "figu_", "figo_"), r"[A-Za-z0-9_-]{20,}+"),
    TokenShape(("tvly-",), r"[A-Za-z0-9_-]{16,}+"),
    TokenShape(("fc-",), r"[0-9a-f]{24,}+"),
    TokenShape(("lin_api_",), r"[A-Za-z0-9]{20,}+"),
    TokenShape(("ntn_",), r"[A-Za-z0-9]{30,}+"),
    TokenShape(("ctx7sk-",), r"[A-Za-z0-9-]{16,}+"),
    TokenShape(("gsk_", "xai-", "pplx-"), r"[A-Za-z0-9]{20,}+"),
    TokenShape(("shp",), r"(?:at|ca|pa|ss)_[0-9a-fA-F]{20,}+"),
    TokenShape(("dop_v1_",), r"[0-9a-f]{30,}+"),
    TokenShape(("SG.",), r"[A-Za-z0-9_-]{16,}+\.[A-Za-z0-9_-]{16,}+"),
    TokenShape(("ATATT",), r"[A-Za-z0-9_=-]{20,}+"),
    TokenShape(("apify_api_",), r"[A-Za-z0-9]{20,}+"),
    TokenShape(("tskey-",), r"[A-Za-z0-9-]{20,}+"),
    TokenShape(("whsec_",), r"[A-Za-z0-9+/=]{16,}+"),
    # JSON Web Tokens: header and payload both start with an encoded `{"`.
    TokenShape(("eyJ",), r"[A-Za-z0-9_-]{8,}+\.eyJ[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]{8,}+"),
)

PRIVATE_KEY = r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----"
"""The line above a private key, which is the secret itself."""
