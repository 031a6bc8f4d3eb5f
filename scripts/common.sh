# Read by the other scripts: where things are, how to speak, how to fail.
set -euo pipefail
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$project"

jobs=${VITRINE_JOBS:-$(nproc)}
started_seconds=${started_seconds:-$(date +%s)}
export started_seconds
exec 3>&2  # what say() writes to, also where a step's output goes to a log

# say TEXT: one line, with the time since the command started.
say() {
  local seconds=$(($(date +%s) - started_seconds))
  printf '[%2d:%02d] %s\n' $((seconds / 60)) $((seconds % 60)) "$*" >&3
}

# die TEXT: say what is wrong and stop.
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# No script ends without a word: a command that fails unasked says where.
trap 'say "stopped: ${BASH_SOURCE[0]##*/} line $LINENO: $BASH_COMMAND"' ERR
set -o errtrace

# quietly LOG COMMAND...: runs it with its output in LOG, which is shown only when it fails: from the
# first error on where one is marked as such, else its end.
quietly() {
  local log=$1 first
  shift
  mkdir -p "$(dirname "$log")"
  if ! "$@" >"$log" 2>&1 </dev/null; then
    first=$(grep -n -m 1 -iE '^FAILED|error:|^E: ' "$log" | cut -d: -f1) || first=1  # none is marked
    tail -n "+${first:-1}" "$log" | head -n 200 >&2
    die "this failed: $*  (its output is above; all of it is in $log)"
  fi
}

# retry COMMAND...: up to four times, for what needs the network.
retry() {
  local attempt
  for attempt in 1 2 3; do
    "$@" && return 0
    say "failed, perhaps the network; try $((attempt + 1)) of 4 in $((attempt * 10)) s: $1 ${2:-}"
    sleep $((attempt * 10))
  done
  "$@"
}
