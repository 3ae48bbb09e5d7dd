# holdfast:certs v1
#
# Which certificates stand on this host. Reads only; of a private key nothing leaves but the hash of its public half.
# The same as certs-root, for a login without root: what it may not read is named.
#
# Arguments: further files and folders to look at, absolute paths
# Output, per file, in order of their paths:
#   file=…                  the file; or a folder that could not be looked into
#   link=…                  where it leads, when it is a symbolic link
#   owner=user:group  mode=640  mtime=seconds since 1970
#   unread=root             it is there and this login may not read it
#   at=…                    the field of a kubeconfig that the next block stands in
#   pem=…                   one CERTIFICATE block, base64 without line ends; `?` for what is no base64
#   b64=…                   a field of a kubeconfig: a PEM file in base64
#   der=…                   a file that is no PEM and begins as a certificate in DER does, in base64
#   broken=…                a block that has no end, or is longer than any certificate; a file that is neither PEM nor a
#                           certificate, or has more behind it: nothing of it leaves, it may be a private key
#   cut=yes                 longer than 96 KB: what stands behind that was not read
#   key=…                   file of the private key that belongs to it
#   keypin=…                SHA-256 of its public key (SubjectPublicKeyInfo, DER), hex
#   keywhy=root|openssl|unreadable   why there is no keypin
# more=yes                  there are more files, or more of them, than one answer holds
# end=certs v1
#
# part:basics
# part:certs
look certs "$@"
