"""What a front end may do: one desk for the terminal app and the commands. No Textual, no HTTP, no TinyDB."""
