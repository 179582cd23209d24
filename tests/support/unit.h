/* What every cmocka program includes, in the order that cmocka wants. */
#ifndef TESTS_SUPPORT_UNIT_H
#define TESTS_SUPPORT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h> /* before gmp.h, which else does not declare what takes a FILE */
#include <string.h>

#include <cmocka.h>

#endif
