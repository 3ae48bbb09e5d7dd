# holdfast:kernel-once v1
# root
#
# Makes GRUB boot this kernel the next time, and only then; what boots after that is as before.
#
#   <version>   as uname -r says it
#
# Output: entry=… what will boot · refused=… why nothing was changed · end=kernel-once v1

# part:basics

version=$1

refuse() {
  say refused "$1"
  end 'kernel-once v1'
}

case $version in '' | -* | *[!A-Za-z0-9._+~-]*) refuse 'that is no kernel' ;; esac
[ -e "/boot/vmlinuz-$version" ] || refuse "/boot/vmlinuz-$version is not there any more"
[ -d "/lib/modules/$version" ] || [ -d "/usr/lib/modules/$version" ] || refuse "the modules of $version are not there any more"

grub=
for prefix in grub grub2; do
  if have "$prefix-reboot" && [ -d "/boot/$prefix" ]; then grub=$prefix && break; fi
done
[ -n "$grub" ] || refuse 'it does not boot by GRUB, or has no grub-reboot'

entry=
if have grubby; then
  entry=$(t grubby --info="/boot/vmlinuz-$version" | sed -n 's/^id="\{0,1\}\([^"]*\)"\{0,1\}$/\1/p' | head -n 1)
fi
if [ -z "$entry" ] && [ -r "/boot/$grub/grub.cfg" ]; then
  # A submenu's entry is named by both ids: the first entry whose kernel this is, and no recovery.
  # shellcheck disable=SC2016
  entry=$(awk -v image="/vmlinuz-$version" '
    function id(  rest) { rest = $0; if (!sub(/.*menuentry_id_option '"'"'/, "", rest)) return ""; sub(/'"'"'.*/, "", rest); return rest }
    /^submenu / { menu = id() ">" }
    /^menuentry / { menu = "" }
    /^[ \t]*menuentry / { now = id() }
    /^}/ && menu != "" { menu = "" }
    /^[ \t]*linux(efi|16)?[ \t]/ && now != "" && now !~ /recovery/ { if (substr($2, length($2) - length(image) + 1) == image) { print menu now; exit } }' "/boot/$grub/grub.cfg")
fi
[ -n "$entry" ] || refuse "there is no boot entry for $version"
said=$("$grub-reboot" "$entry" 2>&1) || refuse "$grub-reboot: $said"
"$grub-editenv" "/boot/$grub/grubenv" list 2>/dev/null | grep -qxF "next_entry=$entry" || refuse "$grub-reboot changed nothing"
say entry "$entry"
end 'kernel-once v1'
