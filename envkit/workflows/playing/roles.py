"""What an action's name says about the key it belongs on: `north` is up, `UPRIGHTFIRE` is three keys at once."""

import re

WORDS = {
    "up": "up north top upward upwards ascend climb rise",
    "down": "down south bottom downward downwards descend crouch duck",
    "left": "left west",
    "right": "right east",
    "forward": "forward forwards ahead gas throttle",
    "back": "back backward backwards brake reverse",
    "more": "more increase faster accelerate warmer hotter higher raise plus inc",
    "less": "less decrease slower decelerate colder cooler lower minus dec",
    "fire": "fire shoot attack",
    "jump": "jump hop flap",
    "noop": "noop nop nothing none wait stay idle hold pass rest stand don't not no",
    "take": "pickup pick take grab get",
    "drop": "drop dropoff put place release",
    "use": "toggle use open interact",
    "done": "done submit finish stop end",
}
ROLE = {word: role for role, words in WORDS.items() for word in words.split()}
FILLERS = {
    "go",
    "move",
    "walk",
    "run",
    "ride",
    "turn",
    "push",
    "steer",
    "step",
    "cart",
    "apply",
    "do",
    "a",
    "an",
    "the",
    "to",
    "and",
}
STEERING = ("up", "down", "left", "right")
AXES = ("up", "down", "left", "right", "forward", "back", "more", "less")  # those on the arrow keys
COMBINED = re.compile(r"(up|down|north|south)?(left|right|east|west)?(fire|jump)?")  # UPRIGHTFIRE


def roles(name: str) -> frozenset[str]:
    """The roles of a name: none, one, or several that belong together.

    A phrase in which other words stand too counts for its direction, or else for its first role.
    """
    words = _words(name)
    found = [ROLE[word] for word in words if word in ROLE]
    if "noop" in found:
        return frozenset({"noop"})
    pure = all(word in ROLE or word in FILLERS for word in words)
    together = set(found)
    if len(together) > 1 and not (pure and together <= {*STEERING, "fire", "jump"}):
        found = [role for role in found if role in STEERING] or found
        together = {found[0]}
    return frozenset(together)


def _words(name: str) -> list[str]:
    apart = re.sub(r"([a-z])([A-Z])", r"\1 \2", name)  # pickUp
    text = re.sub(r"\bno[-_ ]op\b", "noop", apart.lower())
    text = re.sub(r"\b(pick|drop)[-_ ](?:up|off)\b", r"\1", text)
    words = [word.strip("'") for word in re.split(r"[^a-z']+", text)]
    parts: list[str] = []
    for word in filter(None, words):
        match = COMBINED.fullmatch(word)
        parts += [part for part in match.groups() if part] if match else [word]
    return parts
