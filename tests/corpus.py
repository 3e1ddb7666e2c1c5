"""Text that breaks careless programs, by what it attacks; invented here, every name and host a reserved one.

`HOSTILE` is all of it, `hostile` a hypothesis strategy that draws, joins and cuts it. Not in `HOSTILE`: `ONE_MEGABYTE`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from hypothesis import strategies as st

ESC, BEL, ST = "\x1b", "\x07", "\x1b\\"
ZWJ = "\u200d"
_WRITTEN_52 = "dHJpYWdlLXdhcy1oZXJl"
"""What the corpus wants in the clipboard: no program may ever write it there."""

SEQUENCES = (
    f"{ESC}[31mred{ESC}[0m",
    f"{ESC}[2J{ESC}[HBlank",
    f"{ESC}[?1049lleft the screen{ESC}[?1000l",
    f"{ESC}[5;5Hover there",
    f"{ESC}[1;1;{'9' * 300}m",
    f"{ESC}[?2026h{ESC}[?25h{ESC}[?1003h",
    f"{ESC}[6n",
    f"{ESC}[c{ESC}[>c{ESC}[=c",
    f"{ESC}[21t{ESC}[20t{ESC}[18t",
    f"{ESC}[20;2Hlead{ESC}[?6n",
    f"{ESC}]0;a new title{BEL}",
    f"{ESC}]2;another title{ST}",
    f"{ESC}]8;;https://evil.example/x{ST}a link{ESC}]8;;{ST}",
    f"{ESC}]10;?{BEL}{ESC}]11;?{BEL}",
    f"{ESC}]52;c;{_WRITTEN_52}{BEL}",
    f"{ESC}]52;c;?{ST}",
    f"{ESC}]1337;File=inline=1:AAAA{BEL}",
    f"{ESC}]9;told{BEL}{ESC}]777;notify;a;b{BEL}",
    f"{ESC}P1$r0m{ST}",
    f'{ESC}P$q"p{ST}',
    f"{ESC}P+q544e{ST}",
    f"{ESC}Pq#0;2;0;0;0~{ST}",
    f"{ESC}_Gf=24,s=1,v=1;AAAA{ST}",
    f"{ESC}^private{ST}{ESC}Xstring{ST}",
    f"{ESC}kscreen title{ST}",
    f"{ESC}c",
    f"{ESC}#8",
    f"{ESC}(0lqqk{ESC}(B",
    f"{ESC}7{ESC}8{ESC}D{ESC}M{ESC}=",
    f"{ESC}",
    f"unfinished{ESC}[",
    f"unfinished{ESC}]52;c;",
)
CONTROLS = (
    "answer\x05back",
    "bell\x07bell",
    "ab\x08\x08xy",
    "visible\rhidden",
    "nul\x00byte",
    "shift\x0eout\x0fin",
    "del\x7fete",
    "x\x11on\x13off",
    "can\x18cel sub\x1astitute",
    "\x1c\x1d\x1e\x1f separators",
    "vt\x0bff\x0cend",
    "eof\x04 intr\x03 susp\x1a",
)
C1 = (
    "\x9b31mred",
    "\x9d0;title\x9c",
    f"\x9d52;c;{_WRITTEN_52}\x9c",
    "\x90$qm\x9c",
    "\x84\x85\x8d\x8e\x8f",
    "\x9a\x9e\x9f",
)
HIDDEN = (
    "half \ud800 pair",
    "\udfff",
    "\ud83d\U0001f600",
    "a\u202egnp.exe",
    "a\u202dleft\u202c",
    "a\u2066b\u2067c\u2068d\u2069",
    "mark\u200e\u200f\u061c",
    "pay\u200bpal\u2060\ufeff",
    "so\u00adft",
    "tag\U000e0001\U000e0041\U000e007f",
    "e" + "\u0301" * 500,
    "".join(letter + "\u0323\u0334\u0359" * 20 for letter in "Zalgo"),
    f"{ZWJ}{ZWJ}joiners\u200c",
    "private \ue000\U000f0000\U0010fffd",
    "unassigned \u0378\uffff\U000e0080\U0010ffff",
    "blank \u115f\u1160\u3164\uffa0\u2800",
    "\u00a0\u2003\u3000\u1680",
    "\u034f\u180b\ufe00\U000e0100",
    "\ufff9anno\ufffatation\ufffb",
    "\u206a\u206f\u180e",
    "\ufeff",
    "   ",
)
LINES = (
    "two\nlines",
    "two\r\nlines",
    "one\u2028two\u2029three",
    "next\u0085line",
    "tab\tbed",
    "\n\n\n\n\n\n\n\nbottom",
    "ends\n",
)
MARKUP = (
    "[@click=app.quit]x[/]",
    "[@click=app.simulate_key('a')]accept[/]",
    "[@click=screen.accept]Quentin[/]",
    "[@click='app.bell']x",
    "[red]red[/red]",
    "[bold]never closed",
    "[/]",
    "[/foo]",
    "x[/foo]y",
    "Lead [VIP]",
    "mail [at] mail [dot] example",
    "([sys:LOCK=SAFE])",
    "[link=https://evil.example]link[/link]",
    "[link='javascript:1']x[/link]",
    "[a=b]hidden?[/a]",
    "\\[red]\\\\[/]",
    "\\",
    "trailing \\[",
    "[[[[",
    "]]]] [] [ ]",
    "[" * 200,
    "$name $$ ${name}",
    "[conceal]secret[/] [reverse]x[/] [on red]",
    "1 validation error [type=missing, input_value={'a': 1}]",
    "INVALID_FIELD[/Contact]",
    "[Errno 111] refused",
    ":warning: :smile:",
)
MARKDOWN = (
    "[link](javascript:alert(1))",
    "![image](https://evil.example/beacon.png)",
    "<https://evil.example>",
    "**bold** _x_ `code` # head",
    "| a | b |\n|---|---|",
    "1. one\n- two\n> quote",
    "~~~\nfence\n```",
)
LINKS = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "file:///etc/passwd",
    "ssh://-oProxyCommand=touch%20x/",
    "vscode://file/x",
    "mailto:x@example.com?cc=y@example.com",
    "--help",
    "-oProxyCommand=x",
    "https://-leading.example/",
    "https://user:pass@crm.example/",
    "https://crm.example@evil.example/",
    "https://crm.example\\@evil.example/",
    "https://пример.example/",
    "https://еxample.com/",
    "https://xn--e1afmkfd.example/",
    "https://crm.example/a b",
    "https://crm.example/\n-x",
    "https:///no-host",
    "https:crm.example",
    "//crm.example/x",
    "https://[::1",
    "https://[::1]:99999/",
    "http://crm.example:port/",
    "%action",
    "http://127.0.0.1:1/%0d%0aX-Injected:1",
)
FORMULAS = (
    '=HYPERLINK("http://evil.example","Cell")',
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1:A9)",
    "=cmd|' /C calc'!A0",
    "  =1+1",
    "\ufeff=1+1",
    "\u200b=1+1",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    '"=1+1"',
    '",=1+1,"',
    "'=1+1",
    ";=1+1",
)
HTML = (
    "<script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    '<a href="javascript:alert(1)">x</a>',
    "<iframe src=//evil.example>",
    "<style>*{display:none}</style>",
    "<!-- --><![CDATA[x]]>",
    "<b>Boss</b> & Co",
    "&lt;script&gt;&#x1b;&#27;[31m",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
)
PATHS = (
    "../../../../etc/passwd",
    "..\\..\\windows",
    "/etc/passwd",
    "C:\\con",
    "CON",
    "nul.txt",
    ".",
    "..",
    "~root/x",
    "a/b",
    "name\x00.csv",
    "-rf",
    "$(touch x)",
    "`touch x`",
    "; touch x #",
    "%2e%2e%2f",
)
FORMATS = (
    "{0.__class__.__mro__}",
    "{name} {company} {first_name}",
    "{{name}}",
    "{",
    "}{",
    "%n%n%s%x",
    "%(name)s",
    "${HOME} $HOME",
    "{lead_id!r:>999999}",
)
NAUGHTY = (
    "",
    "null",
    "None",
    "undefined",
    "NaN",
    "true",
    "-0",
    "1e309",
    "0x1f",
    "９９９",
    "٣",
    "1,000.00",
    "Scunthorpe",
    'O\'Brien "Quotes" \\ Sons',
    "' OR 1=1 --",
    "'; DROP TABLE leads; --",
    '{"json": [1, 2]}',
    "__proto__",
    "constructor",
    "ﬁ ① ½ ™",
    "İstanbul ı ẞ ǅ",
    "Ω≈ç√∫ ˜µ≤",
    "ثم نفس سقطت",
    "שרה לוי",
    "הָיְתָהtestالصفحات",
    "山田太郎",
    "스가한 김",
    "क्‍ष नमस्ते",
    "ไทย ก็ ำ",
    "ƃuᴉʇɹǝʌuᴉ",
    "Maximiliane-Friederike Oberschlachtmeier-Wittgensteinhausen von und zu Niederaltenburg" * 3,
)
EMOJI = (
    f"👨{ZWJ}👩{ZWJ}👧{ZWJ}👦 family",
    f"👩🏽{ZWJ}🔧 wrench",
    f"🏳\ufe0f{ZWJ}🌈 flag",
    "🇩🇪🇫🇷🇩",
    "1\ufe0f\u20e3 #\ufe0f\u20e3",
    "❤\ufe0f ❤\ufe0e ☎",
    "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "👍🏿" * 50,
    "\ufe0f\ufe0f alone",
)

CLASSES: Mapping[str, tuple[str, ...]] = {
    "sequences": SEQUENCES,
    "controls": CONTROLS,
    "c1": C1,
    "hidden": HIDDEN,
    "lines": LINES,
    "markup": MARKUP,
    "markdown": MARKDOWN,
    "links": LINKS,
    "formulas": FORMULAS,
    "html": HTML,
    "paths": PATHS,
    "formats": FORMATS,
    "naughty": NAUGHTY,
    "emoji": EMOJI,
}
"""What is attacked → payloads."""
HOSTILE: tuple[str, ...] = tuple(payload for payloads in CLASSES.values() for payload in payloads)
"""Every payload once, in the order of the classes."""
ONE_MEGABYTE = "[" * 500_000 + ESC * 500_000
"""One line of a million characters; apart, for it makes every field slow."""
ENCODABLE: tuple[str, ...] = tuple(
    payload for payload in HOSTILE if not any("\ud800" <= character <= "\udfff" for character in payload)
)
"""The payloads that UTF-8 can carry: for headers, files and arguments. JSON carries the others as escapes."""

hostile: st.SearchStrategy[str] = st.one_of(
    st.sampled_from(HOSTILE),
    st.builds("".join, st.lists(st.sampled_from(HOSTILE), min_size=2, max_size=4)),
    st.builds(
        lambda text, start, end: text[start:end],
        st.sampled_from(HOSTILE),
        st.integers(0, 9),
        st.integers(1, 40),
    ),
    st.text(st.characters(codec=None, exclude_categories=()), max_size=60),
)
"""Payloads, several in a row, cut in the middle, or any text at all, lone surrogates included."""


def as_json(payload: str) -> str:
    """Return a payload as JSON carries it, in ASCII."""
    return json.dumps(payload, ensure_ascii=True)
