/*
 * Included before everything in libaliquot.so: binds the functions that glibc 2.32 to 2.34 moved into libc.so.6 to their
 * oldest version, so that the library also loads in a tenant's image with glibc 2.17. check-glibc.sh holds it to that.
 */
#ifndef ALIQUOT_GLIBC_FLOOR_H
#define ALIQUOT_GLIBC_FLOOR_H

#if defined __x86_64__
#define ALIQUOT_GLIBC_OLDEST "GLIBC_2.2.5"
#elif defined __aarch64__
#define ALIQUOT_GLIBC_OLDEST "GLIBC_2.17"
#endif
#define ALIQUOT_BIND(name) __asm__(".symver " #name ", " #name "@" ALIQUOT_GLIBC_OLDEST)

ALIQUOT_BIND(dlopen);
ALIQUOT_BIND(dlvsym);
ALIQUOT_BIND(pthread_create);
ALIQUOT_BIND(pthread_sigmask);

#endif
