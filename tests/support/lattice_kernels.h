/* The kernels of the lattice cipher against definitions, and against each other. */
#ifndef TESTS_SUPPORT_LATTICE_KERNELS_H
#define TESTS_SUPPORT_LATTICE_KERNELS_H

#include "src/crypto/lattice_ring.h"

/* Products by the kernel's transforms are those of the definition, for every degree from 64 on, random and extreme coefficients. */
void lattice_check_products(fate_context *context, const struct lattice_kernel *kernel);
/* Sums of many products at the largest number of terms. */
void lattice_check_sums(fate_context *context, const struct lattice_kernel *kernel);
/* Inner products, binomial numbers and added rows as defined. */
void lattice_check_loops(const struct lattice_kernel *kernel);

#endif
