"""The lines of an acceptance run: `ok` or `short`, the item, the figure, the target."""

import contextlib


class Tally:
    """Prints the lines and remembers how many held."""

    def __init__(self):
        self.held = self.short = self.skipped = 0

    def item(self, name, holds, figure, target):
        if holds:
            self.held += 1
        else:
            self.short += 1
        print(f"{'ok' if holds else 'short':5}  {name}  {figure}  {target}", flush=True)

    def none(self, name, complaints, figure, target):
        """Holds when there is nothing to complain of; else the first complaints are the figure."""
        complaints = list(dict.fromkeys(complaints))
        more = f" … and {len(complaints) - 6} more" if len(complaints) > 6 else ""
        self.item(name, not complaints, "; ".join(map(str, complaints[:6])) + more if complaints else figure, target)

    def skip(self, name, remedy):
        self.skipped += 1
        print(f"SKIPPED {name}: {remedy}", flush=True)

    @contextlib.contextmanager
    def part(self, name):
        """What goes wrong inside is a `short` line, not the end of the measurement."""
        try:
            yield
        except Exception as error:  # noqa: BLE001  any failure of a part is a result
            words = " ".join(str(error).split())
            self.item(name, False, f"{type(error).__name__}: {words[:600]}", "no error")
