"""`make bench-use`: use kept up on import, beside import without it in the same run; what nobody used, for everyone;
a narrowed policy and its proof that nothing is new.

Targets: import at most 10 % slower, 25,000 records/s; unused for everyone in 10 s or less. RECORDS=, PRINCIPALS=,
ROWS= (of use). Beside what passed by the clock stand the seconds that processes computed: on a machine with other work
they wait, too.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

RECORDS = int(os.environ.get("RECORDS", "400000"))


def main() -> None:
    # The process that reads files imports this module: what measures is imported here.
    from benchmarks.use_asked import BEGIN, END, everyone, narrowed
    from benchmarks.use_import import imports
    from erstwhile.api.cli.console import out
    from erstwhile.api.database.database import Database
    from erstwhile.api.database.settings import Settings
    from erstwhile.api.imports.files import find_files

    def row(what: str, words: str) -> None:
        out.print(f"  {what:<46} {words}", highlight=False)

    with tempfile.TemporaryDirectory(prefix="erstwhile-bench-") as folder:
        subprocess.run([sys.executable, "-m", "tests.support.generated_trail", folder, str(RECORDS)], check=True)
        database = Database.open(Settings(home=Path(folder) / "home"))
        try:
            imports(database, find_files([Path(folder)]), (BEGIN, END), row)
        finally:
            database.close()
    everyone(row)
    narrowed(row)


if __name__ == "__main__":
    main()
