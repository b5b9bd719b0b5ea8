# Sourced: Debian packages without being installed, from its archive.

# Unpacks Debian packages into a folder, once.
unpack() {
  local folder=$1 package
  shift
  for package in "$@"; do
    [[ ! -e $folder/$package.there ]] || continue
    mkdir -p "$folder"
    (cd "$folder" && rm -f -- "$package"_*.deb &&
      { apt-get -qq download "$package" || { apt-get -qq update && apt-get -qq download "$package"; }; } &&
      dpkg -x "$package"_*.deb . && rm "$package"_*.deb) >"$folder/$package.log" 2>&1 || return 1
    touch "$folder/$package.there"
  done
}
