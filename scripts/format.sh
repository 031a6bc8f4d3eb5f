#!/usr/bin/env bash
# Lays out every C++ file as .clang-format says. `format.sh --check` changes nothing and only complains.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
scripts/setup.sh lint

mapfile -t sources < <(git ls-files --cached --others --exclude-standard '*.cc' '*.h')
if [[ ${1:-} == --check ]]; then
  clang-format-14 --dry-run -Werror --ferror-limit=1 "${sources[@]}" 2>&1 | grep 'error:' | cut -d: -f1 |
    sort -u | sed 's/^/not laid out as .clang-format says: /' | tee build/logs/format.txt >&2 || true
  [[ ! -s build/logs/format.txt ]] || die "./run format mends the layout"
else
  clang-format-14 -i "${sources[@]}"
fi
