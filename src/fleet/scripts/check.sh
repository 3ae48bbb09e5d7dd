# holdfast:check v1
#
# Looks at one host: what it is, how it is, who changes it. Reads only, changes nothing, needs no root (and says what it
# did not see for want of it). POSIX sh: dash, busybox ash, bash. Arrives on stdin of `sh -s` after `set -- 'arg' …`.
#
# Output contract v1 (held by contract.ts; keys and types in ../facts/catalogue.ts), one line each:
#   key=value            a scalar. number: decimal; yesno: yes or no; time: seconds since 1970, decimals allowed;
#                        version and text: as the host says it
#   key[]=item           one item of a list; `key[]=` alone: looked, and there is none
#   key{}={"a":1,…}      one row of a table, one-line JSON; yesno as true/false, time as number; `key{}=` alone: no rows
#   key?=reason          not obtained: `root` (needs root or the sudoers line), `timeout`, `failed <rc>`
#   end=check v1         the last line: what came before is whole
# A fact the host does not have (no systemd, no Xen …) has no line at all. Values are one line without control
# characters, at most 500 characters; a key has at most 40 items or rows; a scalar comes once. Facts the catalogue calls
# derived are never printed. boot_id, hostname, kernel, arch, uptime, host_time and check_ms always are.
#
# Arguments (check-args.ts makes and reads them), service probes one after the other:
#   port <name> <number>                 a listener on that TCP port
#   http <name> <status> <url>           that status, without following redirects
#   command <name> <argc> <argv…>        exit code 0; run as it is, never through a shell
