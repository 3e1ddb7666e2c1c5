"""Text that breaks careless programs, for a few leads: scripts, markup, escape sequences, half a surrogate.

All of it is what real CRMs hold. None of it may reach a terminal as it is.
"""

from __future__ import annotations

from typing import Any

_ESC = "\x1b"
_BEL = "\x07"

AWKWARD: tuple[dict[str, Any], ...] = (
    {"name": "山田 太郎", "title": "工場長", "company": "東京精密工業株式会社"},
    {"name": "שרה לוי", "title": "מנהלת תפעול", "company": "مصنع الشرق للصناعات"},
    {"name": "Zoë 🏭👩‍🔧 Kowalski", "title": "Plant Manager 🚀", "company": "🧪 Labs & Söhne"},
    {
        "name": "Maximiliane-Friederike Oberschlachtmeier-Wittgensteinhausen von und zu Niederaltenburg",
        "title": "Stellvertretende Bereichsleiterin Produktionsplanung und Fertigungssteuerung " * 2,
        "company": "Vereinigte Oberfränkische Präzisionswerkzeugmaschinenfabriken Beteiligungsgesellschaft "
        * 2,
    },
    {"name": "[red]Rita Markup[/red]", "title": "[bold]Plant Manager", "company": "[link=x]Acorn[/link] [/]"},
    {
        "name": "[@click=app.quit]Quentin[/]",
        "title": "Head of [Production]",
        "company": "Bracket ]]> [[ Works",
    },
    {
        "name": f"{_ESC}[31mEsther{_ESC}[0m Scape",
        "title": f"{_ESC}]52;c;ZXZpbA=={_BEL}Production Manager",
        "company": f"{_ESC}[2J{_ESC}[HBlank Screens",
        "moment": f"{_ESC}]0;a new title{_BEL}Wrote with control codes.{_ESC}P1$r0m{_ESC}\\",
    },
    {"name": "Z̸̡̧͓̮͈̲̃̊̈́̌a͏̷̨̢͕̳l̵̢̛̯g̶̈́ọ̵̈́ Combining", "title": "Manager\u202ereganaM", "company": "Zero\u200bWidth\u2060 Ltd"},
    {"name": "Sur\ud800rogate Half", "title": "Quality Manager\x00\x08", "company": "Tab\tand\r\nNewline"},
    {"name": '=HYPERLINK("http://x.example","Cell")', "title": "+1+1", "company": "@SUM(A1:A9)"},
    {"name": "   ", "title": "", "company": "\u3000"},
    {
        "name": "<script>alert(1)</script>",
        "title": "<b>Boss</b> & Co",
        "company": 'O\'Brien "Quotes" \\ Sons',
    },
)
"""Fields that replace a lead's own."""
