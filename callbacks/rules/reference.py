"""The number on the customer's slip: short, unguessable in order, readable over the phone."""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BITS = 30
_FACTOR = 0x2545F491  # odd, so that multiplying is one-to-one modulo a power of two


def reference(callback_id: int) -> str:
    """``RB-7Q4K-2M`` for a callback's id; different ids below 2**30 never share one."""
    scrambled = callback_id * _FACTOR % (1 << _BITS)
    digits = "".join(ALPHABET[scrambled >> shift & 31] for shift in range(25, -1, -5))
    return f"RB-{digits[:4]}-{digits[4:]}"


def callback_id(text: str) -> int | None:
    """The id behind a reference as somebody typed it, or None when it is not one."""
    digits = text.upper().replace(" ", "").removeprefix("RB").replace("-", "")
    digits = digits.translate(str.maketrans("OIL", "011"))
    if len(digits) != 6 or any(digit not in ALPHABET for digit in digits):
        return None
    scrambled = 0
    for digit in digits:
        scrambled = scrambled << 5 | ALPHABET.index(digit)
    return scrambled * pow(_FACTOR, -1, 1 << _BITS) % (1 << _BITS)
