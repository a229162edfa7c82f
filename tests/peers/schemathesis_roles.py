"""schemathesis over the OpenAPI document of our running server, with each role's session, on throwaway databases.

    target/venv-interface/bin/python tests/peers/schemathesis_roles.py [--seconds N] [--seed N] [ROLE…]

Each operation is asked with generated requests, half of them with keys of records that exist; each answer is checked
against the document: not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance.
One line per role: `ok` or `short`, what, the figure, the target; the first request of each kind that fails is printed as
a curl command. Exit 0 when all are clean. Packages: tests/peers/requirements-interface.txt.
"""

import argparse
import collections
import contextlib
import pathlib
import random
import shutil
import sqlite3
import sys
import time
import warnings

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "acceptance"))
import hypothesis  # noqa: E402
import schemathesis  # noqa: E402
from hypothesis import strategies  # noqa: E402
from schemathesis.checks import not_a_server_error  # noqa: E402
from schemathesis.config import SchemathesisConfig  # noqa: E402
from schemathesis.core.failures import Failure, FailureGroup  # noqa: E402
from schemathesis.specs.openapi.checks import (  # noqa: E402
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from trust_server import COOKIE, ROLES, Place, Server  # noqa: E402

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
# Requests for an operation that the role may not use: one refusal is like another.
REFUSED_ENOUGH = 3
MOST = 60


class Run:
    """One role's requests to a server of its own."""

    def __init__(self, place, role, accounts, seconds, seed):
        self.place, self.role, self.accounts = place, role, accounts
        self.seconds, self.seed = seconds, seed
        self.statuses = collections.Counter()
        self.reached = set()
        self.failures = {}

    def all(self):
        with Server(self.place) as server:
            self.server = server
            document = server.client().ask("GET", "/api/openapi.json").json()
            config = SchemathesisConfig()
            schema = schemathesis.openapi.from_dict(document, config=config)
            schema.config.update(base_url=f"http://127.0.0.1:{server.port}")
            operations = [result.ok() for result in schema.get_all_operations()]
            # Those that end one's session or change accounts come last: what they break is broken late.
            operations.sort(key=lambda o: (o.method.upper() != "GET", "password" in o.path or o.method.upper() == "DELETE", o.path))
            self.cookie = None
            self.sign_in()
            end = time.monotonic() + self.seconds
            for at, operation in enumerate(operations):
                left = end - time.monotonic()
                self.one(operation, max(left / (len(operations) - at), 0.05))
            return len(operations)

    def sign_in(self):
        if self.role == "nobody":
            return
        # A throwaway database: what is slowed down for guessers is forgotten.
        with contextlib.closing(sqlite3.connect(self.place.database, timeout=20)) as connection:
            connection.execute("delete from throttles")
            connection.commit()
        client = self.server.client(self.role)
        answer = client.sign_in(*self.accounts[self.role])
        self.cookie = client.cookies.get(COOKIE)
        if answer.status != 200:
            raise RuntimeError(f"{self.role} cannot sign in any more: {answer}")

    def one(self, operation, seconds):
        name = f"{operation.method.upper()} {operation.path}"
        end = time.monotonic() + seconds
        refused = 0

        @hypothesis.seed(self.seed)
        @hypothesis.settings(
            max_examples=MOST,
            deadline=None,
            database=None,
            phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        @hypothesis.given(case=operation.as_strategy(), known=strategies.integers(-4, 4))
        def ask(case, known):
            nonlocal refused
            # At least two requests each, however slow.
            if refused >= REFUSED_ENOUGH or (time.monotonic() > end and ask.count >= 2):
                return
            ask.count += 1
            if known > 0 and "id" in (case.path_parameters or {}):
                case.path_parameters["id"] = known
            response = self.call(case)
            if response.status_code == 429:
                self.sign_in()
                response = self.call(case)
            if response.status_code == 401 and self.cookie and b"sign_in_needed" in response.content:
                # The request before may have ended the session: once more with a new one.
                self.sign_in()
                response = self.call(case)
            self.statuses[response.status_code] += 1
            if response.status_code < 300:
                self.reached.add(name)
            if response.status_code == 403 and b"not_allowed" in response.content:
                refused += 1
            try:
                case.validate_response(response, checks=CHECKS)
            except (FailureGroup, Failure) as failure:
                for one in getattr(failure, "exceptions", [failure]):
                    key = (name, type(one).__name__, response.status_code)
                    words = " ".join(f"{one.title}: {one.message}".split())[:400]
                    self.failures.setdefault(key, (words, case.as_curl_command({"Cookie": f"{COOKIE}={self.role}"})))

        ask.count = 0
        try:
            ask()
        except Exception as error:  # noqa: BLE001  a request that cannot be made is a result, too
            self.failures.setdefault((name, type(error).__name__, 0), (" ".join(str(error).split())[:400], ""))

    def call(self, case):
        return case.call(cookies={COOKIE: self.cookie} if self.cookie else None, timeout=30)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("roles", nargs="*", metavar="ROLE", help="nobody, " + ", ".join(ROLES))
    parser.add_argument("--seconds", type=float, default=70, help="in all")
    parser.add_argument("--seed", type=int, default=2020)
    arguments = parser.parse_args()
    roles = arguments.roles or ["nobody", *ROLES]
    warnings.simplefilter("ignore")
    random.seed(arguments.seed)
    clean = True
    with Place() as made:
        accounts = made.demonstration()
        pristine = made.folder / "pristine"
        shutil.copytree(made.var, pristine)
        for role in roles:
            shutil.rmtree(made.var)
            shutil.copytree(pristine, made.var)
            run = Run(made, role, accounts, arguments.seconds / len(roles), arguments.seed)
            count = run.all()
            statuses = ", ".join(f"{status}: {number}" for status, number in sorted(run.statuses.items()))
            holds = not run.failures
            clean = clean and holds
            figure = f"{sum(run.statuses.values())} requests to {count} operations, {len(run.reached)} of them answered 2xx ({statuses})"
            more = "" if holds else f"; {len(run.failures)} kinds of failure"
            print(f"{'ok' if holds else 'short':5}  schemathesis as {role}  {figure}{more}  clean", flush=True)
            for (name, kind, status), (words, curl) in run.failures.items():
                print(f"    {name} → {status}: {words}\n        {curl[:600]}", flush=True)
    sys.exit(0 if clean else 1)


if __name__ == "__main__":
    main()
