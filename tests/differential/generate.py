# SPDX-License-Identifier: Apache-2.0
"""All generated programs of the differential suite. `python generate.py FOLDER` writes them out, to be looked at."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from generate_files import file_families
from generate_text import text_families


def generated() -> dict[str, str]:
    """Give the source of every generated program by its name; no two of them are alike."""
    made: dict[str, str] = {}
    seen: dict[str, str] = {}
    for name, source in (*text_families(), *file_families()):
        code = source.partition("*/")[2]
        assert name not in made, f"two programs are called {name}"
        assert code not in seen, f"{name} is {seen.get(code)} again"
        made[f"generated/{name}"] = source
        seen[code] = name
    return made


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, source in generated().items():
        (folder / f"{Path(name).name}.c").write_text(source)
    print(f"{len(generated())} programs in {folder}")
