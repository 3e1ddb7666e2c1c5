"""Tables for other programs and other people: CSV, Markdown, an HTML page. No text of a lead acts in them."""
