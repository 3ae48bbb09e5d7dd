# holdfast:reach v1
# Proves that a script gets through and comes back whole. No arguments, no effect.
{
  printf 'hostname=%s\n' "$(uname -n)"
  printf 'end=reach v1\n'
} </dev/null
