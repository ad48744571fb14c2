"""A real PostgreSQL with a cluster of its own."""

import os
import pwd
import shutil
from pathlib import Path

from harness.processes import Folder, Process, free_port, run, wait_until


def _program(name):
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(found[-1]) if found else shutil.which(name) or name


class Postgres:
    """Trusts every local connection; the database and the user are `postgres`."""

    def __init__(self):
        self.folder = Folder("postgres")
        self.data = self.folder.path / "data"
        # It refuses to run as root.
        self.user = "postgres" if os.geteuid() == 0 else None
        if self.user:
            entry = pwd.getpwnam(self.user)
            os.chown(self.folder.path, entry.pw_uid, entry.pw_gid)
        run([_program("initdb"), "-D", self.data, "-U", "postgres", "-A", "trust", "--no-sync", "--locale=C", "-E", "UTF8"],
            user=self.user, cwd=self.folder.path)
        self.port = free_port()
        self.start()

    def start(self):
        """Also after it was killed."""
        self.process = Process(
            "postgres", [_program("postgres"), "-D", self.data, "-p", self.port, "-h", "127.0.0.1",
                         "-k", self.folder.path, "-c", "fsync=off", "-c", "max_connections=50"],
            self.folder.path / "postgres.log", user=self.user, cwd=self.folder.path)
        wait_until(lambda: self.psql("select 1", check=False).returncode == 0, "PostgreSQL", 30)

    def psql(self, *statements, port=None, check=True, stdin=None, seconds=120):
        words = [word for statement in statements for word in ("-c", statement)]
        return run([_program("psql"), "-h", "127.0.0.1", "-p", port or self.port, "-U", "postgres", "-X", "-q", "-A", "-t",
                    "-v", "ON_ERROR_STOP=1", *words], check=check, stdin=stdin, seconds=seconds,
                   env=os.environ | {"PGCONNECT_TIMEOUT": "10", "PGSSLMODE": "disable"})

    def pgbench(self, *words, port=None, seconds=120):
        return run([_program("pgbench"), "-h", "127.0.0.1", "-p", port or self.port, "-U", "postgres", *words, "postgres"],
                   seconds=seconds, env=os.environ | {"PGSSLMODE": "disable"})

    def stop(self):
        self.process.kill()
        self.folder.remove()
