#!/bin/sh
# Fails when a library needs a glibc newer than 2.17: a tenant's image may be that old.
newer=$(objdump -T "$1" | grep -o 'GLIBC_[0-9.]*' | sort -u -V | awk -F'[_.]' '$2 > 2 || ($2 == 2 && $3 > 17)')
[ -z "$newer" ] && exit 0
echo "$1 needs a newer glibc than 2.17:" $newer >&2
objdump -T "$1" | grep -F -e "$(echo "$newer" | head -1)" >&2
exit 1
