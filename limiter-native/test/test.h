/* What every cmocka test includes, in the order that cmocka wants. */
#ifndef ALIQUOT_TEST_H
#define ALIQUOT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
