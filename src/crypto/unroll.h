/* Loops over the limbs of a number in lanes: unrolled, so that limbs stay in registers. */
#ifndef CRYPTO_UNROLL_H
#define CRYPTO_UNROLL_H

#ifdef __clang__
#define FIELD_UNROLL _Pragma("unroll")
#else
#define FIELD_UNROLL _Pragma("GCC unroll 16")
#endif

#endif
