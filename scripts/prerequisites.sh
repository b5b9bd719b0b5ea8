#!/usr/bin/env bash
# Makes sure that the compiler and the system libraries of the build are there.
#
# On Debian and its relatives, missing libraries are installed; elsewhere they are only named.
set -euo pipefail

readonly packages=(libpng-dev zlib1g-dev)
readonly needed_major=6 needed_minor=2

missing_packages() {
  local package
  for package in "${packages[@]}"; do
    dpkg -s "$package" 2>/dev/null | grep -q '^Status: install ok installed' || echo "$package"
  done
}

install_libraries() {
  if ! command -v dpkg >/dev/null || ! command -v apt-get >/dev/null; then
    echo "note: not a Debian system; the build needs the headers of libpng 1.6 and zlib" >&2
    return
  fi
  local missing as_root=()
  mapfile -t missing < <(missing_packages)
  ((${#missing[@]})) || return 0
  if ((EUID != 0)); then
    command -v sudo >/dev/null || {
      echo "error: please install as root: apt-get install ${missing[*]}" >&2
      exit 1
    }
    as_root=(sudo)
  fi
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y)
  echo "Installing ${missing[*]} ..."
  "${apt[@]}" install --no-install-recommends "${missing[@]}" 2>/dev/null && return
  "${apt[@]}" update
  "${apt[@]}" install --no-install-recommends "${missing[@]}"
}

check_swift() {
  local found=none major minor
  if command -v swift >/dev/null; then
    found=$(swift --version 2>/dev/null | grep -oE 'Swift version [0-9]+\.[0-9]+' | head -n 1) || true
    found=${found#Swift version }
  fi
  IFS=. read -r major minor <<<"$found"
  if [[ $found == *.* ]] &&
    ((major > needed_major || (major == needed_major && minor >= needed_minor))); then
    return
  fi
  echo "error: Swift $needed_major.$needed_minor or newer is needed, found: ${found:-unknown}" >&2
  echo "       Install it with swiftly (https://www.swift.org/install) and put it on the PATH." >&2
  exit 1
}

check_swift
install_libraries
