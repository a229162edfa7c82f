"""Seeks what is personal in every byte of files: as text in several encodings and writings, as numbers in several
layouts, in base64 and hexadecimal, and as hashes that are not keyed.

Only the standard library.
"""

import base64
import hashlib
import struct
import unicodedata

# A short number occurs in any noise: it counts only when its partner stands beside it.
NEAR = 48


def folded(text):
    """Without accents."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def text_forms(text):
    """The writings of a text: as it is, without accents, composed and decomposed, capitals, small."""
    forms = set()
    for base in (text, folded(text), text.replace("'", "’"), text.replace("’", "'")):
        for case in (base, base.upper(), base.lower()):
            forms |= {unicodedata.normalize("NFC", case), unicodedata.normalize("NFD", case)}
    return forms


def phone_forms(phone):
    """National and international writings of a French phone number."""
    digits = "".join(c for c in phone if c.isdigit())
    digits = "0" + digits[2:] if digits.startswith("33") else digits
    pairs = [digits[at : at + 2] for at in range(0, 10, 2)]
    bare = digits[1:]
    triples = f"{bare[0]} {bare[1:3]} {bare[3:5]} {bare[5:7]} {bare[7:9]}"
    forms = {digits, "33" + bare, bare, triples, f"{digits[:4]} {digits[4:7]} {digits[7:]}"}
    return forms | {separator.join(pairs) for separator in (" ", ".", "-", "/", "\u00a0")}


def wrapped(plain):
    """Bytes in base64 and hexadecimal, wherever they stand in what was wrapped."""
    forms = {plain.hex().encode()}
    for shift in range(3):
        code = base64.b64encode(b"\0" * shift + plain)
        # Six bits a character: those that also hold bits of a neighbour are cut off.
        inner = code[-(-shift * 8 // 6) : (shift + len(plain)) * 8 // 6]
        if len(inner) >= 6:
            forms |= {inner, inner.replace(b"+", b"-").replace(b"/", b"_")}
    return forms


def hashes(text):
    """Hashes that anybody can compute, whole and as hexadecimal: of a phone they give the phone away."""
    forms = set()
    for name in ("md5", "sha1", "sha256"):
        digest = hashlib.new(name, text.encode()).digest()
        forms |= {digest[:16], digest[:16].hex().encode()}
    return forms


class Needles:
    """What is sought: bytes under the name of what they give away."""

    def __init__(self):
        self.exact = {}
        self.in_any_case = {}
        self.couples = {}

    def _add(self, what, forms, in_any_case=False):
        for form in forms:
            if len(form) >= 5 and in_any_case:
                self.in_any_case.setdefault(form.lower(), what)
            elif len(form) >= 5:
                self.exact.setdefault(form, what)

    def _add_text(self, what, forms):
        for form in forms:
            self._add(what, {form.encode(), form.encode("utf-16-le"), form.encode("utf-16-be")}, in_any_case=True)
            self._add(what, wrapped(form.encode()))

    def text(self, what, text):
        """A text of any kind. Short words are not sought: they would be found in anything."""
        self._add_text(what, text_forms(text))
        for form in {text, folded(text).lower()}:
            self._add(f"{what} (plain hash)", hashes(form))
        return self

    def phone(self, what, phone):
        forms = phone_forms(phone)
        self._add_text(what, forms)
        bare = int(min(forms, key=len))
        for form in (phone, f"0{bare}", f"33{bare}", f"+33{bare}", str(bare)):
            self._add(f"{what} (plain hash)", hashes(form))
        self._add(f"{what} (number)", {struct.pack("<Q", bare), struct.pack(">Q", bare)})
        digits = "0" + str(bare)
        self._add(f"{what} (packed digits)", {bytes.fromhex(digits)})
        return self

    def position(self, what, lon, lat):
        """A position as text with at least four decimals, and as numbers."""
        self.place_in_text(f"{what} (text)", lon, lat, decimals=4)
        for value in (lon, lat):
            # Whatever is longer begins like one of these. Fewer than six digits also occur in a moment: 22:24:40.1363.
            decimals = 4 if abs(value) >= 10 else 6
            for number in {f"{value:.12f}"[: decimals - 12], f"{value:.{decimals}f}"}:
                self._add_text(f"{what} (text)", {number, number.replace(".", ",")})
            for exact in {value, round(value, 7), round(value, 6), round(value, 5)}:
                for layout in ("<d", ">d"):
                    self._add(f"{what} (f64)", {struct.pack(layout, exact)})
            self._add(f"{what} (f64)", wrapped(struct.pack("<d", value)) | wrapped(struct.pack(">d", value)))
            for scale in (1e6, 1e7):
                number = round(value * scale)
                self._add(f"{what} (i64)", {struct.pack("<q", number), struct.pack(">q", number)})
        lon_radians, lat_radians = (v * 3.141592653589793 / 180 for v in (lon, lat))
        self._add(f"{what} (radians)", {struct.pack(l, v) for l in ("<d", ">d") for v in (lon_radians, lat_radians)})
        for layout in ("<f", ">f"):
            self._couple(f"{what} (f32)", struct.pack(layout, lon), struct.pack(layout, lat))
        for scale in (1e5, 1e6, 1e7):
            for layout in ("<i", ">i"):
                pair = [struct.pack(layout, round(v * scale)) for v in (lon, lat)]
                self._couple(f"{what} (i32 ×{scale:.0e})", *pair)
        return self

    def place_in_text(self, what, lon, lat, decimals=5):
        """A position in an answer that is full of other positions: both numbers, to a metre, beside each other."""
        # What follows the last of these decimals may have been rounded or cut off.
        both = [{f"{value:.12f}"[: decimals - 12].encode(), f"{value:.{decimals}f}".encode()} for value in (lon, lat)]
        for first in both[0]:
            for second in both[1]:
                self._couple(what, first, second)
        return self

    def secret(self, what, plain):
        """Bytes or a text that must not lie there in any form."""
        plain = plain.encode() if isinstance(plain, str) else plain
        self._add(what, {plain} | wrapped(plain))
        return self

    def bytes(self, what, plain):
        """Bytes as they are, and as hexadecimal: of a ciphertext or a keyed hash."""
        self._add(what, {plain, plain.hex().encode()})
        return self

    def _couple(self, what, first, second):
        self.couples[(first, second)] = what

    def __len__(self):
        return len(self.exact) + len(self.in_any_case) + len(self.couples)

    def found_in(self, haystack):
        """What these bytes give away: {what: where it stands first}."""
        found = {}
        for hay, forms in ((haystack, self.exact), (haystack.lower(), self.in_any_case)):
            for form, what in forms.items():
                at = -1 if what in found else hay.find(form)
                if at >= 0:
                    found[what] = at
        for (first, second), what in self.couples.items():
            at = haystack.find(first)
            while at >= 0 and what not in found:
                if second in haystack[max(0, at - NEAR) : at + NEAR]:
                    found[what] = at
                at = haystack.find(first, at + 1)
        return found

    def found_in_files(self, files):
        """`file at byte: what` of everything found, and how many bytes were read."""
        lines, read = [], 0
        for file in files:
            try:
                haystack = file.read_bytes()
            except FileNotFoundError:
                continue
            read += len(haystack)
            lines += [f"{what} in {file.name} at byte {at}" for what, at in self.found_in(haystack).items()]
        return lines, read
