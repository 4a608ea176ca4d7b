"""Hashtags that hide posts or get them removed, and those that say a post is paid for.

No platform publishes a list: these few have been reported as restricted for years, because of what else is posted under
them. Whoever knows better adds names in a file.
"""

from __future__ import annotations

from pathlib import Path

from recommend.hashtags.words import clean

REPORTED = frozenset(
    [
        "ana",
        "anorexia",
        "antivax",
        "ass",
        "assday",
        "bikinibody",
        "bulimia",
        "bigbooty",
        "boobs",
        "cocaine",
        "cutting",
        "drugs",
        "eggplant",
        "escort",
        "iphonegraphy",
        "kinky",
        "lolita",
        "milf",
        "naked",
        "nudity",
        "nsfw",
        "nude",
        "onlyfanspromo",
        "pornfood",
        "proana",
        "promia",
        "selfharm",
        "sexy",
        "sexygirl",
        "suicidal",
        "suicide",
        "swole",
        "teens",
        "thinspiration",
        "thinspo",
        "twerk",
        "undies",
        "xxx",
    ]
)
PAID = frozenset(
    [
        "ad",
        "ads",
        "adv",
        "advertisement",
        "advertising",
        "anzeige",
        "gifted",
        "giftedbyad",
        "paidad",
        "paidpartner",
        "paidpartnership",
        "partner",
        "pub",
        "publicidad",
        "publicité",
        "pubblicità",
        "sponsored",
        "sponsor",
        "sponsoredpost",
        "sponsorship",
        "supplied",
        "spon",
        "werbung",
    ]
)
"""Of no use to readers, and the law's business where they belong: neither offered nor taken away."""


def read_banned(path: Path) -> frozenset[str]:
    """`REPORTED` and the names in the file, one a line; '#' in front, case and empty lines do not matter."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []
    return REPORTED | {clean(line) for line in lines if clean(line)}
