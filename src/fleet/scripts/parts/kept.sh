# What was kept of certificates before they were renewed stands below $base/<intent>/:
#   files     first `archive NAME`, then one line a file: SHA256 MODE UID GID MTIME PATH (of a link: the hash of where it leads)
#   NAME      the archive, root's alone
#   do/<n>/   what was begun for it
#   aside/    what stood in the place of a file that was put back

base=/var/lib/holdfast/certs

# The store of an intent; what is no id of ours names nothing.
store_of() {
  case $1 in '' | .* | *[!A-Za-z0-9._-]*) return 1 ;; esac
  store=$base/$1
}

sum() {
  if [ -L "$1" ]; then
    printf 'link:%s' "$(readlink "$1")" | sha256sum | cut -d' ' -f1
  else
    sha256sum <"$1" 2>/dev/null | cut -d' ' -f1
  fi
}
there() { [ -e "$1" ] || [ -L "$1" ]; }
# mode uid gid mtime
meta() { stat -c '%a %u %g %Y' "$1"; }
line_of() { printf '%s %s %s\n' "$(sum "$1")" "$(meta "$1")" "$1"; }
flush() { within 10 sync "$@" || within 10 sync || true; }

# What has tar keep access lists and SELinux contexts, too; empty where it cannot.
whole() {
  help=$(t tar --help)
  for option in --acls --xattrs --selinux; do case $help in *"$option"*) printf '%s ' "$option" ;; esac done
}

# The lines of files that were kept, without the name of the archive.
kept_lines() { sed -n '2,$p' "$store/files" 2>/dev/null; }
archive_of() { sed -n '1s/^archive //p' "$store/files" 2>/dev/null; }
# The path of such a line, which may have blanks in it.
path_of() { printf '%s' "${1#* * * * * }"; }
