"""The commands. stdout carries data, stderr narrates; a command is loaded only when it is called."""
