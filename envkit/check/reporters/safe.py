"""Foreign text made harmless: an exception's message may hold escape sequences, half characters or a bell."""


def safe(text: str) -> str:
    """The same with everything but printable characters and line ends spelled out, such as \\x1b or \\ud800."""
    if text.isprintable():
        return text
    return "".join(char if char == "\n" or char.isprintable() else _spelled(char) for char in text)


def _spelled(char: str) -> str:
    return char.encode("unicode_escape").decode()
