# holdfast:certs-root v1
# root
#
# Which certificates stand on this host, as root: keys and folders that an ordinary login may not look into are seen.
# Reads only. Arguments and output as certs.sh says them; the last line is end=certs-root v1.
#
# part:basics
# part:certs
look certs-root "$@"
