"""Named steps: each prints a line, and the program's exit status says whether all were as expected."""

import sys
import traceback


class Steps:
    """Runs steps in the order in which they are declared, and remembers which failed."""

    def __init__(self, client):
        self.client = client
        self.failed = []

    def step(self, name):
        """Runs the decorated function at once, as the step of this name."""

        def run(function):
            try:
                function()
                print(f"{self.client}: ok {name}", flush=True)
            except Exception as error:  # whatever a client raises is a finding
                self.failed.append(name)
                place = traceback.extract_tb(error.__traceback__)[-1]
                said = f"{type(error).__name__}: {error}"[:600]
                print(f"{self.client}: FAILED {name}: {said} ({place.name}:{place.lineno})", flush=True)
            return function

        return run

    def finish(self):
        """Ends the program; not with 0 if a step failed."""
        if self.failed:
            sys.exit(f"{self.client}: failed: {', '.join(self.failed)}")


def expect(what, found, wanted):
    """Fails unless what was found is what was wanted."""
    if found != wanted:
        raise AssertionError(f"{what}: {found!r}, not {wanted!r}")
