#!/usr/bin/env bash
# Installs what building and testing need, and nothing when all is there. Usage: setup.sh [GROUP...]
# GROUP is a section of scripts/debian_packages.txt beyond [build] and [test].
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# wanted_packages GROUP...: "package<TAB>why" of these sections.
wanted_packages() {
  awk -v groups=" $* " '
    /^\[/ { inside = index(groups, " " substr($1, 2, length($1) - 2) " "); next }
    !inside || /^#/ || NF == 0 { next }
    {
      package = $1; $1 = ""
      if ($2 ~ /^unless:/) {
        program = substr($2, 8); $2 = ""
        if (system("command -v " program " >/dev/null 2>&1") == 0) next
      }
      gsub(/^ +/, ""); print package "\t" $0
    }' scripts/debian_packages.txt
}

# missing_packages GROUP...: those lines whose package is not installed.
missing_packages() {
  local package why
  local -A installed=()
  while read -r package; do installed[${package%%:*}]=1; done < <(
    dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' 2>/dev/null | awk '$1 == "ii" { print $2 }')
  while IFS=$'\t' read -r package why; do
    [[ -n ${installed[$package]:-} ]] || printf '%s\t%s\n' "$package" "$why"
  done < <(wanted_packages "$@")
}

install_debian_packages() {
  if ! command -v apt-get >/dev/null; then
    say "no apt-get here: this project expects what scripts/debian_packages.txt lists to be installed"
    return
  fi
  local missing names as_root=() package why
  missing=$(missing_packages "$@")
  [[ -z $missing ]] && return
  mapfile -t names < <(cut -f1 <<<"$missing")
  if [[ $(id -u) != 0 ]]; then
    command -v sudo >/dev/null ||
      die "these Debian packages are missing, and there is no sudo; as root: apt-get install ${names[*]}"
    as_root=(sudo)
  fi
  say "installing ${#names[@]} Debian packages with apt-get:"
  while IFS=$'\t' read -r package why; do printf '          %-22s %s\n' "$package" "$why" >&2; done <<<"$missing"
  # In a container or CI nobody needs dpkg to wait for the disk after each of some 600 packages.
  local options=(-o Acquire::Retries=3 -o DPkg::Lock::Timeout=300)
  [[ -n ${CI:-} ]] && options+=(-o Dpkg::Options::=--force-unsafe-io)
  apt_install() {
    "${as_root[@]}" apt-get "${options[@]}" -qq update &&
      "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" -qq -y \
        --no-install-recommends install "${names[@]}"
  }
  quietly build/logs/apt.log retry apt_install
}

# The web packages need this Node; Debian 12 has 18.
check_node() {
  local version
  version=$(node --version 2>/dev/null) || die "node was not found although it should be installed now"
  version=${version#v}
  ((${version%%.*} >= 18)) || die "node $version is too old: 18 or newer is needed"
}

# The tests build shops with Vite 7, which needs a function that came with Node 20.12.
node_is_new() {
  node -e 'process.exit(require("crypto").hash ? 0 : 1)'
}

# npm_install DIR: what its package-lock.json names, once for each state of that file.
npm_install() {
  local directory=$1 stamp=$1/node_modules/.vitrine_installed state
  [[ -f $directory/package-lock.json ]] || return 0
  state=$(cat "$directory/package.json" "$directory/package-lock.json" | sha256sum)
  [[ -f $stamp && $(<"$stamp") == "$state" ]] && return
  say "installing the npm packages of $directory/"
  quietly "build/logs/npm_${directory//\//_}.log" retry npm --prefix "$directory" ci \
    --no-audit --no-fund --loglevel=error
  printf '%s\n' "$state" >"$stamp"
}

# room_step SCRIPT: a set-up step of a room; it decides itself whether there is something to do. What
# it unpacks on the way may be too much for a small /tmp.
room_step() {
  [[ -x $1 ]] || return 0
  mkdir -p build/tmp
  TMPDIR=$project/build/tmp retry "$@" </dev/null
}

install_debian_packages build test "$@"
check_node
for directory in web examples/demo-shop tests/web/fixtures; do npm_install "$directory"; done
node_is_new || npm_install scripts/node
room_step scripts/setup_onnxruntime.sh
room_step scripts/models/setup.sh
